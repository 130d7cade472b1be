#include "query/active_flows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <tuple>

namespace weir::query {

namespace {

void add(ActiveFlow& flow, const FlowContribution& more, AggMode mode,
         const std::vector<flow::ValueFunction>& functions, double& largest) {
  ++flow.sources;
  const bool wins = more.values[0].value > largest;
  if (wins) {
    largest = more.values[0].value;
    flow.agent = more.agent;
    flow.source = more.source;
  }
  if (mode == AggMode::max) {
    if (wins) flow.values = more.values;
    return;
  }
  for (std::size_t i = 0; i < functions.size(); ++i) {
    flow.values[i] = flow::combined(functions[i], flow.values[i], more.values[i]);
  }
}

/// In the core each hop sees the flow: its rates are those of one hop.
void averageOverHops(ActiveFlow& flow, const std::vector<flow::ValueFunction>& functions) {
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (functions[i] == flow::ValueFunction::rate) flow.values[i].value /= flow.sources;
  }
}

}  // namespace

std::optional<AggMode> aggModeOf(std::string_view text) {
  constexpr std::array<std::string_view, 4> kModes{"max", "sum", "edge", "core"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto* at = std::find(kModes.begin(), kModes.end(), lower);
  if (at == kModes.end()) return std::nullopt;
  return static_cast<AggMode>(at - kModes.begin());
}

std::vector<ActiveFlow> mergeFlows(std::vector<FlowContribution>&& all, AggMode mode,
                                   const std::vector<flow::ValueFunction>& functions) {
  std::sort(all.begin(), all.end(), [](const FlowContribution& a, const FlowContribution& b) {
    return std::tie(a.key, a.agent, a.source) < std::tie(b.key, b.agent, b.source);
  });
  std::vector<ActiveFlow> merged;
  double largest = 0;
  for (FlowContribution& c : all) {
    if (!merged.empty() && merged.back().key == c.key) {
      add(merged.back(), c, mode, functions, largest);
      continue;
    }
    largest = c.values[0].value;
    merged.push_back({std::move(c.key), c.agent, c.source, 1, std::move(c.values)});
  }
  if (mode == AggMode::core) {
    for (ActiveFlow& flow : merged) averageOverHops(flow, functions);
  }
  return merged;
}

}  // namespace weir::query
