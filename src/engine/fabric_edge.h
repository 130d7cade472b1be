#pragma once
// Inside the engine room only.
#include <cstdint>

#include "engine/agent.h"
#include "engine/shard_context.h"
#include "flow/sample_fields.h"
#include "model/host_locations.h"

namespace weir::engine {

/// The edge of the topology as a shard's agents see it: whether a packet comes in there, and which hosts send from
/// where. Thread: the shard's.
class FabricEdge {
 public:
  explicit FabricEdge(const ShardContext& context) : context_(context) {}

  /// Whether the packet of a sample of this data source comes in at a port of the topology that is not on a link.
  [[nodiscard]] bool isEnteredBy(const wire::Sample& sample, const DataSourceState& source) const;
  /// Notes who sent the packet, which came in there.
  void learnHost(const flow::SampleFields& fields, const DataSourceState& source);

  [[nodiscard]] const model::HostLocations& hosts() const { return hosts_; }
  /// Forgets hosts that fell silent, at full minutes of the clock.
  void age(Nanos now);
  /// The edge is elsewhere: another topology.
  void clear() { hosts_.clear(); }

 private:
  const ShardContext& context_;
  model::HostLocations hosts_;
  std::int64_t agedMinute_ = 0;  // number of the minute in which they aged
};

}  // namespace weir::engine
