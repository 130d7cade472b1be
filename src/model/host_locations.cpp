#include "model/host_locations.h"

namespace weir::model {

namespace {
/// FE80::/10: every host has one, and it says less than any other.
bool isLinkLocal(const IpAddress& address) {
  return address.octets[0] == 0xFE && (address.octets[1] & 0xC0) == 0x80;
}
}  // namespace

bool HostLocations::note(const Heard& heard, Nanos now) {
  auto at = places_.find(heard.mac);
  if (at == places_.end()) {
    if (hosts_.size() >= kMaxHosts) return false;
    at = places_.emplace(heard.mac, static_cast<std::uint32_t>(hosts_.size())).first;
    hosts_.emplace_back();
  }
  Host& host = hosts_[at->second];
  host.location.mac = heard.mac;
  host.location.agent = heard.agent;
  host.location.ifIndex = heard.ifIndex;
  host.location.vlan = heard.vlan;
  host.location.seen = now;
  if (heard.address.family != IpAddress::Family::none) noteAddress(host, heard);
  return true;
}

/// A second source address makes a router of a host, unless ARP said which address is its own.
void HostLocations::noteAddress(Host& host, const Heard& heard) {
  const bool v4 = heard.address.family == IpAddress::Family::v4;
  IpAddress& known = v4 ? host.location.ip4 : host.location.ip6;
  if (heard.told) {
    known = heard.address;
    host.told = true;
    return;
  }
  if (v4 && host.told) return;
  bool& several = v4 ? host.several4 : host.several6;
  if (several || known == heard.address) return;
  if (!v4 && known.family != IpAddress::Family::none) {
    if (isLinkLocal(heard.address)) return;
    if (isLinkLocal(known)) known = {};
  }
  if (known.family == IpAddress::Family::none) {
    known = heard.address;
  } else {
    known = {};
    several = true;
  }
}

void HostLocations::expire(Nanos now) {
  for (std::size_t i = 0; i < hosts_.size();) {
    if (now - hosts_[i].location.seen < kLifetime) {
      ++i;
      continue;
    }
    places_.erase(hosts_[i].location.mac);
    if (i + 1 != hosts_.size()) {
      hosts_[i] = hosts_.back();
      places_[hosts_[i].location.mac] = static_cast<std::uint32_t>(i);
    }
    hosts_.pop_back();
  }
}

void HostLocations::clear() {
  hosts_.clear();
  places_.clear();
}

}  // namespace weir::model
