#pragma once
#include <algorithm>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace weir::api::test {

/// An engine that echoes what it was asked as JSON, keeps definitions as text, and has logs that the test appends to.
/// The names "bad", "nosuch" and "busy" are answered invalid, not found and unavailable.
class FakeEngine : public engine::Engine {
 public:
  Expected<void> put(Kind kind, std::string_view name, const boost::json::value& body) override {
    const std::lock_guard lock(mutex_);
    if (name == "bad") return fail("expected a known key", "keys", 3);
    definitions_[kind][std::string(name)] = boost::json::serialize(body);
    return {};
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

  void agents(const std::vector<std::string>& only, engine::AnswerCallback done) override {
    echo("agents", only, {}, done);
  }
  void metricNames(engine::AnswerCallback done) override { echo("metricNames", {}, {}, done); }
  void agentMetrics(std::string agent, engine::AnswerCallback done) override {
    echo("agentMetrics", {agent}, {}, done);
  }
  void metric(std::string a, std::string m, engine::Parameters f, engine::AnswerCallback done) override {
    echo("metric", {a, m}, f, done);
  }
  void table(std::string a, std::string m, engine::Parameters f, engine::AnswerCallback done) override {
    echo("table", {a, m}, f, done);
  }
  void dump(std::string a, std::string m, engine::Parameters f, engine::AnswerCallback done) override {
    echo("dump", {a, m}, f, done);
  }
  void flowKeys(engine::AnswerCallback done) override { echo("flowKeys", {}, {}, done); }
  void activeFlows(ActiveFlowsRequest r, engine::AnswerCallback done) override {
    if (flowsAreGone) return done(engine::Answer::invalid({"there is no flow", {}, {}}));
    std::string min;
    appendJsonNumber(min, r.minValue);
    echo("activeFlows", {r.agents, r.name, std::to_string(r.maxFlows), min, r.aggMode}, {}, done);
  }
  void flowValue(std::string a, std::string n, std::string key, engine::AnswerCallback done) override {
    echo("flowValue", {a, n, key}, {}, done);
  }
  void flowLocations(std::string a, std::string n, std::optional<std::string> key,
                     engine::AnswerCallback done) override {
    echo("flowLocations", {a, n, key.value_or("(all)")}, {}, done);
  }
  void hostLocations(HostsRequest r, engine::AnswerCallback done) override {
    echo("hostLocations", {r.host, r.agents, r.maxHosts == SIZE_MAX ? "all" : std::to_string(r.maxHosts)}, {}, done);
  }
  void linkMetric(const std::string& link, std::string metrics, engine::AnswerCallback done) override {
    echo("linkMetric", {link, metrics}, {}, done);
  }
  void topologyStatus(engine::AnswerCallback done) override { echo("topologyStatus", {}, {}, done); }
  void license(engine::AnswerCallback done) override { echo("license", {}, {}, done); }
  void prometheusAnalyzer(const engine::HttpFigures& http, engine::AnswerCallback done) override {
    echo("prometheusAnalyzer", {std::to_string(http.messagesReceived)}, {}, done);
  }
  void prometheusMetrics(std::string a, std::string m, engine::Parameters f, engine::PrometheusNames names,
                         engine::AnswerCallback done) override {
    echo("prometheusMetrics", {a, m, names.prefix, names.types ? "types" : ""}, f, done);
  }
  engine::Answer startProbe(const boost::json::value& body, std::uint64_t& probe) override {
    if (body.get_object().contains("bad")) return engine::Answer::invalid({"expected a known key", "keys", 3});
    if (probes == kMaxProbes) return engine::Answer::unavailable("too many");
    probe = ++probes;
    return engine::Answer::text("");
  }
  bool probeIsRipe(std::uint64_t) const override { return ripe; }
  void finishProbe(std::uint64_t probe, engine::AnswerCallback done) override {
    --probes;
    echo("probe", {std::to_string(probe)}, {}, done);
  }
  void analyzer(const engine::HttpFigures& http, engine::AnswerCallback done) override {
    echo("analyzer", {std::to_string(http.messagesReceived)}, {}, done);
  }
  void health(engine::AnswerCallback done) override { echo("health", {}, {}, done); }

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
  void onLogAppended(std::function<void()> wake) override { wake_ = std::move(wake); }
  Expected<void> start() override { return {}; }
  void stop() override {}

  // --- for the test
  void append(Log log, std::string name) {
    {
      const std::lock_guard lock(mutex_);
      logs_[static_cast<int>(log)].push_back(std::move(name));
    }
    if (wake_) wake_();
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
  std::size_t extraOctets = 0;  ///< added to each answer
  std::int64_t forgotten = 0;   ///< records up to this id have left the logs
  std::size_t probes = 0;
  bool ripe = false;
  bool flowsAreGone = false;

 private:
  void echo(std::string_view query, const std::vector<std::string>& arguments, const engine::Parameters& filter,
            const engine::AnswerCallback& done) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().member("query", query).key("arguments").beginArray();
    for (const auto& a : arguments) json.string(a);
    json.endArray();
    if (!filter.empty()) {
      json.key("filter").beginArray();
      for (const auto& [name, value] : filter) json.string(name + "=" + value);
      json.endArray();
    }
    if (extraOctets > 0) json.member("extra", std::string(extraOctets, 'x'));
    json.endObject();
    engine::Answer answer = engine::Answer::text(out);
    if (std::ranges::find(arguments, "bad") != arguments.end())
      answer = engine::Answer::invalid({"no such thing", "metric", 4});
    if (std::ranges::find(arguments, "nosuch") != arguments.end()) answer = engine::Answer::notFound("unknown agent");
    if (std::ranges::find(arguments, "busy") != arguments.end()) answer = engine::Answer::unavailable("try again");
    const std::lock_guard lock(mutex_);
    if (held_) {
      kept_.emplace_back([done, answer] { done(answer); });
      return;
    }
    done(std::move(answer));
  }

  mutable std::mutex mutex_;
  std::map<Kind, std::map<std::string, std::string>> definitions_;
  std::string topology_ = "{}";
  std::vector<std::string> logs_[2];
  mutable int logQuestions_ = 0;
  std::atomic<bool> held_ = false;
  std::vector<std::function<void()>> kept_;
  std::function<void()> wake_;
};

}  // namespace weir::api::test
