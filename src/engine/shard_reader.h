#pragma once
// Inside the engine room only.
#include "engine/cursor.h"
#include "engine/flow_reader.h"
#include "query/shard_view.h"

namespace weir::engine {

class AgentReader final : public query::AgentView {
 public:
  explicit AgentReader(const model::Topology& topology) : topology_(topology) {}
  void look(const AgentState* agent, Nanos now) {
    agent_ = agent;
    now_ = now;
  }

  query::SourceView itself() const override { return viewOf(topology_, *agent_, nullptr); }
  std::size_t sources() const override { return agent_->ordered.size(); }
  query::SourceView source(std::size_t i) const override { return viewOf(topology_, *agent_, agent_->ordered[i]); }
  query::AgentRecord record() const override;
  query::AgentFaults faults() const override;
  query::SharedAddress sharedAddress() const override;

 private:
  const model::Topology& topology_;
  const AgentState* agent_ = nullptr;
  Nanos now_ = 0;
};

/// One step of a query at one shard, from `cursor` on, for about Mailbox::kStepTime. Thread: the shard's.
class ShardReader final : public query::ShardView {
 public:
  /// `asked`: when; a shard that is ahead of it shows what it has now.
  ShardReader(Shard& shard, Cursor& cursor, Nanos asked);

  bool hasAgent(const AgentId& agent) const override { return shard_.findAgent(agent) != nullptr; }
  query::SourceView agent(const AgentId& agent) const override {
    return viewOf(topology_, *shard_.findAgent(agent), nullptr);
  }
  query::SourceView source(const AgentId& agent, const wire::DataSource& source) const override;
  std::vector<std::pair<std::string, Nanos>> flowKeys() const override { return shard_.keysSeen().list(); }
  query::ShardFigures figures() const override;
  std::vector<query::ThresholdAtBound> thresholdsAtBound() const override;
  std::vector<query::SuspendedFlow> suspendedFlows() const override;
  std::vector<query::Uncounted> uncountedFlows() const override { return shard_.uncountedFlows(); }
  std::vector<query::Uncounted> unseenMetrics() const override { return shard_.unseenMetrics(); }

 private:
  const query::SourceView* nextSource() override;
  const query::SourceView* nextSourceOf(const std::vector<AgentId>& agents) override;
  const query::AgentView* nextAgent() override;
  const model::HostLocation* nextHost() override { return cursor_.nextHost(shard_); }
  bool isOver() const override { return monotonicNow() >= end_; }
  const query::SourceView* show(const DataSourceState* source, const CustomSourceState* custom);

  Shard& shard_;
  const model::Topology& topology_;
  Cursor& cursor_;
  const Nanos end_;
  const AgentState* agent_;  // whose data sources come next
  AgentReader agentReader_;
  FlowReader flows_;
  query::SourceView view_;
};

}  // namespace weir::engine
