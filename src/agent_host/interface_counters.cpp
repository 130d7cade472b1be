#include "agent_host/interface_counters.h"

#include <linux/if_arp.h>

#include <algorithm>

#include "agent_host/counter_words.h"

namespace weir::agent {

namespace {

/// IANA ifType.
std::uint32_t interfaceType(const Link& link) {
  if (link.kind == "bridge") return 209;
  if (link.kind == "bond" || link.kind == "team") return 161;
  if (link.kind == "vlan") return 135;
  switch (link.hardwareType) {
    case ARPHRD_LOOPBACK:
      return 24;
    case ARPHRD_PPP:
      return 23;
    case ARPHRD_INFINIBAND:
      return 199;
    case ARPHRD_NONE:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case ARPHRD_IP6GRE:
      return 131;
    default:
      return 6;
  }
}

}  // namespace

wire::if_counters interfaceCounters(const Link& link) {
  const rtnl_link_stats64& s = link.stats;
  wire::if_counters out;
  out.ifIndex = link.index;
  out.ifType = interfaceType(link);
  out.ifSpeed = link.speed;
  out.ifDirection = link.duplex;
  out.ifStatus = (link.isUp() ? 1U : 0U) | (link.isOperational() ? 2U : 0U);
  out.ifInOctets = s.rx_bytes;
  // The kernel counts multicast among rx_packets.
  out.ifInUcastPkts = counter32(s.rx_packets - std::min<std::uint64_t>(s.multicast, s.rx_packets));
  out.ifInMulticastPkts = counter32(s.multicast);
  out.ifInBroadcastPkts = kUnknownCounter;
  out.ifInDiscards = counter32(s.rx_dropped + s.rx_missed_errors);
  out.ifInErrors = counter32(s.rx_errors);
  out.ifInUnknownProtos = counter32(s.rx_nohandler);
  out.ifOutOctets = s.tx_bytes;
  out.ifOutUcastPkts = counter32(s.tx_packets);
  out.ifOutMulticastPkts = kUnknownCounter;
  out.ifOutBroadcastPkts = kUnknownCounter;
  out.ifOutDiscards = counter32(s.tx_dropped);
  out.ifOutErrors = counter32(s.tx_errors);
  out.ifPromiscuousMode = link.promiscuity != 0 ? 1 : 2;
  return out;
}

wire::ethernet_counters ethernetCounters(const Link& link) {
  const rtnl_link_stats64& s = link.stats;
  wire::ethernet_counters out;
  out.dot3StatsAlignmentErrors = counter32(s.rx_frame_errors);
  out.dot3StatsFCSErrors = counter32(s.rx_crc_errors);
  out.dot3StatsSingleCollisionFrames = kUnknownCounter;
  out.dot3StatsMultipleCollisionFrames = kUnknownCounter;
  out.dot3StatsSQETestErrors = counter32(s.tx_heartbeat_errors);
  out.dot3StatsDeferredTransmissions = kUnknownCounter;
  out.dot3StatsLateCollisions = counter32(s.tx_window_errors);
  out.dot3StatsExcessiveCollisions = counter32(s.tx_aborted_errors);
  out.dot3StatsInternalMacTransmitErrors = kUnknownCounter;
  out.dot3StatsCarrierSenseErrors = counter32(s.tx_carrier_errors);
  out.dot3StatsFrameTooLongs = counter32(s.rx_length_errors);
  out.dot3StatsInternalMacReceiveErrors = kUnknownCounter;
  out.dot3StatsSymbolErrors = kUnknownCounter;
  return out;
}

void addInterfaceCounters(wire::DatagramWriter& writer, const Link& link) {
  writer.add(interfaceCounters(link));
  if (link.kind.empty() && link.hardwareType == ARPHRD_ETHER) writer.add(ethernetCounters(link));
  wire::port_name name;
  name.name = link.name;
  writer.add(name);
}

}  // namespace weir::agent
