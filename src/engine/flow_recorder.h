#pragma once
// Inside the engine room only.
#include <memory>
#include <optional>
#include <vector>

#include "engine/agent.h"
#include "engine/fabric_flows.h"
#include "engine/shard_context.h"

namespace weir::engine {

/// Makes the flow records of definitions with a log or with IPFIX collectors: opens them with samples and ends them at
/// ticks of the clock. Thread: the shard's.
class FlowRecorder {
 public:
  FlowRecorder(ShardContext& context, const FabricFlows& fabric) : context_(context), fabric_(fabric) {}

  /// From now on records are made for IPFIX collectors, too.
  void allowExport() { exportAllowed_ = true; }
  /// Whether a definition makes records.
  [[nodiscard]] bool records(const FlowEntry& flow) const;

  /// A sample of a flow.
  void add(DataSourceState& source, const FlowEntry& flow, const flow::FlowLogTable::Update& update);
  /// Ends what is due at ticks of the clock from `next` on up to `now`. Where nothing can be due, none is looked at.
  void tick(Nanos next, Nanos now);

  void forget(const FlowEntry& flow);
  void forget(DataSourceState& source, const FlowEntry& flow);
  /// Gives back what the records of a data source hold, which goes. Then, once for several of them, released().
  void release(DataSourceState& source);
  void released();

 private:
  /// A table of flow records, and the earliest time at which one of them may be due.
  struct DueLog {
    Nanos at;
    std::shared_ptr<FlowLogState> log;  // lives on here when its data source is forgotten
    friend bool operator>(const DueLog& a, const DueLog& b) { return a.at > b.at; }
  };

  [[nodiscard]] const FlowEntry* flowOf(const FlowLogState& log) const;
  void endRecords(Nanos tick);
  void expect(const std::shared_ptr<FlowLogState>& log);
  /// `tick`: when it ends; nothing: a sample of the datagram at hand ends it.
  void emit(const DataSourceState& source, const FlowEntry& flow, const flow::FlowLogTable::Record& record,
            std::optional<Nanos> tick);

  ShardContext& context_;
  const FabricFlows& fabric_;
  bool exportAllowed_ = false;
  std::vector<DueLog> due_;    // a heap, the earliest first: each table with open records, once
  std::size_t forgotten_ = 0;  // of them, at most
};

}  // namespace weir::engine
