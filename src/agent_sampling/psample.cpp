#include "agent_sampling/psample.h"

#include <linux/genetlink.h>
#include <linux/psample.h>

#include <algorithm>

namespace weir::agent {

namespace {

constexpr int kPsampleBuffer = 8 << 20;  // octets, as hsflowd asks for
constexpr std::size_t kMacAddresses = 12;

std::uint32_t clamped(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

/// ifIndexes are 16 bits in old kernels, 32 in new ones.
std::uint32_t ifIndex(const netlink::Attribute& a) {
  return a.data.size() >= 4 ? a.u32() : a.u16();
}

}  // namespace

Expected<PsampleSource> PsampleSource::open(const Groups& groups) {
  auto socket = netlink::Socket::open(NETLINK_GENERIC);
  if (!socket) return std::unexpected(socket.error());
  const auto family = netlink::findFamily(*socket, PSAMPLE_GENL_NAME, PSAMPLE_NL_MCGRP_SAMPLE_NAME);
  if (!family) return std::unexpected(family.error());
  socket->setReceiveBuffer(kPsampleBuffer);
  if (auto joined = socket->join(family->group); !joined) return std::unexpected(joined.error());
  return PsampleSource(std::move(*socket), family->id, groups);
}

void PsampleSource::read(const Visit& visit) {
  // What was lost on the way shows in the sequence numbers.
  socket_.readAll([&](const netlink::Message& message) {
    if (message.type == family_) packet(message, visit);
  });
}

void PsampleSource::packet(const netlink::Message& message, const Visit& visit) {
  KernelSample out;
  std::uint32_t group = 0, sequence = 0;
  std::uint64_t protocol = 0;
  netlink::AttributeReader attributes = message.attributes(sizeof(genlmsghdr));
  for (netlink::Attribute a; attributes.next(a);) {
    switch (a.type) {
      case PSAMPLE_ATTR_IIFINDEX:
        out.inDevice = ifIndex(a);
        break;
      case PSAMPLE_ATTR_OIFINDEX:
        out.outDevice = ifIndex(a);
        break;
      case PSAMPLE_ATTR_ORIGSIZE:
        out.length = a.u32();
        break;
      case PSAMPLE_ATTR_SAMPLE_GROUP:
        group = a.u32();
        break;
      case PSAMPLE_ATTR_GROUP_SEQ:
        sequence = a.u32();
        break;
      case PSAMPLE_ATTR_SAMPLE_RATE:
        out.rate = a.u32();
        break;
      case PSAMPLE_ATTR_DATA:
        out.payload = a.data;
        break;
      case PSAMPLE_ATTR_OUT_TC:
        out.egressQueue = a.u16();
        break;
      case PSAMPLE_ATTR_OUT_TC_OCC:
        out.queueDepth = clamped(a.u64());
        break;
      case PSAMPLE_ATTR_LATENCY:
        out.transitDelay = clamped(a.u64());
        break;
      case PSAMPLE_ATTR_TIMESTAMP:
        out.time = static_cast<Nanos>(a.u64());
        break;
      case PSAMPLE_ATTR_PROTO:
        protocol = a.u16();
        break;
      default:
        break;
    }
  }
  const bool ingress = group == groups_.ingress && group != 0;
  if (!ingress && (group != groups_.egress || group == 0)) return;  // others may use psample too
  drops_ += (ingress ? ingressGaps_ : egressGaps_).step(sequence);
  if (out.payload.size() <= kMacAddresses) return;
  out.ethernet = true;
  out.etherType = static_cast<std::uint16_t>(protocol);
  out.outgoing = !ingress;
  out.length = std::max(out.length, static_cast<std::uint32_t>(out.payload.size()));
  out.rate = std::max(out.rate, 1U);
  visit(out);
}

}  // namespace weir::agent
