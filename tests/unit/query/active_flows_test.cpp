#include "query/active_flows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::query {
namespace {

using flow::ValueFunction;

FlowContribution at(std::string_view agent, std::uint32_t port, std::string key,
                    std::vector<flow::ValueCells::Reading> values) {
  return {std::move(key), IpAddress::parse(agent).value(), {0, port}, std::move(values)};
}

/// Key, places and values of the merged flows; the same in whatever order they come.
std::string merged(std::vector<FlowContribution> all, AggMode mode, const std::vector<ValueFunction>& functions) {
  std::string first;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.source.index < b.source.index; });
  for (std::size_t turn = 0; turn < all.size(); ++turn) {
    std::vector<FlowContribution> turned = all;
    std::ranges::rotate(turned, turned.begin() + static_cast<std::ptrdiff_t>(turn));
    std::string text;
    for (const ActiveFlow& flow : mergeFlows(std::move(turned), mode, functions)) {
      text += flow.key + "@" + flow.agent.text() + "/" + std::to_string(flow.source.index) + "x" +
              std::to_string(flow.sources);
      for (const auto& value : flow.values) text += " " + std::to_string(value.value);
      text += "\n";
    }
    if (first.empty()) first = text;
    EXPECT_EQ(text, first) << turn;
  }
  return first;
}

const std::vector<FlowContribution> kThree{
    at("10.0.0.2", 1, "a", {{30, 1}, {5, 10}, {7, 1}}),
    at("10.0.0.1", 2, "a", {{20, 1}, {10, 30}, {9, 1}}),
    at("10.0.0.1", 3, "b", {{1, 1}, {2, 1}, {3, 1}}),
};
const std::vector<ValueFunction> kFunctions{ValueFunction::rate, ValueFunction::avg, ValueFunction::count};

TEST(ActiveFlows, MaxTakesTheLargestWithItsValues) {
  EXPECT_EQ(merged(kThree, AggMode::max, kFunctions),
            "a@10.0.0.2/1x2 30.000000 5.000000 7.000000\nb@10.0.0.1/3x1 1.000000 2.000000 3.000000\n");
}

TEST(ActiveFlows, SumAddsRatesAndWeighsAverages) {
  EXPECT_EQ(merged(kThree, AggMode::sum, kFunctions),
            "a@10.0.0.2/1x2 50.000000 8.750000 9.000000\nb@10.0.0.1/3x1 1.000000 2.000000 3.000000\n");
  EXPECT_EQ(merged(kThree, AggMode::edge, kFunctions), merged(kThree, AggMode::sum, kFunctions));
}

TEST(ActiveFlows, CoreIsTheMeanOfTheHops) {
  EXPECT_EQ(merged(kThree, AggMode::core, kFunctions),
            "a@10.0.0.2/1x2 25.000000 8.750000 9.000000\nb@10.0.0.1/3x1 1.000000 2.000000 3.000000\n");
}

TEST(ActiveFlows, EqualOnesAreTheFirstPlaces) {
  EXPECT_EQ(
      merged({at("10.0.0.2", 1, "a", {{5, 1}}), at("10.0.0.1", 9, "a", {{5, 1}})}, AggMode::max, {ValueFunction::rate}),
      "a@10.0.0.1/9x2 5.000000\n");
}

TEST(ActiveFlows, Modes) {
  EXPECT_EQ(aggModeOf("MAX"), AggMode::max);
  EXPECT_EQ(aggModeOf("Edge"), AggMode::edge);
  EXPECT_EQ(aggModeOf("core"), AggMode::core);
  EXPECT_FALSE(aggModeOf("agent"));
  EXPECT_FALSE(aggModeOf(""));
}

}  // namespace
}  // namespace weir::query
