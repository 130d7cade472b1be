// Whatever the host agent reads that others wrote: the first octet picks the reader, the rest is its input.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "agent/dns_answer.h"
#include "agent/docker_names.h"
#include "agent_config/config_file.h"
#include "agent_host/network.h"
#include "agent_host/virtual_machines.h"
#include "agent_sampling/sampled_frame.h"

namespace {

using namespace weir;
using namespace weir::agent;

void check(bool holds) {
  if (!holds) std::abort();
}

void readConfigText(Bytes input) {
  const auto file = parseConfig({reinterpret_cast<const char*>(input.data()), input.size()});
  if (file.usable()) check(!file.settings.collectors.empty() || file.settings.dnsSd);
  for (const auto& problem : file.problems) check(problem.line >= 1 && !problem.message.empty());
}

void readNetlink(Bytes input) {
  netlink::MessageReader messages(input);
  for (netlink::Message message; messages.next(message);) {
    if (const auto link = parseLink(message)) check(!link->name.empty());
    (void)parseAddress(message);
  }
}

/// A packet of a tap with what the kernel says of it in the first octets.
void cutPacket(Bytes input) {
  if (input.size() < 12) return;
  TapPacket packet;
  packet.gsoSize = loadBe16(input.data());
  packet.transport = loadBe16(input.data() + 2) % 512;
  packet.gsoUdp = (input[4] & 1) != 0;
  packet.vlan = (input[4] & 2) != 0;
  const bool ethernet = (input[4] & 4) != 0;
  packet.etherType = (input[4] & 8) != 0 ? 0x86DD : 0x0800;
  packet.linkHeader = input[5] % 32;
  const std::uint32_t headerBytes = loadBe16(input.data() + 6) % (kMaxHeaderBytes + 1);
  const std::vector<std::uint8_t> copy(input.begin() + 12, input.end());  // reading behind it is seen
  packet.bytes = Bytes(copy).first(std::min<std::size_t>(copy.size(), 256));
  packet.length = static_cast<std::uint32_t>(copy.size()) + loadBe16(input.data() + 8);
  packet.chances = packet.gsoSize == 0 ? 1 : (packet.length + packet.gsoSize - 1) / packet.gsoSize;
  FrameMaker maker(input[10]);
  SampledFrame frame;
  std::uint64_t frames = 0;
  maker.make(
      packet, 1 + input[11], headerBytes, ethernet, [&]() -> SampledFrame& { return frame; },
      [&](const SampledFrame& f) {
        check(++frames <= std::max<std::uint64_t>(packet.length, 1));
        check(f.headerLength <= headerBytes);
        check(f.frameLength <= packet.length + 2 * kFcs);
      });
}

/// What Docker and libvirt say of containers and machines.
void readDescriptions(std::string_view text) {
  if (const auto names = parseContainerList(text)) {
    check(names->size() <= kMaxEntities);
    check(uniqueNames(*names).size() <= names->size());
  }
  (void)parseHostname(text);
  check(parseAdapters(text).size() <= 32);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes input(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      readConfigText(input);
      break;
    case 1:
      readNetlink(input);
      break;
    case 2:
      (void)parseDnsAnswer(input);
      break;
    case 3:
      readDescriptions({reinterpret_cast<const char*>(input.data()), input.size()});
      break;
    default:
      cutPacket(input);
      break;
  }
  return 0;
}
