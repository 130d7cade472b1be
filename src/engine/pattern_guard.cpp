#include "engine/pattern_guard.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "flow/regex.h"

namespace weir::engine {

namespace {

constexpr Nanos kLogInterval = 60 * kSecond;

/// The same of one agent.
PatternUse& useOf(AgentState& agent, const FlowEntry& flow) {
  if (agent.patternUse.size() <= flow.slot) agent.patternUse.resize(flow.slot + 1);
  PatternUse& use = agent.patternUse[flow.slot];
  if (use.generation != flow.generation) use = {.generation = flow.generation};
  return use;
}

void warn(const FlowEntry& flow, const AgentState* agent) {
  log::warning("flow " + flow.compiled->name() + " is suspended for " +
               std::to_string(PatternGuard::kSuspension / kSecond) + " s" +
               (agent == nullptr ? "" : " for samples of agent " + agent->text) +
               ": a regular expression of its filter takes too long. Repetitions inside repetitions, such as (a+)+, do "
               "that; other flows go on");
}

}  // namespace

/// Another definition may have had the slot before.
PatternGuard::OfShard& PatternGuard::ofShard(const FlowEntry& flow) {
  if (ofShard_.size() <= flow.slot) ofShard_.resize(flow.slot + 1);
  OfShard& all = ofShard_[flow.slot];
  if (all.use.generation != flow.generation) all = {.use = {.generation = flow.generation}, .figures = {}};
  return all;
}

bool PatternGuard::begin(AgentState& agent, const FlowEntry& flow) {
  OfShard& all = ofShard(flow);
  if (context_.now < std::max(useOf(agent, flow).suspendedUntil, all.use.suspendedUntil)) {
    ++all.figures.skippedSamples;
    return false;
  }
  before_ = flow::patternEffort();
  return true;
}

void PatternGuard::end(AgentState& agent, const FlowEntry& flow) {
  const std::uint64_t steps = flow::patternEffort() - before_;
  if (steps == 0) return;
  OfShard& all = ofShard(flow);
  charge(useOf(agent, flow), steps, all, flow, &agent);
  if (live_) charge(all.use, steps, all, flow, nullptr);
}

void PatternGuard::charge(PatternUse& use, std::uint64_t steps, OfShard& all, const FlowEntry& flow,
                          const AgentState* agent) {
  const std::int64_t second = context_.now / kSecond;
  if (use.second != second) {
    use.second = second;
    use.steps = 0;
  }
  use.steps += steps;
  if (use.steps <= kSteps) return;
  use.suspendedUntil = context_.now + kSuspension;
  all.until = std::max(all.until, use.suspendedUntil);
  ++all.figures.suspensions;
  const Nanos now = monotonicNow();
  if (flow.hidden || (all.logged != 0 && now - all.logged < kLogInterval)) return;
  all.logged = now;
  warn(flow, agent);
}

PatternGuard::Figures PatternGuard::figures(const FlowEntry& flow) const {
  if (flow.slot >= ofShard_.size() || ofShard_[flow.slot].use.generation != flow.generation) return {};
  Figures figures = ofShard_[flow.slot].figures;
  figures.suspended = context_.now < ofShard_[flow.slot].until;
  return figures;
}

}  // namespace weir::engine
