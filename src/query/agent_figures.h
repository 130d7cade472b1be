#pragma once
#include "query/fault_figures.h"

namespace weir::query {

/// What was wrong with the telemetry of one agent.
struct AgentFigures {
  static constexpr std::string_view kOwner = "agent";

  FaultTotals faults{};
#define WEIR_FIGURE(member, ...) std::uint64_t member = 0;
#include "query/agent_figures.def"

  static void each(auto& self, auto&& visit) {
    eachFault(self.faults, visit);
#define WEIR_FIGURE(member, ...) visit(WEIR_FIGURE_ROW(member, __VA_ARGS__), self.member);
#include "query/agent_figures.def"
  }
};

}  // namespace weir::query
