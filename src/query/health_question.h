#pragma once
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "query/agent_record.h"
#include "query/analyzer_question.h"
#include "query/question.h"

namespace weir::query {

class HealthQuery;

struct HealthResult {
  EngineState engine;
  AnalyzerResult counted;
  std::vector<AgentFaults> faulty;             ///< agents whose telemetry has faults, by address
  std::vector<ThresholdAtBound> thresholds;    ///< whose flows found no room, by name
  std::vector<SuspendedFlow> suspendedFlows;   ///< by name
  std::vector<SharedAddress> sharedAddresses;  ///< in order
  std::vector<CountsNothing> countNothing;

  void writeJson(JsonWriter& json) const;
};

/// GET /health/json: what was received, and what was dropped and why.
struct HealthQuestion {
  using Query = HealthQuery;
  using Result = HealthResult;
  static constexpr std::string_view kName = "health";
};

}  // namespace weir::query
