#pragma once
#include <vector>

#include "query/context.h"
#include "query/health_question.h"
#include "query/shard_view.h"

namespace weir::query {

/// HealthQuestion, understood. Immutable: shared by the shards.
class HealthQuery {
 public:
  using Question = HealthQuestion;
  static constexpr bool kOfFlows = true;  // the fabric shard refuses flows, too
  [[nodiscard]] static Outcome<HealthQuery> prepare(const HealthQuestion&, const Context& context) {
    return HealthQuery(*context.engine);
  }

  struct Partial {
    ShardFigures shards;
    std::vector<AgentFaults> faulty;
    std::vector<ThresholdAtBound> thresholds;
    std::vector<SharedAddress> sharedAddresses;
    std::vector<SuspendedFlow> suspendedFlows;
    std::vector<Uncounted> flows, metrics;  ///< at all shards
    static auto fields(auto& self, auto&& all) {
      return all(self.shards, self.faulty, self.thresholds, self.sharedAddresses, self.suspendedFlows, self.flows,
                 self.metrics);
    }
  };
  static bool visit(ShardView& shard, Partial& partial);
  static void merge(Partial& into, Partial&& from);
  [[nodiscard]] Outcome<HealthResult> finish(Partial&& partial) const;

 private:
  explicit HealthQuery(EngineView& engine) : engine_(&engine) {}

  EngineView* engine_;
};

}  // namespace weir::query
