#pragma once
#include <string_view>

namespace weir::engine {

/// A bound of Limits that was reached.
enum class Bound { agents, activeAgents, sources, activeSources, sourcesOfAgent, subAgents, hosts, flowsOfThreshold };

/// A line in the log that says what the bound means and what to do, at most one a minute of each: what strangers send
/// must not fill the log. `owner`: the agent or the threshold whose bound it is. Thread: any.
void warnOfBound(Bound bound, std::string_view owner = {});

}  // namespace weir::engine
