#pragma once
#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "engine/engine.h"
#include "engine/flow_explanation.h"
#include "engine/listeners.h"

namespace weir::api::test {

/// An engine that remembers what it was asked, tells results with next to nothing in them, keeps definitions as text,
/// and has logs that the test appends to. Questions with the names "bad", "nosuch" and "busy" are refused: invalid, not
/// found, unavailable; definitions of the name "odd" have a hint.
class FakeEngine : public engine::Engine {
 public:
  Expected<Hints> put(Kind kind, std::string_view name, const boost::json::value& body,
                      OnHints onHints = OnHints::accept) override {
    const std::lock_guard lock(mutex_);
    if (name == "bad") return fail("expected a known key", "keys", 3);
    const Hints hints = name == "odd" ? Hints{"it is odd"} : Hints();
    if (!hints.empty() && onHints == OnHints::refuse) return fail(hints.front());
    definitions_[kind][std::string(name)] = boost::json::serialize(body);
    return hints;
  }
  Expected<Checked> check(Kind, const boost::json::value& body) const override {
    if (body.get_object().contains("bad")) return fail("expected a known key", "keys", 3);
    return Checked{boost::json::serialize(body), {"a hint"}};
  }
  Hints hintsOnNames(Named, const std::vector<std::string>& names) const override {
    Hints hints;
    for (const std::string& name : names) {
      if (name.starts_with("nosuch")) hints.push_back("there is no \"" + name + "\"");
    }
    return hints;
  }
  void remove(Kind kind, std::string_view name) override {
    const std::lock_guard lock(mutex_);
    definitions_[kind].erase(std::string(name));
  }
  std::optional<std::string> get(Kind kind, std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    const auto all = definitions_.find(kind);
    if (all == definitions_.end()) return std::nullopt;
    const auto one = all->second.find(std::string(name));
    if (one == all->second.end()) return std::nullopt;
    return one->second;
  }
  std::string list(Kind kind) const override {
    const std::lock_guard lock(mutex_);
    std::string out;
    JsonWriter json(out);
    json.beginObject();
    if (const auto all = definitions_.find(kind); all != definitions_.end()) {
      for (const auto& [name, text] : all->second) json.key(name).raw(text);
    }
    json.endObject();
    return out;
  }
  Expected<void> putTopology(const boost::json::value& body) override {
    if (body.get_object().contains("bad")) return fail("expected links", "links");
    topology_ = boost::json::serialize(body);
    return {};
  }
  std::string topology() const override { return topology_; }

  void answer(query::AnyAsked asked) override {
    std::visit(
        [&]<class Question>(query::Asked<Question>& one) {
          note(one.question);
          tell<typename Question::Result>(std::get<0>(std::move(one.done)));
        },
        asked);
  }
  query::Outcome<std::uint64_t> startProbe(const boost::json::value& body) override {
    if (body.get_object().contains("bad")) return query::invalid({"expected a known key", "keys", 3});
    if (probes == kMaxProbes) return query::unavailable("too many");
    return ++probes;
  }
  bool probeIsRipe(std::uint64_t) const override { return ripe; }
  void finishProbe(std::uint64_t probe, std::function<void(query::Outcome<engine::FlowExplanation>)> done) override {
    --probes;
    note("probe", {std::to_string(probe)});
    tell<engine::FlowExplanation>(std::move(done));
  }

  std::optional<std::string> logRecords(Log log, const LogRequest& request) const override {
    const std::lock_guard lock(mutex_);
    ++logQuestions_;
    const auto& all = logs_[static_cast<int>(log)];
    std::string out;
    JsonWriter json(out);
    json.beginArray();
    std::size_t found = 0;
    const auto newest = static_cast<std::int64_t>(all.size());
    const std::int64_t after = request.after > newest ? -1 : request.after;
    for (std::int64_t id = newest; id > std::max<std::int64_t>(after, 0) && (!request.max || found < *request.max);
         --id) {
      const std::string& name = all[static_cast<std::size_t>(id - 1)];
      if (!request.names.empty() && std::ranges::find(request.names, name) == request.names.end()) continue;
      json.beginObject().member("id", id).member("name", name).endObject();
      ++found;
    }
    json.endArray();
    if (found == 0 && !(request.max && *request.max == 0)) return std::nullopt;
    return out;
  }
  LogPiece recordsAfter(Log log, const LogRequest& request, std::size_t most) const override {
    const std::lock_guard lock(mutex_);
    ++logQuestions_;
    lastAfter_ = request.after;
    const auto& all = logs_[static_cast<int>(log)];
    const auto newest = static_cast<std::int64_t>(all.size());
    const std::int64_t after = std::max<std::int64_t>(request.after > newest ? -1 : request.after, 0);
    LogPiece piece{{}, after, request.after >= 0 && after < forgotten};
    std::int64_t first = std::max(after, forgotten) + 1;
    if (request.max) first = std::max(first, newest - static_cast<std::int64_t>(*request.max) + 1);
    for (std::int64_t id = first; id <= newest && piece.records.size() < most; ++id) {
      piece.cursor = id;
      const std::string& name = all[static_cast<std::size_t>(id - 1)];
      if (!request.names.empty() && std::ranges::find(request.names, name) == request.names.end()) continue;
      piece.records.emplace_back(id, R"({"name":")" + name + "\"}");
    }
    if (first > newest) piece.cursor = newest;
    return piece;
  }
  Nanos now() const override { return systemNow(); }
  engine::Subscription subscribe(engine::SubscriptionOptions options) override {
    return listeners_->subscribe(std::move(options));
  }

  // --- for the test
  void append(Log log, std::string name) {
    {
      const std::lock_guard lock(mutex_);
      logs_[static_cast<int>(log)].push_back(std::move(name));
    }
    listeners_->tell(engine::LogsAppended{});
  }
  /// Answers are kept back from now on, until release(), which gives them from the calling thread.
  void hold() { held_ = true; }
  void release() {
    std::vector<std::function<void()>> kept;
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
      kept.swap(kept_);
    }
    for (auto& answer : kept) answer();
  }
  std::size_t keptBack() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  int logQuestions() const {
    const std::lock_guard lock(mutex_);
    return logQuestions_;
  }
  /// Behind which record the last reader of a log asked.
  std::int64_t lastAfter() const {
    const std::lock_guard lock(mutex_);
    return lastAfter_;
  }
  /// The last question and its arguments.
  std::string asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t extraOctets = 0;  ///< added to some results
  std::int64_t forgotten = 0;   ///< records up to this id have left the logs
  std::size_t probes = 0;
  bool ripe = false;
  bool flowsAreGone = false;

 private:
  void note(const query::AgentsQuestion& q) { note("agents", q.agents); }
  void note(const query::MetricNamesQuestion&) { note("metricNames", {}); }
  void note(const query::AgentMetricsQuestion& q) { note("agentMetrics", {q.agent}); }
  void note(const query::MetricQuestion& q) { note("metric", {q.agents, q.metrics}, q.filter); }
  void note(const query::TableQuestion& q) { note("table", {q.agents, q.metrics}, q.filter); }
  void note(const query::DumpQuestion& q) {
    note(q.sourceNames ? "dump with names" : "dump", {q.agents, q.metrics}, q.filter);
  }
  void note(const query::FlowKeysQuestion&) { note("flowKeys", {}); }
  void note(const query::ActiveFlowsQuestion& q) {
    std::string least;
    appendJsonNumber(least, q.minValue);
    note("activeFlows", {q.agents, q.name, std::to_string(q.maxFlows), least, q.aggMode});
    if (flowsAreGone) refusal_ = {query::Refusal::Reason::invalid, {"there is no flow", {}, {}}};
  }
  void note(const query::FlowValueQuestion& q) { note("flowValue", {q.agent, q.name, q.key}); }
  void note(const query::FlowLocationsQuestion& q) {
    note("flowLocations", {q.agents, q.name, q.key.value_or("(all)")});
  }
  void note(const query::HostLocationsQuestion& q) {
    note("hostLocations", {q.host, q.agents, q.maxHosts == SIZE_MAX ? "all" : std::to_string(q.maxHosts)});
  }
  void note(const query::LinkEndsQuestion& q) { note("linkEnds", {q.link}); }
  void note(const query::TopologyStatusQuestion&) { note("topologyStatus", {}); }
  void note(const query::AnalyzerQuestion&) { note("analyzer", {}); }
  void note(const query::HealthQuestion&) { note("health", {}); }

  void note(std::string_view question, const std::vector<std::string>& arguments,
            const query::Parameters& filter = {}) {
    const std::lock_guard lock(mutex_);
    asked_ = question;
    for (const std::string& argument : arguments) asked_ += " " + argument;
    for (const auto& [name, value] : filter) asked_ += " ?" + name + "=" + value;
    refusal_.reset();
    const auto has = [&](const char* name) { return std::ranges::find(arguments, name) != arguments.end(); };
    if (has("bad")) refusal_ = {query::Refusal::Reason::invalid, {"no such thing", "metric", 4}};
    if (has("nosuch")) refusal_ = {query::Refusal::Reason::notFound, {"unknown agent", {}, {}}};
    if (has("busy")) refusal_ = {query::Refusal::Reason::unavailable, {"try again", {}, {}}};
  }

  template <class Result>
  Result result() const {
    Result result{};
    if constexpr (std::is_same_v<Result, query::MetricNamesResult>) {
      result.newest[asked_ + std::string(extraOctets, 'x')];
      result.newest["other"];
    } else if constexpr (std::is_same_v<Result, query::FlowValueResult>) {
      result.key = asked_;
    } else if constexpr (std::is_same_v<Result, query::ActiveFlowsResult>) {
      result.flows.emplace_back().key = asked_ + std::string(extraOctets, 'x');
      result.total = 3;
    } else if constexpr (std::is_same_v<Result, query::DumpResult>) {
      query::SourceRecords& source = result.records.sources.emplace_back();
      source.key.source = {0, 3};
      source.records.push_back({result.records.names.placeOf("metric"), 0, 1.5, {}});
    } else if constexpr (std::is_same_v<Result, engine::FlowExplanation>) {
      result.compiled = *flow::CompiledDefinition::compile("", *flow::Definition::fromJson({{"value", "bytes"}}));
    }
    return result;
  }

  template <class Result>
  void tell(std::function<void(query::Outcome<Result>)> done) {
    std::unique_lock lock(mutex_);
    query::Outcome<Result> outcome = refusal_ ? query::Outcome<Result>(std::unexpected(*refusal_)) : result<Result>();
    if (held_) {
      kept_.emplace_back([done = std::move(done), outcome] { done(outcome); });
      return;
    }
    lock.unlock();
    done(std::move(outcome));
  }

  mutable std::mutex mutex_;
  std::map<Kind, std::map<std::string, std::string>> definitions_;
  std::string topology_ = "{}";
  std::vector<std::string> logs_[2];
  mutable int logQuestions_ = 0;
  mutable std::int64_t lastAfter_ = 0;
  std::string asked_;
  std::optional<query::Refusal> refusal_;  // of the question at hand
  std::atomic<bool> held_ = false;
  std::vector<std::function<void()>> kept_;
  std::shared_ptr<engine::Listeners> listeners_ =
      std::make_shared<engine::Listeners>(engine::Listeners::Clock::system, systemNow);
};

}  // namespace weir::api::test
