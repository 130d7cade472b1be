#include "agent/collector_sockets.h"

#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "netlink/network_namespace.h"

namespace weir::agent {

namespace {

constexpr Nanos kComplainEvery = 60 * kSecond;
constexpr Nanos kRetryAfter = 7 * kSecond;  // as hsflowd; docs/agent-rules.md
constexpr int kSendBuffer = 2 << 20;

std::unexpected<Error> systemError(const std::string& what) {
  return fail(what + ": " + std::strerror(errno));
}

Expected<> bindToDevice(int fd, int family, const std::string& device) {
  const unsigned index = ::if_nametoindex(device.c_str());
  if (index == 0) return systemError("device " + device);
  // Picks the device for the way out without keeping answers off the socket (ip(7)).
  const std::uint32_t bigEndian = htonl(index);
  const int status = family == AF_INET ? ::setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, &bigEndian, sizeof bigEndian)
                                       : ::setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_IF, &bigEndian, sizeof bigEndian);
  if (status != 0) return systemError("sending through " + device);
  return {};
}

std::string nameOf(const CollectorTarget& target) {
  const bool named = target.settings.host != target.address.text();
  return target.address.text() + " port " + std::to_string(target.settings.port) +
         (named ? " (" + target.settings.host + ")" : "");
}

void fillAddress(const CollectorTarget& target, sockaddr_storage& out, socklen_t& size) {
  if (target.address.family == IpAddress::Family::v4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(target.settings.port);
    std::memcpy(&address.sin_addr, target.address.octets.data(), 4);
    std::memcpy(&out, &address, size = sizeof address);
  } else {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(target.settings.port);
    std::memcpy(&address.sin6_addr, target.address.octets.data(), 16);
    std::memcpy(&out, &address, size = sizeof address);
  }
}

}  // namespace

Expected<netlink::Descriptor> openSender(int family, const std::string& device, const std::string& networkName) {
  netlink::Descriptor fd;
  const auto open = [&]() -> Expected<> {
    fd = netlink::Descriptor(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return systemError("socket");
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof kSendBuffer);
    return device.empty() ? Expected<>() : bindToDevice(fd.get(), family, device);
  };
  const auto opened = networkName.empty() ? open() : netlink::insideNetwork("/var/run/netns/" + networkName, open);
  if (!opened) return std::unexpected(opened.error());
  return fd;
}

void CollectorSockets::setTargets(const std::vector<CollectorTarget>& targets) {
  std::vector<Collector> next;
  for (const auto& target : targets) {
    const auto known =
        std::find_if(collectors_.begin(), collectors_.end(), [&](const auto& c) { return c.target == target; });
    if (known != collectors_.end()) {
      next.push_back(std::move(*known));
      collectors_.erase(known);
      continue;
    }
    Collector collector;
    collector.target = target;
    fillAddress(target, collector.address, collector.addressSize);
    next.push_back(std::move(collector));
    log::info("Sending sFlow to " + nameOf(target));
  }
  for (const auto& gone : collectors_) log::info("No longer sending sFlow to " + nameOf(gone.target));
  collectors_ = std::move(next);
}

std::vector<CollectorTarget> CollectorSockets::targets() const {
  std::vector<CollectorTarget> out;
  out.reserve(collectors_.size());
  for (const auto& c : collectors_) out.push_back(c.target);
  return out;
}

bool CollectorSockets::open(Collector& collector, Nanos now) {
  if (now < collector.retryAt) return false;
  const auto& s = collector.target.settings;
  auto opened = openSender(collector.address.ss_family, s.device, s.network);
  if (opened) {
    collector.socket = std::move(*opened);
    return true;
  }
  collector.retryAt = now + kRetryAfter;
  complain(collector, now, opened.error().text());
  return false;
}

void CollectorSockets::complain(Collector& collector, Nanos now, const std::string& what) {
  ++collector.unreported;
  if (now < collector.complainAt) return;
  log::warning("cannot send to " + nameOf(collector.target) + ": " + what +
               (collector.unreported > 1 ? ", " + std::to_string(collector.unreported) + " times" : "") +
               "; trying again");
  collector.complainAt = now + kComplainEvery;
  collector.unreported = 0;
}

void CollectorSockets::send(Bytes datagram, Nanos now) {
  for (auto& collector : collectors_) {
    if (!collector.socket && !open(collector, now)) {
      ++collector.failed;
      continue;
    }
    const ssize_t sent = ::sendto(collector.socket.get(), datagram.data(), datagram.size(), 0,
                                  reinterpret_cast<const sockaddr*>(&collector.address), collector.addressSize);
    if (sent >= 0) {
      ++collector.sent;
      continue;
    }
    const int error = errno;
    ++collector.failed;
    complain(collector, now, std::strerror(error));
    if (error == ENODEV || error == ENXIO) collector.socket.reset();  // its device went: bind to the next one
  }
}

std::vector<CollectorSockets::Status> CollectorSockets::status() const {
  std::vector<Status> out;
  out.reserve(collectors_.size());
  for (const auto& c : collectors_) out.push_back({nameOf(c.target), c.sent, c.failed});
  return out;
}

}  // namespace weir::agent
