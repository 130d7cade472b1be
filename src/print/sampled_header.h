#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "print/line_writer.h"

namespace weir::print {

/// The datagram that is printed, and what the reference decoder finds behind its end: it reads captures into one
/// buffer, so that the octets there are those of longer datagrams before.
class DatagramMemory {
 public:
  /// What is printed next. The bytes must outlive the printing.
  void open(Bytes payload) { payload_ = payload; }
  /// Keeps the datagram for those that follow. At most 64 KiB are held.
  void keep();
  /// The octet `offset` behind the front of `part`, which lies in the open datagram. It may be behind that datagram's
  /// end: 0 where nothing was ever read.
  [[nodiscard]] std::uint8_t at(Bytes part, std::size_t offset) const;

 private:
  Bytes payload_;
  std::vector<std::uint8_t> before_;
};

struct SampledHeader {
  Bytes bytes;
  std::uint32_t protocol = 0;
  std::uint32_t frameLength = 0;
  std::uint32_t stripped = 0;
};

/// Writes what the reference decoder shows of a sampled header behind `headerBytes`: MAC addresses, VLAN tags,
/// EtherType, the first IP header and the ports behind it. Its reading is narrower than decode::Packet's (no tunnels,
/// no MPLS, no PPP) and has faults of its own, all of which the reference outputs of the shared captures show:
///   - IPSize is sampledPacketSize - strippedBytes - offset of the IP header, not taken from that header, and shown
///   where
///     that is cut;
///   - an IPv4 header that the header protocol promises is not checked, one behind an EtherType is;
///   - IPID is in the byte order of the machine that reads;
///   - IPv6 fragment and authentication headers are taken for 8 x (length + 1) octets;
///   - TCP flags that were not sampled are read from behind the header. `memory` gives those octets, and the extra
///   member
///     TCPFlagsSampled is "0" then; nullptr leaves both out.
void writeSampledHeader(LineWriter& out, const SampledHeader& header, const DatagramMemory* memory);

}  // namespace weir::print
