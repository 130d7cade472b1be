#include "agent_sampling/drop_monitor.h"

#include <linux/genetlink.h>
#include <linux/net_dropmon.h>

#include <algorithm>

#include "base/log.h"

namespace weir::agent {

namespace {

constexpr char kFamily[] = "NET_DM";
constexpr char kGroup[] = "events";
constexpr std::uint32_t kTruncate = 128, kQueue = 1000;  // octets of a packet; packets that wait in the kernel
constexpr int kDropBuffer = 4 << 20;

std::uint32_t inPort(Bytes nested) {
  netlink::AttributeReader members(nested);
  for (netlink::Attribute a; members.next(a);)
    if (a.type == NET_DM_ATTR_PORT_NETDEV_IFINDEX) return a.u32();
  return 0;
}

}  // namespace

Expected<std::unique_ptr<DropMonitor>> DropMonitor::open(const Options& options) {
  auto socket = netlink::Socket::open(NETLINK_GENERIC);
  if (!socket) return std::unexpected(socket.error());
  const auto family = netlink::findFamily(*socket, kFamily, kGroup);
  if (!family) return std::unexpected(family.error());
  socket->setReceiveBuffer(kDropBuffer);
  auto out = std::make_unique<DropMonitor>(std::move(*socket), family->id);
  out->options_ = options;
  if (options.start) {
    if (auto done = out->command(NET_DM_CMD_CONFIG, options); !done) return std::unexpected(done.error());
    if (auto done = out->command(NET_DM_CMD_START, options); !done) return std::unexpected(done.error());
    out->started_ = true;
  }
  const std::uint32_t group = family->group != 0 ? family->group : NET_DM_GRP_ALERT;
  if (auto joined = out->socket_.join(group); !joined) return std::unexpected(joined.error());
  return out;
}

DropMonitor::~DropMonitor() {
  if (!started_) return;
  if (const auto stopped = command(NET_DM_CMD_STOP, options_); !stopped)
    log::warning("the kernel's drop monitor stays on: " + stopped.error().text());
}

Expected<> DropMonitor::command(std::uint8_t command, const Options& options) const {
  netlink::MessageWriter request;
  request.begin(family_, NLM_F_REQUEST | NLM_F_ACK, 2, genlmsghdr{command, 2, 0});
  if (command == NET_DM_CMD_CONFIG) {
    request.attribute(NET_DM_ATTR_ALERT_MODE, std::uint8_t{NET_DM_ALERT_MODE_PACKET});
    request.attribute(NET_DM_ATTR_TRUNC_LEN, kTruncate);
    request.attribute(NET_DM_ATTR_QUEUE_LEN, kQueue);
  } else {
    if (options.software) request.attribute(NET_DM_ATTR_SW_DROPS, nullptr, 0);
    if (options.hardware) request.attribute(NET_DM_ATTR_HW_DROPS, nullptr, 0);
  }
  request.end();
  return socket_.ask(request.bytes(), [](const auto&) {});
}

void DropMonitor::read(const Visit& visit) {
  socket_.readAll([&](const netlink::Message& message) {
    if (message.type == family_ && netlink::load<genlmsghdr>(message.body).cmd == NET_DM_CMD_PACKET_ALERT)
      alert(message, visit);
  });
}

void DropMonitor::alert(const netlink::Message& message, const Visit& visit) const {
  DropEvent out;
  out.ethernet = true;
  netlink::AttributeReader attributes = message.attributes(sizeof(genlmsghdr));
  for (netlink::Attribute a; attributes.next(a);) {
    switch (a.type) {
      case NET_DM_ATTR_SYMBOL:
        out.function = a.text().substr(0, a.text().find('+'));
        break;
      case NET_DM_ATTR_IN_PORT:
        out.inDevice = inPort(a.data);
        break;
      case NET_DM_ATTR_TIMESTAMP:
        out.time = static_cast<Nanos>(a.u64());
        break;
      case NET_DM_ATTR_PROTO:
        out.etherType = a.u16();
        break;
      case NET_DM_ATTR_PAYLOAD:
        out.packet = a.data;
        break;
      case NET_DM_ATTR_ORIG_LEN:
        out.length = a.u32();
        break;
      case NET_DM_ATTR_ORIGIN:
        out.hardware = a.u16() == NET_DM_ORIGIN_HW;
        break;
      case NET_DM_ATTR_HW_TRAP_GROUP_NAME:
        out.trapGroup = a.text();
        break;
      case NET_DM_ATTR_HW_TRAP_NAME:
        out.trap = a.text();
        break;
      case NET_DM_ATTR_REASON:
        out.reason = a.text();
        break;
      default:
        break;
    }
  }
  out.length = std::max(out.length, static_cast<std::uint32_t>(out.packet.size()));
  visit(out);
}

}  // namespace weir::agent
