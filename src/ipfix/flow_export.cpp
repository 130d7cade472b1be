#include "ipfix/flow_export.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace weir::ipfix {

namespace {

constexpr std::uint64_t kLargestIfIndex = 0x3FFFFFFE;  // sFlow version 5: above it begin the values that are no ifIndex

void appendNumber(std::string& out, std::uint64_t number, std::size_t octets) {
  for (std::size_t i = octets; i-- > 0;) out += static_cast<char>(number >> i * 8 & 0xFF);
}

void appendOctets(std::string& out, const std::uint8_t* octets, std::size_t size) {
  out.append(reinterpret_cast<const char*>(octets), size);
}

void appendMilliseconds(std::string& out, Nanos time) {
  appendNumber(out, static_cast<std::uint64_t>(time / kMillisecond), 8);
}

void appendCount(std::string& out, double count) {
  constexpr double kMost = 1.8e19;  // below 2^64
  appendNumber(out, static_cast<std::uint64_t>(std::clamp(std::round(count), 0.0, kMost)), 8);
}

void appendKey(std::string& out, const FlowExport::Key& key, const std::uint8_t* octets) {
  const KeyElement& to = *key.element;
  if (to.value == KeyValue::octets) return appendOctets(out, octets + key.offset, to.element.size);
  std::uint64_t number = 0;
  std::memcpy(&number, octets + key.offset, std::min<std::size_t>(key.width, sizeof number));
  if (to.value == KeyValue::interface && number > kLargestIfIndex) number = 0;
  appendNumber(out, number, to.element.size);
}

}  // namespace

FlowExport::FlowExport(std::vector<Collector> collectors, std::vector<Key> keys, Counts counts, bool flowStart)
    : collectors_(std::move(collectors)), keys_(std::move(keys)), counts_(counts), flowStart_(flowStart) {
  std::ranges::sort(collectors_);
  collectors_.erase(std::ranges::unique(collectors_).begin(), collectors_.end());
  for (const bool ip6Agent : {false, true}) {
    std::vector<Element>& fields = elements_[ip6Agent ? 1 : 0];
    fields = {element::kStart, element::kEnd, ip6Agent ? element::kAgentIp6 : element::kAgentIp4, element::kDataSource};
    for (const Key& key : keys_) fields.push_back(key.element->element);
    if (counts_.octets) fields.push_back(counts_.dropped ? element::kDroppedOctets : element::kOctets);
    if (counts_.frames) fields.push_back(counts_.dropped ? element::kDroppedPackets : element::kPackets);
    if (!flowStart_) fields.push_back(element::kFlowEnd);
  }
}

// In the order of elements().
std::string FlowExport::encode(const FlowFacts& facts) const {
  std::string out;
  appendMilliseconds(out, facts.start);
  appendMilliseconds(out, facts.end);
  appendOctets(out, facts.agent.octets.data(), facts.agent.family == IpAddress::Family::v6 ? 16 : 4);
  appendNumber(out, facts.dataSource, element::kDataSource.size);
  for (const Key& key : keys_) appendKey(out, key, facts.key);
  if (counts_.octets) appendCount(out, facts.octets);
  if (counts_.frames) appendCount(out, facts.frames);
  if (!flowStart_) appendNumber(out, static_cast<std::uint64_t>(facts.reason), element::kFlowEnd.size);
  return out;
}

}  // namespace weir::ipfix
