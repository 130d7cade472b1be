#pragma once
// Inside the engine room only.
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/no_memory.h"
#include "engine/answer_memory.h"
#include "engine/query_worker.h"
#include "engine/shard_reader.h"
#include "engine/shard_thread.h"
#include "query/question.h"

namespace weir::engine {

/// A question under way. Each shard fills a partial result of its own, in bounded steps on its own thread; when the
/// last one is done, the worker merges them in the order of the shards. What they hold together is bounded
/// (AnswerMemory), and a question that finds no memory is refused: neither stops a shard.
/// Query: a class of the query room; the question, understood.
template <class Query>
class QuestionRun : public std::enable_shared_from_this<QuestionRun<Query>> {
 public:
  using Partial = typename Query::Partial;
  /// Told the merged partial result, on the worker; once more, a refusal, where it throws std::bad_alloc.
  using Done = std::function<void(const Query&, query::Outcome<Partial>)>;
  /// What questions share; outlives them.
  struct Means {
    QueryWorker& worker;
    AnswerMemory& memory;
  };

  /// `asked`: the time of the question.
  static void start(const std::vector<ShardThread*>& shards, Means means, Query query, Nanos asked, Done done) {
    auto run = std::make_shared<QuestionRun>(shards.size(), means, std::move(query), asked, std::move(done));
    for (std::size_t i = 0; i < shards.size(); ++i) {
      (void)shards[i]->mailbox().post(std::make_unique<Task>(run, i));  // refused: the task's end says so
    }
  }

  QuestionRun(std::size_t shards, Means means, Query query, Nanos asked, Done done)
      : means_(means),
        query_(std::move(query)),
        asked_(asked),
        done_(std::move(done)),
        partials_(shards),
        left_(shards) {}
  ~QuestionRun() { release(); }
  QuestionRun(const QuestionRun&) = delete;
  QuestionRun& operator=(const QuestionRun&) = delete;

 private:
  /// Why there is no result; the first reason counts.
  enum class Fault : std::uint8_t { none, refused, tooLarge, tooMuch, noMemory };
  static constexpr std::size_t kLarge = std::size_t{16} << 20;  // octets, above which memory goes back to the system

  struct Task : ShardTask {
    Task(std::shared_ptr<QuestionRun> r, std::size_t i) : run(std::move(r)), index(i) {}
    ~Task() override {
      if (!finished) run->fail(Fault::refused);
      run->countDown();
    }
    bool step(Shard& shard) override {
      finished = run->step(shard, cursor, index, held);
      return finished;
    }
    std::shared_ptr<QuestionRun> run;
    std::size_t index;
    Cursor cursor;
    std::size_t held = 0;  // by this shard's partial result, of charged_
    bool finished = false;
  };

  bool step(Shard& shard, Cursor& cursor, std::size_t index, std::size_t& held) {
    if (fault_.load(std::memory_order_relaxed) != Fault::none) return true;  // another shard has given it up
    const MayRunOut mayRunOut;
    Partial& partial = partials_[index];
    bool finished = true;
    try {
      ShardReader reader(shard, cursor, asked_);
      finished = query_.visit(reader, partial);
      const std::size_t now = heldOctets(query_, partial);
      if (now > held && !charge(now - std::exchange(held, now))) fail(Fault::tooMuch);
    } catch (const std::bad_alloc&) {
      fail(Fault::noMemory);
    }
    if (fault_.load(std::memory_order_relaxed) == Fault::none) return finished;
    partial = Partial();
    return true;
  }

  bool charge(std::size_t octets) {
    const std::size_t all = charged_.fetch_add(octets, std::memory_order_relaxed) + octets;
    if constexpr (requires { query_.mostOctets(); }) {
      if (all > query_.mostOctets()) fail(Fault::tooLarge);
    }
    return means_.memory.charge(octets);
  }

  void fail(Fault fault) {
    Fault none = Fault::none;
    fault_.compare_exchange_strong(none, fault, std::memory_order_relaxed);
  }

  void countDown() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    means_.worker.post([self = this->shared_from_this()] { self->finish(); });
  }

  void finish() {
    if (charged_.load(std::memory_order_relaxed) > kLarge) means_.worker.trim();
    try {
      if (fault_.load(std::memory_order_relaxed) != Fault::none) return refuse();
      Partial all = std::move(partials_.front());
      for (std::size_t i = 1; i < partials_.size(); ++i) query_.merge(all, std::move(partials_[i]));
      return done_(query_, std::move(all));
    } catch (const std::bad_alloc&) {
      fail(Fault::noMemory);
    }
    refuse();
  }

  /// Whoever is refused may ask for less at once.
  void refuse() {
    partials_.clear();
    release();
    done_(query_, refusal());
  }
  void release() { means_.memory.release(charged_.exchange(0, std::memory_order_relaxed)); }

  [[nodiscard]] std::unexpected<query::Refusal> refusal() const {
    switch (fault_.load(std::memory_order_relaxed)) {
      case Fault::tooLarge:
        return std::unexpected(query::Refusal{query::Refusal::Reason::tooLarge, {"the answer is too large", {}, {}}});
      case Fault::tooMuch:
        return query::unavailable("answers in the making hold more than " + std::to_string(means_.memory.most() >> 20) +
                                  " MiB: ask for fewer agents or metrics, or try again");
      case Fault::noMemory:
        return query::unavailable("there is no memory for the answer: ask for fewer agents or metrics, or try again");
      default:
        return query::unavailable("the engine is stopping or has too many queries waiting: try again");
    }
  }

  const Means means_;
  const Query query_;
  const Nanos asked_;
  Done done_;
  std::vector<Partial> partials_;
  std::atomic<std::size_t> charged_{0};
  std::atomic<std::size_t> left_;
  std::atomic<Fault> fault_{Fault::none};
};

}  // namespace weir::engine
