#pragma once
// Inside the engine room only.
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "engine/agent.h"
#include "engine/definitions.h"
#include "engine/shard_context.h"

namespace weir::engine {

/// Suspends definitions whose regular expressions take too long, so that one filter takes no shard from the others
/// (docs/flow-definitions.md, filter). A definition may make kSteps of effort in a second for the samples of one agent,
/// and live, where lost time is lost telemetry, for those of all agents of the shard. Beyond, it looks at none of these
/// samples for kSuspension. What an agent's samples cost depends on that agent alone, and the time is the engine's, so
/// a replay suspends at the same samples each time. Thread: the shard's.
class PatternGuard {
 public:
  static constexpr std::uint64_t kSteps = 10'000'000;  // about 30 ms
  static constexpr Nanos kSuspension = 10 * kSecond;

  explicit PatternGuard(const ShardContext& context) : context_(context) {}

  /// From now on the bound of all agents applies.
  void beLive() { live_ = true; }
  /// Before a definition that tries patterns looks at a sample. False: it is suspended.
  bool begin(AgentState& agent, const FlowEntry& flow);
  /// After it.
  void end(AgentState& agent, const FlowEntry& flow);

  struct Figures {
    std::uint64_t suspensions = 0, skippedSamples = 0;
    bool suspended = false;  ///< now, for an agent at least
  };
  [[nodiscard]] Figures figures(const FlowEntry& flow) const;

 private:
  struct OfShard {
    PatternUse use;
    Figures figures;
    Nanos until = 0;  // the last suspension
    Nanos logged = 0;
  };
  void charge(PatternUse& use, std::uint64_t steps, OfShard& all, const FlowEntry& flow, const AgentState* agent);
  OfShard& ofShard(const FlowEntry& flow);

  const ShardContext& context_;
  bool live_ = false;
  std::uint64_t before_ = 0;      // patternEffort() at begin()
  std::vector<OfShard> ofShard_;  // by slot
};

}  // namespace weir::engine
