#include "agent_host/network.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace weir::agent {

namespace {

constexpr std::uint8_t kOperUp = 6;

netlink::MessageWriter dumpRequest(std::uint16_t type) {
  netlink::MessageWriter request;
  if (type == RTM_GETLINK) {
    request.begin(type, NLM_F_REQUEST | NLM_F_DUMP, 1, ifinfomsg{});
  } else {
    request.begin(type, NLM_F_REQUEST | NLM_F_DUMP, 1, ifaddrmsg{});
  }
  request.end();
  return request;
}

ifreq requestFor(const Link& link, void* data) {
  ifreq out{};
  std::memcpy(out.ifr_name, link.name.data(), std::min<std::size_t>(link.name.size(), IFNAMSIZ - 1));
  out.ifr_data = static_cast<char*>(data);
  return out;
}

/// Speed and duplex by ETHTOOL_GLINKSETTINGS: asked twice, as the kernel first says how many words its masks have.
void readEthtool(int fd, Link& link) {
  // The settings, and behind them three masks of at most 127 words each.
  alignas(ethtool_link_settings) std::array<std::uint8_t, sizeof(ethtool_link_settings) + 3 * 127 * 4> request{};
  auto* settings = reinterpret_cast<ethtool_link_settings*>(request.data());
  ifreq ifr = requestFor(link, request.data());
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  if (::ioctl(fd, SIOCETHTOOL, &ifr) != 0 || settings->link_mode_masks_nwords >= 0) return;
  settings->cmd = ETHTOOL_GLINKSETTINGS;
  settings->link_mode_masks_nwords = static_cast<std::int8_t>(-settings->link_mode_masks_nwords);
  if (::ioctl(fd, SIOCETHTOOL, &ifr) != 0) return;
  const std::uint32_t megabits = settings->speed;
  if (megabits != 0 && megabits != static_cast<std::uint32_t>(SPEED_UNKNOWN)) link.speed = megabits * 1'000'000ULL;
  if (settings->duplex == DUPLEX_FULL) link.duplex = 1;
  if (settings->duplex == DUPLEX_HALF) link.duplex = 2;
}

void parseLinkInfo(Bytes info, Link& link) {
  netlink::AttributeReader members(info);
  for (netlink::Attribute a; members.next(a);)
    if (a.type == IFLA_INFO_KIND) link.kind = a.text();
}

}  // namespace

bool Link::isUp() const {
  return (flags & IFF_UP) != 0;
}
bool Link::isLoopback() const {
  return (flags & IFF_LOOPBACK) != 0;
}
bool Link::isOperational() const {
  return operState == kOperUp || (operState == 0 && (flags & IFF_LOWER_UP) != 0 && isUp());
}
bool Link::isEthernet() const {
  return hardwareType == ARPHRD_ETHER || hardwareType == ARPHRD_LOOPBACK;
}

const Link* Network::byIndex(std::uint32_t index) const {
  for (const auto& link : links)
    if (link.index == index) return &link;
  return nullptr;
}

const Link* Network::byName(std::string_view name) const {
  for (const auto& link : links)
    if (link.name == name) return &link;
  return nullptr;
}

bool Network::isLocal(const IpAddress& address) const {
  return std::any_of(addresses.begin(), addresses.end(), [&](const auto& a) { return a.address == address; });
}

std::optional<Link> parseLink(const netlink::Message& message) {
  if (message.type != RTM_NEWLINK || message.body.size() < sizeof(ifinfomsg)) return std::nullopt;
  const auto info = netlink::load<ifinfomsg>(message.body);
  if (info.ifi_index <= 0) return std::nullopt;
  Link link;
  link.index = static_cast<std::uint32_t>(info.ifi_index);
  link.flags = info.ifi_flags;
  link.hardwareType = info.ifi_type;
  netlink::AttributeReader attributes = message.attributes(sizeof info);
  for (netlink::Attribute a; attributes.next(a);) {
    switch (a.type) {
      case IFLA_IFNAME:
        link.name = a.text();
        break;
      case IFLA_IFALIAS:
        link.alias = a.text();
        break;
      case IFLA_ADDRESS:
        if (a.data.size() == link.mac.size()) std::copy(a.data.begin(), a.data.end(), link.mac.begin());
        break;
      case IFLA_OPERSTATE:
        link.operState = a.u8();
        break;
      case IFLA_MASTER:
        link.master = a.u32();
        break;
      case IFLA_LINK_NETNSID:
        link.endsElsewhere = true;
        break;
      case IFLA_PROMISCUITY:
        link.promiscuity = a.u32();
        break;
      case IFLA_STATS64:  // older kernels have fewer members
        std::memcpy(&link.stats, a.data.data(), std::min(a.data.size(), sizeof link.stats));
        break;
      case IFLA_LINKINFO:
        parseLinkInfo(a.data, link);
        break;
      default:
        break;
    }
  }
  if (link.name.empty()) return std::nullopt;
  return link;
}

std::optional<LinkAddress> parseAddress(const netlink::Message& message) {
  if (message.type != RTM_NEWADDR || message.body.size() < sizeof(ifaddrmsg)) return std::nullopt;
  const auto info = netlink::load<ifaddrmsg>(message.body);
  LinkAddress out;
  out.index = info.ifa_index;
  std::uint32_t flags = info.ifa_flags;
  Bytes local, any;
  netlink::AttributeReader attributes = message.attributes(sizeof info);
  for (netlink::Attribute a; attributes.next(a);) {
    if (a.type == IFA_LOCAL) local = a.data;
    if (a.type == IFA_ADDRESS) any = a.data;
    if (a.type == IFA_FLAGS) flags = a.u32();
  }
  // On a point-to-point link IFA_ADDRESS is the other end; IFA_LOCAL is ours.
  const Bytes octets = local.empty() ? any : local;
  if (info.ifa_family == AF_INET && octets.size() == 4) {
    out.address = IpAddress::v4(octets.data());
  } else if (info.ifa_family == AF_INET6 && octets.size() == 16) {
    out.address = IpAddress::v6(octets.data());
  } else {
    return std::nullopt;
  }
  // An address that the kernel made from a router's advertisement has a finite life (RFC 4862).
  out.automatic = info.ifa_family == AF_INET6 && (flags & (IFA_F_PERMANENT | IFA_F_MANAGETEMPADDR)) != IFA_F_PERMANENT;
  out.usable = (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
  return out;
}

Expected<KernelNetwork> KernelNetwork::open() {
  auto socket = netlink::Socket::open(NETLINK_ROUTE);
  if (!socket) return std::unexpected(socket.error());
  netlink::Descriptor ethtool(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!ethtool) return fail(std::string("socket: ") + std::strerror(errno));
  return KernelNetwork(std::move(*socket), std::move(ethtool));
}

Expected<Network> KernelNetwork::read() {
  Network out;
  const auto links = dumpRequest(RTM_GETLINK);
  auto asked = socket_.ask(links.bytes(), [&](const netlink::Message& message) {
    if (auto link = parseLink(message)) out.links.push_back(std::move(*link));
  });
  if (!asked) return std::unexpected(asked.error());
  const auto addresses = dumpRequest(RTM_GETADDR);
  asked = socket_.ask(addresses.bytes(), [&](const netlink::Message& message) {
    if (auto address = parseAddress(message)) out.addresses.push_back(*address);
  });
  if (!asked) return std::unexpected(asked.error());
  std::sort(out.links.begin(), out.links.end(), [](const Link& a, const Link& b) { return a.index < b.index; });
  for (auto& link : out.links) readEthtool(ethtool_.get(), link);
  return out;
}

std::optional<Optics> KernelNetwork::readOptics(const Link& link) {
  ethtool_modinfo info{};
  info.cmd = ETHTOOL_GMODULEINFO;
  ifreq ifr = requestFor(link, &info);
  if (::ioctl(ethtool_.get(), SIOCETHTOOL, &ifr) != 0) return std::nullopt;
  if (info.type < static_cast<std::uint32_t>(ModuleLayout::sff8472) ||
      info.type > static_cast<std::uint32_t>(ModuleLayout::sff8436))
    return std::nullopt;
  constexpr std::uint32_t kMost = 1024;
  alignas(ethtool_eeprom) std::array<std::uint8_t, sizeof(ethtool_eeprom) + kMost> request{};
  auto* head = reinterpret_cast<ethtool_eeprom*>(request.data());
  head->cmd = ETHTOOL_GMODULEEEPROM;
  head->len = std::min(info.eeprom_len, kMost);
  ifr = requestFor(link, request.data());
  if (::ioctl(ethtool_.get(), SIOCETHTOOL, &ifr) != 0) return std::nullopt;
  return parseOptics(static_cast<ModuleLayout>(info.type),
                     Bytes(request).subspan(sizeof(ethtool_eeprom), std::min(head->len, kMost)));
}

void KernelNetwork::refreshCounters(Network& network) {
  const auto request = dumpRequest(RTM_GETLINK);
  const auto asked = socket_.ask(request.bytes(), [&](const netlink::Message& message) {
    const auto fresh = parseLink(message);
    if (!fresh) return;
    for (auto& link : network.links)
      if (link.sameAs(*fresh)) {
        link.stats = fresh->stats;
        link.flags = fresh->flags;
        link.operState = fresh->operState;
        link.promiscuity = fresh->promiscuity;
      }
  });
  if (!asked && !std::exchange(complained_, true))
    log::warning("cannot read the counters of the interfaces: " + asked.error().text());
}

}  // namespace weir::agent
