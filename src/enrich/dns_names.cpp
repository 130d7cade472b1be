#include "enrich/dns_names.h"

#include <algorithm>
#include <utility>

namespace weir::enrich {

DnsNames::Entry* DnsNames::setOf(const IpAddress& address) const {
  return &entries_[address.hash() % (kEntries / kWays) * kWays];
}

DnsNames::Entry* DnsNames::in(Entry* set, const IpAddress& address) {
  Entry* const found = std::find_if(set, set + kWays, [&](const Entry& entry) { return entry.address == address; });
  return found == set + kWays ? nullptr : found;
}

bool DnsNames::find(const flow::LookupKey& key, flow::Value& result) const {
  const auto octets = flow::addressOctets(key.forms, key.value);
  if (!octets) return false;
  const IpAddress address = octets->size() == 4 ? IpAddress::v4(octets->data()) : IpAddress::v6(octets->data());
  Entry* const set = setOf(address);
  Entry* entry = in(set, address);
  if (entry == nullptr) {
    if (wanted_.size() == kMaxWanted) return false;
    entry = std::min_element(set, set + kWays, [](const Entry& a, const Entry& b) { return a.used < b.used; });
    entry->address = address;
    entry->name.clear();
    entry->askAgain = now_;
  }
  entry->used = now_;
  if (now_ >= entry->askAgain && wanted_.size() < kMaxWanted) {
    entry->askAgain = now_ + kPatience;
    wanted_.push_back(address);
  }
  if (entry->name.empty()) return false;
  result.data = reinterpret_cast<const std::uint8_t*>(entry->name.data());
  result.size = static_cast<std::uint16_t>(entry->name.size());
  return true;
}

std::vector<IpAddress> DnsNames::takeWanted() {
  std::vector<IpAddress> taken(wanted_.begin(), wanted_.end());
  wanted_.clear();
  return taken;
}

void DnsNames::put(std::vector<DnsAnswer> answers) {
  for (DnsAnswer& answer : answers) {
    Entry* entry = in(setOf(answer.address), answer.address);
    if (entry == nullptr) continue;
    entry->name = std::move(answer.name);
    entry->askAgain = now_ + answer.lifetime;
  }
}

}  // namespace weir::enrich
