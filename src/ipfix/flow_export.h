#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "ipfix/collector.h"
#include "ipfix/elements.h"

namespace weir::ipfix {

/// A flow record as its maker has it.
struct FlowFacts {
  const std::uint8_t* key = nullptr;  ///< octets of the flow's key
  IpAddress agent;
  std::uint64_t dataSource = 0;  ///< class << 32 | index
  Nanos start = 0, end = 0;
  double octets = 0, frames = 0;  ///< totals, scaled by the sampling rate; what the definition does not count is unused
  FlowEnd reason = FlowEnd::open;
};

/// What the records of one flow definition look like, and who gets them. A value, constant once made: shards fill in
/// records while the exporter reads. Thread: any.
class FlowExport {
 public:
  /// A key of the definition, and where its value lies among the octets of a flow's key: a number of up to 8 octets,
  /// little-endian, or octets as they are.
  struct Key {
    const KeyElement* element = nullptr;
    std::uint16_t offset = 0, width = 0;
  };
  struct Counts {
    bool octets = false, frames = false;
    bool dropped = false;  ///< of packets that were dropped
  };

  /// `flowStart`: records are made when flows begin, so they have no reason to have ended.
  FlowExport(std::vector<Collector> collectors, std::vector<Key> keys, Counts counts, bool flowStart);

  /// Each once.
  [[nodiscard]] const std::vector<Collector>& collectors() const { return collectors_; }
  /// The fields of a record, in order. An agent's address is an element of its family, so there are two kinds.
  [[nodiscard]] const std::vector<Element>& elements(bool ip6Agent) const { return elements_[ip6Agent ? 1 : 0]; }
  /// The octets of a record (RFC 7011 3.4.3).
  [[nodiscard]] std::string encode(const FlowFacts& facts) const;

 private:
  std::vector<Collector> collectors_;
  std::vector<Key> keys_;
  Counts counts_;
  bool flowStart_;
  std::vector<Element> elements_[2];
};

/// A record on its way to the collectors.
struct Record {
  Record(std::shared_ptr<const FlowExport> flow, const FlowFacts& facts)
      : of(std::move(flow)), ip6Agent(facts.agent.family == IpAddress::Family::v6), octets(of->encode(facts)) {}

  std::shared_ptr<const FlowExport> of;
  bool ip6Agent = false;
  std::string octets;
};

}  // namespace weir::ipfix
