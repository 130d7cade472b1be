// Prints what a header costs in a release build; asserts nothing, since machines differ.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "base/time.h"
#include "encap_capture.h"

namespace weir::decode {
namespace {

#ifdef NDEBUG
constexpr int kRounds = 200'000;
#else
constexpr int kRounds = 200;
#endif

/// 64 headers of 128 octets that differ in addresses and ports.
std::vector<std::vector<std::uint8_t>> variants(const std::string& head, std::size_t addressAt, std::size_t portAt) {
  std::vector<std::vector<std::uint8_t>> out;
  for (unsigned i = 0; i < 64; ++i) {
    auto bytes = test::unhex(head);
    bytes.resize(128);
    bytes[addressAt + 3] = static_cast<std::uint8_t>(i * 7);
    storeBe16(bytes.data() + portAt, static_cast<std::uint16_t>(32768 + i * 131));
    out.push_back(std::move(bytes));
  }
  return out;
}

void measure(const char* name, const std::vector<std::vector<std::uint8_t>>& headers, unsigned layers) {
  Packet packet;
  unsigned sum = 0;
  const Nanos begin = monotonicNow();
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& header : headers) {
      decodeHeader(1, 1518, 4, header, packet);
      sum += packet.layerCount;
    }
  }
  const double count = static_cast<double>(kRounds) * static_cast<double>(headers.size());
  const double ns = static_cast<double>(monotonicNow() - begin) / count;
  EXPECT_EQ(sum, static_cast<unsigned>(kRounds) * headers.size() * layers);
  std::printf("decode %-24s %6.1f ns\n", name, ns);
}

TEST(Timing, CommonHeaders) {
  const std::string macs = "0200000000aa0200000000bb";
  const std::string ip =
      "450005dc000140004006"
      "0000"
      "0a0401020a040202";
  const std::string tcp =
      "80000050"
      "00000001"
      "00000000"
      "5010ffff"
      "00000000";
  measure("eth ip tcp", variants(macs + "0800" + ip + tcp, 26, 34), 3);
  measure("eth vlan ip tcp",
          variants(macs +
                       "8100"
                       "00640800" +
                       ip + tcp,
                   30, 38),
          4);
  measure("eth ip6 tcp",
          variants(macs +
                       "86dd"
                       "60000000"
                       "05b40640"
                       "20010db8000000000000000000000001"
                       "20010db8000000000000000000000002" +
                       tcp,
                   34, 54),
          3);
  const std::string udpIp =
      "450005dc000140004011"
      "0000"
      "0a0401020a040202";
  measure("eth ip udp", variants(macs + "0800" + udpIp + "8000138800000000", 26, 34), 3);
  measure("eth ip udp vxlan .. tcp",
          variants(macs + "0800" + udpIp +
                       "800012b500000000"
                       "0800000000138900" +
                       macs + "0800" + ip + tcp,
                   26, 34),
          7);
}

}  // namespace
}  // namespace weir::decode
