#include "agent_sampling/nflog.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include <algorithm>

namespace weir::agent {

namespace {

constexpr std::uint16_t kPacket = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;
constexpr std::uint16_t kConfig = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
constexpr int kNflogBuffer = 8 << 20;
constexpr std::uint32_t kEthernetHeader = 14;

/// Numbers of nfnetlink are in network order.
std::uint32_t be32(const netlink::Attribute& a) {
  return a.data.size() >= 4 ? loadBe32(a.data.data()) : 0;
}

/// The packet's own length field: the message holds no more than was asked for.
std::uint32_t ipLength(Bytes payload, std::uint16_t etherType) {
  std::uint32_t length = 0;
  if (etherType == 0x0800 && payload.size() >= 4) length = loadBe16(payload.data() + 2);
  if (etherType == 0x86DD && payload.size() >= 6) length = loadBe16(payload.data() + 4) + 40U;
  return std::max(length, static_cast<std::uint32_t>(payload.size()));
}

}  // namespace

Expected<NflogSource> NflogSource::open(std::uint32_t group, std::uint32_t headerBytes) {
  auto socket = netlink::Socket::open(NETLINK_NETFILTER);
  if (!socket) return std::unexpected(socket.error());
  socket->setReceiveBuffer(kNflogBuffer);
  netlink::MessageWriter request;
  request.begin(kConfig, NLM_F_REQUEST | NLM_F_ACK, 1,
                nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(static_cast<std::uint16_t>(group))});
  request.attribute(NFULA_CFG_CMD, nfulnl_msg_config_cmd{NFULNL_CFG_CMD_BIND});
  request.attribute(NFULA_CFG_MODE, nfulnl_msg_config_mode{htonl(std::max(headerBytes, 40U)), NFULNL_COPY_PACKET, 0});
  request.attribute(NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ));
  request.attribute(NFULA_CFG_QTHRESH, htonl(64));
  request.attribute(NFULA_CFG_TIMEOUT, htonl(5));  // in 1/100 s: how long a message may wait to be filled
  request.end();
  if (auto asked = socket->ask(request.bytes(), [](const auto&) {}); !asked) return std::unexpected(asked.error());
  return NflogSource(std::move(*socket));
}

void NflogSource::read(const Visit& visit) {
  // What was lost on the way shows in the sequence numbers.
  socket_.readAll([&](const netlink::Message& message) {
    if (message.type == kPacket) packet(message, visit);
  });
}

void NflogSource::packet(const netlink::Message& message, const Visit& visit) {
  KernelSample out;
  std::uint8_t hook = NF_INET_NUMHOOKS;
  std::uint16_t hardware = ARPHRD_ETHER;
  netlink::AttributeReader attributes = message.attributes(sizeof(nfgenmsg));
  for (netlink::Attribute a; attributes.next(a);) {
    switch (a.type) {
      case NFULA_PACKET_HDR: {
        const auto head = netlink::load<nfulnl_msg_packet_hdr>(a.data);
        out.etherType = ntohs(head.hw_protocol);
        hook = head.hook;
        break;
      }
      case NFULA_IFINDEX_INDEV:
        out.inDevice = be32(a);
        break;
      case NFULA_IFINDEX_OUTDEV:
        out.outDevice = be32(a);
        break;
      case NFULA_HWHEADER:
        out.link = a.data;
        break;
      case NFULA_HWTYPE:
        hardware = static_cast<std::uint16_t>(a.data.size() >= 2 ? loadBe16(a.data.data()) : 0);
        break;
      case NFULA_PAYLOAD:
        out.payload = a.data;
        break;
      case NFULA_TIMESTAMP:
        if (a.data.size() >= 16)
          out.time = static_cast<Nanos>(loadBe64(a.data.data())) * kSecond +
                     static_cast<Nanos>(loadBe64(a.data.data() + 8)) * kMicrosecond;
        break;
      case NFULA_SEQ:
        drops_ += gaps_.step(be32(a));
        break;
      default:
        break;
    }
  }
  if (out.payload.empty()) return;
  out.ethernet = hardware == ARPHRD_ETHER && out.link.size() == kEthernetHeader;
  if (!out.ethernet) out.link = {};
  // The frame has a link header, whether the rule could see it or not.
  out.linkLength = out.ethernet ? 0 : kEthernetHeader;
  out.length = kEthernetHeader + ipLength(out.payload, out.etherType);
  out.outgoing = out.inDevice == 0;
  out.fromHost = hook == NF_INET_LOCAL_OUT || (hook == NF_INET_POST_ROUTING && out.inDevice == 0);
  out.toHost = hook == NF_INET_LOCAL_IN;
  visit(out);
}

}  // namespace weir::agent
