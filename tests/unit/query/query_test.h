#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "json/lenient.h"
#include "model/topology.h"
#include "query/context.h"
#include "query/selector.h"
#include "query/source_view.h"
#include "support/counter_sample.h"

namespace weir::query {

/// Flow metrics of one data source, by hand.
class FakeFlows final : public FlowMetricReader {
 public:
  std::vector<FlowMetric> metrics;

  bool flowMetric(std::string_view name, bool withTopKeys, FlowMetric& out) const override {
    for (const FlowMetric& metric : metrics) {
      if (metric.name != name) continue;
      out = metric;
      if (!withTopKeys) out.topKeys.clear();
      return true;
    }
    return false;
  }
  bool flowsOf(const flow::CompiledDefinition&, bool, std::vector<FlowAtSource>&) const override { return false; }
  void countFlows(const flow::CompiledDefinition&, double, DistinctKeys&) const override {}

 private:
  void visitFlowMetrics(bool withTopKeys, Visitor& visitor) const override {
    for (FlowMetric metric : metrics) {
      if (!withTopKeys) metric.topKeys.clear();
      visitor.flow(metric);
    }
  }
};

inline IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

/// A few data sources, each as a query sees it.
class QueryTest : public testing::Test {
 protected:
  static constexpr Nanos kNow = 1'000 * kSecond;

  struct Source {
    SourceView view;
    model::CounterState counters;
    FakeFlows flows;
    std::string customName;
    wire::FaultCounts faults;
  };

  Source& add(std::string_view agent, std::uint32_t cls, std::uint32_t index) {
    sources_.push_back(std::make_unique<Source>());
    Source& source = *sources_.back();
    source.view.agent = address(agent);
    source.view.source = {cls, index};
    source.view.counters = &source.counters;
    source.view.flows = &source.flows;
    return source;
  }
  /// Applies records that came `ageMs` before kNow.
  void sample(Source& source, std::int64_t ageMs,
              std::initializer_list<std::pair<std::uint32_t, test::RecordBytes>> records) {
    test::CounterSample s(source.view.source.cls, source.view.source.index);
    for (const auto& [tag, record] : records) s.add(tag, record);
    const Nanos now = kNow - ageMs * kMillisecond;
    source.counters.apply(s.sample(), {now, static_cast<std::uint32_t>(now / kMillisecond), 0, false}, source.faults);
  }
  /// A port with its name and in-octets rate.
  Source& port(std::string_view agent, std::uint32_t index, double octetsPerSecond, std::int64_t ageMs = 1000,
               std::uint64_t speed = 1'000'000'000) {
    Source& source = add(agent, 0, index);
    const auto name = test::RecordBytes{}.str("eth" + std::to_string(index));
    sample(source, ageMs + 10'000, {{1, test::Interface{.index = index, .speed = speed}.record()}, {1005, name}});
    sample(
        source, ageMs,
        {{1,
          test::Interface{.index = index, .speed = speed, .inOctets = static_cast<std::uint64_t>(octetsPerSecond * 10)}
              .record()},
         {1005, name}});
    return source;
  }
  /// A host data source 2.1; the agent's other sources see it too (hostsKnown()).
  Source& host(std::string_view agent, std::string_view name, float load, std::int64_t ageMs = 2000,
               std::uint32_t os = 2, std::uint32_t cpus = 4) {
    Source& source = add(agent, 2, 1);
    test::RecordBytes descr, cpu;
    descr.str(name);
    for (int i = 0; i < 4; ++i) descr.u32(7);
    descr.u32(3).u32(os).str("5.10");
    cpu.f32(load).f32(load).f32(load).u32(1).u32(2).u32(cpus).u32(2400).u32(99);
    for (int i = 0; i < 12; ++i) cpu.u32(0);
    sample(source, ageMs, {{2000, descr}, {2003, cpu}});
    return source;
  }
  void hostsKnown() {
    for (auto& source : sources_)
      for (const auto& other : sources_)
        if (other->view.agent == source->view.agent && other->view.source == wire::DataSource{2, 1})
          source->view.host = &other->counters;
  }
  static void flow(Source& source, std::string name, double value, std::int64_t ageMs, std::vector<TopKey> keys = {}) {
    source.flows.metrics.push_back({std::move(name), value, kNow - ageMs * kMillisecond, std::move(keys)});
  }

  [[nodiscard]] Context context() const { return {kNow, &names_, topology_, nullptr, {}}; }

  /// The result, written by `write`; it must not depend on how the sources were spread over shards and in which order
  /// those were merged.
  template <class Question, class Write>
  std::string answer(const Question& question, Write&& write) {
    hostsKnown();
    const auto query = Question::Query::prepare(question, context());
    if (!query) return query.error().error.text();
    std::string first;
    for (const std::size_t shards : {1U, 2U, 3U}) {
      for (const bool backwards : {false, true}) {
        std::vector<typename Question::Query::Partial> parts(shards);
        for (std::size_t i = 0; i < sources_.size(); ++i) query->visit(sources_[i]->view, parts[i * 7 % shards]);
        if (backwards) std::reverse(parts.begin(), parts.end());
        typename Question::Query::Partial all;
        for (auto& part : parts) query->merge(all, std::move(part));
        const auto result = query->finish(std::move(all));
        const std::string out = result ? write(*result) : result.error().error.text();
        if (first.empty()) first = out;
        EXPECT_EQ(out, first) << shards << " shards";
      }
    }
    return first;
  }
  template <class Question>
  std::string answer(const Question& question) {
    return answer(question, [](const auto& result) { return jsonOf(result); });
  }

  AgentSelector agents(std::string_view text = "ALL") { return AgentSelector::parse(text, topology_).value(); }
  MetricList metrics(std::string_view text, ListKind kind) { return MetricList::parse(text, kind, names_).value(); }
  Filter filter(const Parameters& parameters = {}) { return Filter::parse(parameters, names_).value(); }

  std::vector<std::unique_ptr<Source>> sources_;
  /// Text as in PUT /topology/json.
  void topology(std::string_view text) {
    topology_ = model::Topology::fromJson(json::parseLenient(text).value()).value();
  }
  std::shared_ptr<const model::Topology> topology_ = std::make_shared<model::Topology>();
  model::MetricNames names_;
};

}  // namespace weir::query
