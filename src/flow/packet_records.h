#pragma once
#include <array>
#include <cstdint>

#include "decode/synthetic.h"
#include "flow/sample_fields.h"
#include "wire/flow_records.h"

namespace weir::flow {

/// The records of a sample that describe its packet: sampled_header (0:1), sampled_ethernet (0:2), sampled_ipv4 (0:3)
/// and sampled_ipv6 (0:4). All that a sample has are about one packet (sFlow version 5, section 5.3), in any order:
///   - a header is the packet; the others tell what it does not: an Ethernet header in front of an IP header, the IP
///     header where the sampled octets end before it, the ports where they end before those
///   - without a header, Ethernet and IP are its layers
///   - a further IP record is the packet inside the other where that says so by its protocol (4 or 41)
///   - all else that repeats is ignored: the first sound record of a kind counts
/// The octets of the packet count once: those that the header says, else the Ethernet record, else the outer IP record.
/// One for each shard, used again for every sample; no allocation. Thread: its owner's.
class PacketRecords {
 public:
  void clear() { hasHeader_ = hasEthernet_ = false, ipCount_ = 0; }
  /// Takes a record; what is wrong with it is added to `faults`. False: it is of another kind.
  bool take(const wire::Record& record, wire::FaultCounts& faults);
  /// Fills in the packet of the sample. Its octets are those of the header record, or of this object until clear().
  void describe(SampleFields& fields);

 private:
  static constexpr std::size_t kMaxIp = 4;       ///< further ones are ignored
  static constexpr std::size_t kMaxFront = 512;  ///< octets of a header that others are put beside; more are left out

  struct IpRecord {
    bool v6;
    wire::SampledIpv4 v4Fields;
    wire::SampledIpv6 v6Fields;
    [[nodiscard]] std::uint32_t length() const { return v6 ? v6Fields.length : v4Fields.length; }
    [[nodiscard]] std::uint32_t protocol() const { return v6 ? v6Fields.protocol : v4Fields.protocol; }
  };
  enum class Family : std::uint8_t { any, v4, v6 };

  void takeIp(IpRecord& record, wire::Fault fault, wire::FaultCounts& faults);
  void fromRecords(std::uint32_t frameLength, std::uint32_t stripped, decode::Packet& packet);
  void complete(decode::Packet& packet);
  void putEthernetBefore(decode::Packet& packet);
  void addIp(decode::Packet& packet);
  void addTransport(decode::Packet& packet);
  [[nodiscard]] const IpRecord* outerIp(Family wanted) const;
  std::size_t writeEthernet(Family family);
  std::size_t writeIp(const IpRecord& record, std::size_t at);
  std::size_t writeIpChain(const IpRecord& outer, std::size_t at);
  [[nodiscard]] Bytes written(std::size_t size) const { return Bytes(octets_).first(size); }

  wire::SampledHeader header_;
  wire::SampledEthernet ethernet_;
  std::array<IpRecord, kMaxIp> ip_;
  bool hasHeader_ = false, hasEthernet_ = false;
  std::size_t ipCount_ = 0;
  std::array<std::uint8_t, 14 + kMaxFront + kMaxIp * decode::kSyntheticSize> octets_;
};

}  // namespace weir::flow
