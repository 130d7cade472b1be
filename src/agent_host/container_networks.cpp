#include "agent_host/container_networks.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "agent_host/network.h"
#include "base/log.h"
#include "netlink/network_namespace.h"

namespace weir::agent {

namespace {

std::optional<struct stat> statusOf(const std::string& path) {
  struct stat out{};
  if (::stat(path.c_str(), &out) != 0) return std::nullopt;
  return out;
}

/// Loopback and link-local addresses are the same everywhere.
bool isEverywhere(const IpAddress& a) {
  const auto& o = a.octets;
  if (a.family == IpAddress::Family::v4) return o[0] == 127 || (o[0] == 169 && o[1] == 254);
  const bool loopback = std::all_of(o.begin(), o.end() - 1, [](auto octet) { return octet == 0; });
  return loopback || (o[0] == 0xFE && (o[1] & 0xC0) == 0x80);
}

}  // namespace

void ContainerNetworks::update(std::span<const Container> containers) {
  owners_.clear();
  for (auto& [id, inside] : networks_) inside->seen = false;
  const auto ours = containers.empty() ? std::nullopt : statusOf(root_ + "/proc/self/ns/net");
  for (const auto& container : containers) {
    const std::string path = root_ + "/proc/" + std::to_string(container.process) + "/ns/net";
    const auto status = statusOf(path);
    if (!status) {
      // One that has just ended is no fault.
      if (errno == EACCES && !std::exchange(complained_, true))
        log::warning(
            "connections of containers cannot be looked up: " + path + ": " + std::strerror(errno) +
            "; it needs CAP_SYS_PTRACE and CAP_SYS_ADMIN, which weir-agent keeps if they are needed at its start");
      continue;
    }
    const Id id(status->st_dev, status->st_ino);
    if (ours && id == Id(ours->st_dev, ours->st_ino)) continue;
    auto& inside = networks_[id];
    if (inside == nullptr) {
      inside = std::make_unique<Inside>();
      if (networks_.size() > kMaxNetworks || !open(path, *inside)) {
        networks_.erase(id);
        continue;
      }
    }
    if (std::exchange(inside->seen, true)) continue;
    inside->source = container.source;
    readAddresses(*inside);
  }
  std::erase_if(networks_, [](const auto& network) { return !network.second->seen; });
}

bool ContainerNetworks::open(const std::string& path, Inside& out) {
  const auto opened = netlink::insideNetwork(path, [&]() -> Expected<> {
    auto connections = netlink::Socket::open(NETLINK_SOCK_DIAG);
    auto addresses = netlink::Socket::open(NETLINK_ROUTE);
    if (!connections) return std::unexpected(connections.error());
    if (!addresses) return std::unexpected(addresses.error());
    out.connections = std::move(*connections);
    out.addresses = std::move(*addresses);
    return {};
  });
  if (!opened && !std::exchange(complained_, true))
    log::warning("connections of containers cannot be looked up: " + opened.error().text());
  return opened.has_value();
}

void ContainerNetworks::readAddresses(const Inside& inside) {
  netlink::MessageWriter request;
  request.begin(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 1, ifaddrmsg{});
  request.end();
  std::size_t count = 0;
  const auto asked = inside.addresses.ask(request.bytes(), [&](const netlink::Message& message) {
    const auto address = parseAddress(message);
    if (!address || isEverywhere(address->address) || ++count > kMaxAddresses) return;
    const auto [owner, added] = owners_.try_emplace(address->address, Owner{inside.source, &inside.connections});
    if (!added && owner->second.connections != &inside.connections) owner->second = {};
  });
  if (!asked && !std::exchange(complainedOfAddresses_, true)) {
    log::warning("the addresses of a container cannot be read: " + asked.error().text());
  }
}

const ContainerNetworks::Owner* ContainerNetworks::find(const IpAddress& address) const {
  const auto found = owners_.find(address);
  return found == owners_.end() || found->second.connections == nullptr ? nullptr : &found->second;
}

}  // namespace weir::agent
