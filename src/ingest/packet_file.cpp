#include "ingest/packet_file.h"

#include <algorithm>
#include <string_view>

namespace weir::ingest {

namespace {

/// What a file is that is no capture, by its first octets, and what to do with it.
std::string adviceFor(Bytes head) {
  static constexpr std::string_view kCompressed[] = {"\x1F\x8B", "\xFD\x37zXZ", "\x28\xB5\x2F\xFD",
                                                     "BZh"};  // gzip, xz, zstd, bzip2
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  const bool compressed = std::ranges::any_of(kCompressed, [&](std::string_view m) { return text.starts_with(m); });
  if (compressed) return "it is compressed: unpack it, or pipe what is unpacked to - (standard input)";
  return "tcpdump -w and dumpcap write such files";
}

}  // namespace

Expected<std::unique_ptr<PacketFile>> openPacketFile(ByteStream& stream) {
  for (const auto& open : {openPcap, openPcapng}) {
    auto file = open(stream);
    if (!file || *file != nullptr) return file;
  }
  const Bytes head = stream.peek(6);
  if (!stream.fault().empty()) return fail("cannot be read: " + stream.fault());
  if (head.empty()) return fail("is empty, expected a capture file; tcpdump -U writes each packet at once");
  return fail("not a pcap or pcapng capture; " + adviceFor(head));
}

}  // namespace weir::ingest
