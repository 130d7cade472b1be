#include "agent/collector_directory.h"

#include <algorithm>
#include <set>

#include "base/log.h"

namespace weir::agent {

Nanos nextBackOff(Nanos last) {
  return last == 0 ? 2 * kSecond : std::min(last * 2, 60 * kSecond);
}

void CollectorDirectory::set(const std::vector<CollectorSettings>& collectors) {
  collectors_ = collectors;
  std::set<std::string> wanted;
  for (const auto& c : collectors)
    if (!IpAddress::parse(c.host)) wanted.insert(c.host);
  std::erase_if(names_, [&](auto& entry) {
    if (wanted.contains(entry.first)) return false;
    loop_.cancel(entry.second.timer);
    return true;
  });
  for (const auto& name : wanted)
    if (names_.try_emplace(name).second) ask(name);
}

std::vector<CollectorTarget> CollectorDirectory::targets() const {
  std::vector<CollectorTarget> out;
  for (const auto& c : collectors_) {
    if (const auto address = IpAddress::parse(c.host)) {
      out.push_back({c, *address});
    } else if (const auto name = names_.find(c.host); name != names_.end() && !name->second.addresses.empty()) {
      out.push_back({c, name->second.addresses.front()});
    }
  }
  return out;
}

void CollectorDirectory::ask(const std::string& name) {
  resolver_.addresses(name, [this, name](const Expected<Resolver::Addresses>& answer) { answered(name, answer); });
}

void CollectorDirectory::answered(const std::string& name, const Expected<Resolver::Addresses>& answer) {
  const auto found = names_.find(name);
  if (found == names_.end()) return;  // no longer wanted
  Name& entry = found->second;
  const bool good = answer.has_value() && !answer->list.empty();
  entry.backOff = good ? 0 : nextBackOff(entry.backOff);
  const Nanos wait = good ? std::clamp(answer->ttl * kSecond, kLeastTtl, kMostTtl) : entry.backOff;
  entry.timer = loop_.after(wait, [this, name] { ask(name); });
  if (!good) {
    if (!std::exchange(entry.complained, true))
      log::warning("cannot resolve the collector " + name + ": " +
                   (answer.has_value() ? std::string("it has no address") : answer.error().text()) +
                   (entry.addresses.empty() ? "; trying again" : "; its last address stays in use"));
    return;
  }
  entry.complained = false;
  // A server that shuffles its answer is no reason to change.
  if (!entry.addresses.empty() &&
      std::is_permutation(answer->list.begin(), answer->list.end(), entry.addresses.begin(), entry.addresses.end()))
    return;
  entry.addresses = answer->list;
  changed_();
}

}  // namespace weir::agent
