#pragma once
// Inside the engine room only.
#include <memory>
#include <string_view>
#include <vector>

#include "engine/edge_updates.h"
#include "engine/fabric_flows.h"
#include "engine/flow_in_force.h"
#include "engine/flow_recorder.h"
#include "engine/pattern_guard.h"
#include "engine/shard_context.h"
#include "engine/shard_lookups.h"
#include "engine/threshold_watch.h"
#include "flow/sample_fields.h"
#include "flow/shared_fields.h"
#include "query/uncounted.h"

namespace weir::engine {

/// Runs the definitions in force over samples: evaluates each, lets updates wait until their memory accesses can
/// overlap, and adds them to the flow tables of data sources, to thresholds and to flow records. No allocation for a
/// sample whose flows are known. Thread: the shard's.
class FlowRunner {
 public:
  FlowRunner(ShardContext& context, ShardLookups& lookups, ThresholdWatch& thresholds, FlowRecorder& recorder)
      : context_(context), lookups_(lookups), thresholds_(thresholds), recorder_(recorder) {}

  /// Takes what changed from `before` to the definitions in force. Nothing waits (flush), and the thresholds have been
  /// adopted.
  void adopt(const Definitions& before);
  /// The tables that definitions look things up in changed.
  void findLookups();

  /// Lets each definition look at a sample. `enters`: its packet comes in at the edge of the topology.
  void evaluate(DataSourceState& source, flow::SampleFields& fields, bool discard, bool enters);
  /// Applies the updates that wait.
  void flush();

  /// What samples since then add to the flows of the whole fabric, which another shard keeps; the taker empties it.
  [[nodiscard]] EdgeUpdates& edge() { return edge_; }
  /// At the fabric shard: takes over one of the updates of another shard's edge().
  void take(const EdgeUpdates& from, const EdgeUpdates::Update& update, FabricFlows& fabric);
  [[nodiscard]] PatternGuard& patterns() { return patterns_; }
  [[nodiscard]] const PatternGuard& patterns() const { return patterns_; }
  /// Whether there are definitions of the whole fabric.
  [[nodiscard]] bool keepsFabric() const { return !fabricFlows_.empty(); }

  /// Definitions that counted no sample, with how many came for them since they are in force here; in order of name.
  [[nodiscard]] std::vector<query::Uncounted> uncounted() const;

  /// Gives back the flows of a definition that goes, or of all at a data source that goes. Nothing waits.
  void forget(AgentState& agent, const FlowEntry& flow) const;
  void release(DataSourceState& source) const;

 private:
  void update(FlowInForce& flow);
  void updateCells(FlowInForce& flow, std::size_t index, const std::uint8_t* key,
                   const flow::FlowCache::Context& context);
  void passOn(const FlowInForce& flow, const DataSourceState& source, const flow::SampleFields& fields,
              const std::uint8_t* key, double amount);
  [[nodiscard]] std::unique_ptr<FlowInForce> make(const FlowEntry& entry);
  [[nodiscard]] std::uint64_t samplesFor(const flow::Definition& definition) const;
  void adoptFlows();
  void adoptThresholds(const Definitions& before);
  [[nodiscard]] FlowInForce* find(std::string_view name) const;
  FlowState* stateFor(DataSourceState& source, const FlowEntry& flow);
  void makeSlots(DataSourceState& source);

  ShardContext& context_;
  ShardLookups& lookups_;
  ThresholdWatch& thresholds_;
  FlowRecorder& recorder_;
  std::vector<std::unique_ptr<FlowInForce>> flows_;  // in order of name
  std::vector<FlowInForce*> packetFlows_, discardFlows_;
  std::vector<FlowInForce*> fabricFlows_;  // those of the whole fabric, by slot
  flow::SharedFields shared_;              // of the keys of all definitions
  flow::SharedFields::Values values_;
  EdgeUpdates edge_;
  PatternGuard patterns_{context_};
};

}  // namespace weir::engine
