#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "engine/definition_kind.h"
#include "engine/subscription.h"
#include "query/questions.h"

namespace boost::json {
class value;
}

/// The engine: telemetry in; flows, metrics, thresholds and events out. REST and (later) scripts are two faces of the
/// commands and queries here; validation and its errors are here, once.
namespace weir::engine {

struct FlowExplanation;  // engine/flow_explanation.h
struct Settings;         // engine/settings.h

using query::Parameters;

class Engine {
 public:
  virtual ~Engine() = default;

  // --- definitions: immutable values swapped as a whole. Thread: any. An error leaves everything as it was.
  using Kind = DefinitionKind;
  /// What is legal in a definition but hardly meant, a sentence each.
  using Hints = std::vector<std::string>;
  enum class OnHints : bool { accept, refuse };
  /// Sets one definition; identical to what is there: nothing happens. Answers its hints; with OnHints::refuse they are
  /// an error.
  [[nodiscard]] virtual Expected<Hints> put(Kind kind, std::string_view name, const boost::json::value& body,
                                            OnHints onHints = OnHints::accept) = 0;
  /// What put() would answer, and the definition as GET would show it. Nothing is set.
  struct Checked {
    std::string definition;  ///< JSON
    Hints hints;
  };
  [[nodiscard]] virtual Expected<Checked> check(Kind kind, const boost::json::value& body) const = 0;
  /// Hints on names in a question: thresholds and flows whose records are asked for, metrics.
  enum class Named : std::uint8_t { threshold, loggedFlow, metric };
  [[nodiscard]] virtual Hints hintsOnNames(Named named, const std::vector<std::string>& names) const = 0;
  /// Forgets one; an unknown name is fine.
  virtual void remove(Kind kind, std::string_view name) = 0;
  /// One definition as GET answers it, or nothing.
  [[nodiscard]] virtual std::optional<std::string> get(Kind kind, std::string_view name) const = 0;
  /// The list resource of a kind (`/flow/json`, `/threshold/json`, `/forwarding/json`: name → definition;
  /// `/group/json`, `/map/json`: name → last update by the clock of the engine, ms; 0: before the first datagram of a
  /// replay).
  [[nodiscard]] virtual std::string list(Kind kind) const = 0;
  [[nodiscard]] virtual Expected<void> putTopology(const boost::json::value& body) = 0;
  [[nodiscard]] virtual std::string topology() const = 0;

  // --- questions: plain values of the query room, answered by merging partial results of the shards. Thread: any.
  template <class Question>
  void ask(Question question, std::type_identity_t<query::Done<Question>> done) {
    answer(query::Asked<Question>{std::move(question), std::move(done)});
  }
  /// The result over the agents of this engine and of others, which were asked for their partial results with
  /// askPartial(). All have the same definitions; agents do not send to several engines. `at`: the time of the
  /// question.
  template <class Question>
  void askWith(std::vector<std::string> others, Nanos at, Question question,
               std::type_identity_t<query::Done<Question>> done) {
    answer(query::Asked<Question>{std::move(question), std::move(done), at, std::move(others)});
  }
  /// The partial result of this engine, for one that asks at the time `at`.
  template <class Question>
  void askPartial(Nanos at, Question question, query::DonePartial done) {
    answer(query::Asked<Question>{std::move(question), std::move(done), at, {}});
  }
  /// Answers a question of any kind.
  virtual void answer(query::AnyAsked asked) = 0;

  // --- POST /flow/validate: a definition in force under a hidden name, for about a second of the engine's
  // clock, so that it can be explained with an example. Bounded by kMaxProbes. Thread: any.
  static constexpr std::size_t kMaxProbes = 8;
  /// The probe, which is in force until finishProbe(). invalid: what PUT would answer. unavailable: too many.
  [[nodiscard]] virtual query::Outcome<std::uint64_t> startProbe(const boost::json::value& body) = 0;
  /// A second of the engine's clock has passed since the start; of an unknown probe too.
  [[nodiscard]] virtual bool probeIsRipe(std::uint64_t probe) const = 0;
  /// Tells the explanation, as ask() tells a result, and forgets the definition. Once.
  virtual void finishProbe(std::uint64_t probe, std::function<void(query::Outcome<FlowExplanation>)> done) = 0;

  // --- logs. Thread: any.
  enum class Log : std::uint8_t { events, flows };
  struct LogRequest {
    std::vector<std::string> names;  ///< threshold or flow names, sorted; empty: all
    std::int64_t after = -1;         ///< only records with a greater id
    std::optional<std::size_t> max;  ///< newest so many
  };
  /// JSON array, newest first, or nothing when no record matches (the caller then waits or answers []).
  [[nodiscard]] virtual std::optional<std::string> logRecords(Log log, const LogRequest& request) const = 0;
  /// Records in the order of their ids, for readers that follow a log.
  struct LogPiece {
    std::vector<std::pair<std::int64_t, std::string>> records;  ///< id and JSON
    std::int64_t cursor = -1;                                   ///< `after` of the next question
    bool overtaken = false;                                     ///< records behind `after` have left the log unseen
  };
  /// The oldest `most` of the records that logRecords() would answer.
  [[nodiscard]] virtual LogPiece recordsAfter(Log log, const LogRequest& request, std::size_t most) const = 0;

  // --- clock and news. Thread: any.
  /// The engine's clock: live the system's, in a replay the capture's, which is 0 before the first datagram and stands
  /// still after the last.
  [[nodiscard]] virtual Nanos now() const = 0;
  /// One more that listens; any number may.
  [[nodiscard]] virtual Subscription subscribe(SubscriptionOptions options) = 0;
};

}  // namespace weir::engine
