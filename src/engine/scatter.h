#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "engine/shard_thread.h"

namespace weir::engine {

/// The thread that merges partial results and writes answers, so that no shard does it between two batches.
class QueryWorker {
 public:
  QueryWorker() : thread_([this] { run(); }) {}
  ~QueryWorker();
  QueryWorker(const QueryWorker&) = delete;
  QueryWorker& operator=(const QueryWorker&) = delete;
  /// Thread: any.
  void post(std::function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::function<void()>> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

/// How far a question has come in a shard. Between two steps agents and data sources may come and go.
class Cursor {
 public:
  /// The agent to look at; nullptr at the end.
  [[nodiscard]] const AgentState* agent(const Shard& shard) const {
    const auto& agents = shard.agents();
    const auto at = std::lower_bound(agents.begin(), agents.end(), serial_,
                                     [](const auto& a, std::uint64_t serial) { return a->serial < serial; });
    return at == agents.end() ? nullptr : at->get();
  }
  /// Goes on to the next agent.
  const AgentState* nextAgent(const Shard& shard) {
    const AgentState* current = agent(shard);
    if (current == nullptr) return nullptr;
    *this = Cursor(current->serial + 1);
    return agent(shard);
  }
  /// The next data source of that agent, then nullptr.
  const DataSourceState* nextSource(const AgentState& agent) {
    if (agent.serial != serial_) *this = Cursor(agent.serial);
    const auto& sources = agent.ordered;
    const auto at = source_ ? std::upper_bound(sources.begin(), sources.end(), *source_,
                                               [](const wire::DataSource& id, const auto* s) { return id < s->id; })
                            : sources.begin();
    if (at == sources.end()) return nullptr;
    source_ = (*at)->id;
    return *at;
  }
  /// The next data source with a name, then nullptr.
  const CustomSourceState* nextCustom(const AgentState& agent) {
    const auto at = custom_ ? agent.custom.upper_bound(*custom_) : agent.custom.begin();
    if (at == agent.custom.end()) return nullptr;
    custom_ = at->first;
    return at->second.get();
  }

  Cursor() = default;

 private:
  explicit Cursor(std::uint64_t serial) : serial_(serial) {}
  std::uint64_t serial_ = 0;
  std::optional<wire::DataSource> source_;  // the last one of the agent
  std::optional<std::string> custom_;
};

/// A question to all shards. Each shard fills an own partial result in bounded steps on its own thread; when the last
/// one is done, the worker merges them in the order of the shards and answers.
/// Partial: a plain value, default-constructed.
template <class Partial>
class Scatter : public std::enable_shared_from_this<Scatter<Partial>> {
 public:
  /// A step at a shard, which goes on from `cursor`. True when this shard is done.
  using Visit = std::function<bool(Shard&, Partial&, Cursor& cursor)>;
  using Finish = std::function<Answer(std::vector<Partial>&&)>;

  static void ask(const std::vector<ShardThread*>& shards, QueryWorker& worker, Visit visit, Finish finish,
                  AnswerCallback done) {
    auto scatter =
        std::make_shared<Scatter>(shards.size(), worker, std::move(visit), std::move(finish), std::move(done));
    for (std::size_t i = 0; i < shards.size(); ++i) {
      (void)shards[i]->mailbox().post(std::make_unique<Task>(scatter, i));  // refused: the task's end says so
    }
  }

  Scatter(std::size_t shards, QueryWorker& worker, Visit visit, Finish finish, AnswerCallback done)
      : worker_(worker),
        visit_(std::move(visit)),
        finish_(std::move(finish)),
        done_(std::move(done)),
        partials_(shards),
        left_(shards) {}

 private:
  struct Task : ShardTask {
    Task(std::shared_ptr<Scatter> s, std::size_t i) : scatter(std::move(s)), index(i) {}
    ~Task() override {
      if (!finished) scatter->failed_.store(true, std::memory_order_relaxed);
      scatter->countDown();
    }
    bool step(Shard& shard) override {
      finished = scatter->visit_(shard, scatter->partials_[index], cursor);
      return finished;
    }
    std::shared_ptr<Scatter> scatter;
    std::size_t index;
    Cursor cursor;
    bool finished = false;
  };

  void countDown() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    worker_.post([self = this->shared_from_this()] {
      if (self->failed_.load(std::memory_order_relaxed)) {
        self->done_(Answer::unavailable("the engine is stopping or has too many queries waiting: try again"));
      } else {
        self->done_(self->finish_(std::move(self->partials_)));
      }
    });
  }

  QueryWorker& worker_;
  Visit visit_;
  Finish finish_;
  AnswerCallback done_;
  std::vector<Partial> partials_;
  std::atomic<std::size_t> left_;
  std::atomic<bool> failed_{false};
};

/// Calls visit(agent) for the agents of a shard from `cursor` on, for about Mailbox::kStepTime. True at the end.
template <class VisitAgent>
bool visitAgents(Shard& shard, Cursor& cursor, VisitAgent&& visit) {
  const Nanos end = monotonicNow() + Mailbox::kStepTime;
  for (const AgentState* agent = cursor.agent(shard); agent != nullptr; agent = cursor.nextAgent(shard)) {
    visit(*agent);
    if (monotonicNow() >= end) return cursor.nextAgent(shard) == nullptr;
  }
  return true;
}

/// Calls visit(agent, const DataSourceState*, const CustomSourceState*), one of the two given, for data sources from
/// `cursor` on, for about Mailbox::kStepTime: each agent's in canonical order, custom ones last. True at the end.
template <class VisitSource>
bool visitEachSource(Shard& shard, Cursor& cursor, VisitSource&& visit) {
  const Nanos end = monotonicNow() + Mailbox::kStepTime;
  for (const AgentState* agent = cursor.agent(shard); agent != nullptr; agent = cursor.nextAgent(shard)) {
    while (const DataSourceState* source = cursor.nextSource(*agent)) {
      visit(*agent, source, static_cast<const CustomSourceState*>(nullptr));
      if (monotonicNow() >= end) return false;
    }
    while (const CustomSourceState* custom = cursor.nextCustom(*agent)) {
      visit(*agent, static_cast<const DataSourceState*>(nullptr), custom);
      if (monotonicNow() >= end) return false;
    }
  }
  return true;
}

}  // namespace weir::engine
