#pragma once
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "ipfix/flow_export.h"
#include "support/start.h"

namespace weir::test {

inline IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

/// Definitions `ipsource,tcpdestinationport,inputifindex` with value bytes, as their slots lie in a key.
inline std::shared_ptr<const ipfix::FlowExport> pairsTo(std::vector<ipfix::Collector> collectors,
                                                        bool flowStart = false) {
  return std::make_shared<const ipfix::FlowExport>(
      std::move(collectors),
      std::vector<ipfix::FlowExport::Key>{{ipfix::findKeyElement("ipsource"), 0, 4},
                                          {ipfix::findKeyElement("tcpdestinationport"), 4, 2},
                                          {ipfix::findKeyElement("inputifindex"), 6, 4}},
      ipfix::FlowExport::Counts{true, false}, flowStart);
}

/// A record of it: 10.0.0.`host` to port 443 in by port 7, `octets` of them.
inline ipfix::Record recordOf(const std::shared_ptr<const ipfix::FlowExport>& flow, double octets,
                              std::uint8_t host = 1, std::string_view agent = "192.0.2.1") {
  std::array<std::uint8_t, 16> key{10, 0, 0, host};
  const std::uint16_t port = 443;
  const std::uint32_t input = 7;
  std::memcpy(&key[4], &port, sizeof port);
  std::memcpy(&key[6], &input, sizeof input);
  ipfix::FlowFacts facts;
  facts.key = key.data();
  facts.agent = address(agent);
  facts.dataSource = 3;
  facts.start = kStart + 5 * kMillisecond;
  facts.end = kStart + 3 * kSecond;
  facts.octets = octets;
  facts.reason = ipfix::FlowEnd::idle;
  return {flow, facts};
}

}  // namespace weir::test
