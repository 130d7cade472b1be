#include "ipfix/session.h"

#include <algorithm>

namespace weir::ipfix {

std::uint16_t Session::takeIds() {
  constexpr std::uint16_t kLast = 65'534;  // the last even number, with 65,535 behind it
  const auto inUse = [&](std::uint16_t id) {
    return std::ranges::any_of(ids_, [&](auto& e) { return e.second == id; });
  };
  std::uint16_t id = nextId_;
  do {
    id = nextId_;
    nextId_ = id == kLast ? Message::kLeastTemplateId : static_cast<std::uint16_t>(id + 2);
  } while (inUse(id));
  return id;
}

void Session::setFlows(const std::vector<std::shared_ptr<const FlowExport>>& flows) {
  std::erase_if(ids_, [&](const auto& entry) { return std::ranges::find(flows, entry.first) == flows.end(); });
  for (const auto& flow : flows) {
    if (ids_.contains(flow)) continue;
    const std::uint16_t id = takeIds();
    ids_.emplace(flow, id);
    announceAt_ = INT64_MIN;
  }
}

void Session::beginAnew() {
  message_.clear();
  sequence_ = 0;
  announceAt_ = INT64_MIN;
}

void Session::announce(const Moment& at) {
  if (ids_.empty() || at.monotonic < announceAt_) return;
  flush(at);
  for (const auto& [flow, id] : ids_) {
    for (const bool ip6Agent : {false, true}) {
      const auto number = static_cast<std::uint16_t>(id + (ip6Agent ? 1 : 0));
      if (message_.addTemplate(number, flow->elements(ip6Agent))) continue;
      flush(at);
      (void)message_.addTemplate(number, flow->elements(ip6Agent));  // alone it has room
    }
  }
  flush(at);
  announceAt_ = at.monotonic + kTemplateInterval;
}

bool Session::add(const Record& record, const Moment& at) {
  const auto found = ids_.find(record.of);
  if (found == ids_.end()) return false;
  announce(at);
  const auto id = static_cast<std::uint16_t>(found->second + (record.ip6Agent ? 1 : 0));
  if (message_.addRecord(id, record.octets)) return true;
  flush(at);
  return message_.addRecord(id, record.octets);
}

void Session::flush(const Moment& at) {
  if (message_.empty()) return;
  const Bytes octets = message_.finish({static_cast<std::uint32_t>(at.clock / kSecond), sequence_, domain_});
  const unsigned records = message_.records();
  sequence_ += records;
  send_(octets, records);
  message_.clear();
}

}  // namespace weir::ipfix
