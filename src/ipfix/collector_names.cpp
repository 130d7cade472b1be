#include "ipfix/collector_names.h"

#include <algorithm>

#include "base/log.h"

namespace weir::ipfix {

void CollectorNames::want(const std::set<std::string>& names) {
  std::erase_if(hosts_, [&](const auto& entry) { return !names.contains(entry.first); });
  for (const std::string& name : names) hosts_.try_emplace(name);
}

std::vector<std::string> CollectorNames::toAsk(Nanos now) {
  std::vector<std::string> names;
  for (auto& [name, host] : hosts_) {
    if (host.askAt > now) continue;
    host.askAt = INT64_MAX;
    names.push_back(name);
  }
  return names;
}

Nanos CollectorNames::nextQuestion() const {
  Nanos next = INT64_MAX;
  for (const auto& [name, host] : hosts_) next = std::min(next, host.askAt);
  return next;
}

void CollectorNames::answered(const std::string& name, const Expected<HostAddresses>& answer, Nanos now) {
  const auto found = hosts_.find(name);
  if (found == hosts_.end()) return;  // no longer wanted
  Host& host = found->second;
  if (!answer || answer->list.empty()) {
    host.pause = host.pause == 0 ? kFirstPause : std::min(2 * host.pause, kLongestPause);
    host.askAt = now + host.pause;
    if (host.pause == kFirstPause) complain(name, host, answer ? "it has no address" : answer.error().text());
    return;
  }
  host.pause = 0;
  host.askAt = now + std::clamp(answer->lifetime, kLeastLifetime, kMostLifetime);
  // A server that shuffles its answer is no reason to change.
  const bool stays = host.address && std::ranges::find(answer->list, *host.address) != answer->list.end();
  if (!stays) host.address = answer->list.front();
}

/// Once for each time that a name ceases to be known.
void CollectorNames::complain(const std::string& name, const Host& host, const std::string& why) {
  const std::string line = "IPFIX collector " + name + ": " + why +
                           (host.address ? "; records still go to " + host.address->text()
                                         : "; records for it are lost until a name server knows its address");
  log::warning(complaints_, line);
}

std::optional<IpAddress> CollectorNames::address(const std::string& name) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? std::nullopt : found->second.address;
}

}  // namespace weir::ipfix
