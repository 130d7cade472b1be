#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/figure.h"
#include "base/time.h"
#include "ipfix/figures.h"
#include "query/uncounted.h"

namespace weir::query {

/// A listener of the engine, and how it keeps up.
struct ListenerFigures {
  std::string name;
  std::uint64_t waiting = 0;  ///< news in its mailbox
  std::uint64_t told = 0;     ///< news that were handled
  std::uint64_t lost = 0;     ///< records and changes of definitions that found no room
};

/// How an engine runs.
struct EngineState {
  Nanos now = 0;  ///< time of day; in replay of its clock
  bool replay = false, replayFinished = false, demo = false;
  std::uint16_t port = 0;  ///< UDP; 0: none is open
  std::uint64_t shards = 0;
  std::vector<ListenerFigures> listeners;  ///< in the order of subscription
};

/// What an engine and its process did, and what they take of the machine (engine_figures.def).
struct EngineFigures {
  static constexpr std::string_view kOwner = "engine";

  std::string version, host;
  double sflowBitsPerSecond = 0;  ///< received now
#define WEIR_FIGURE(member, ...) std::uint64_t member = 0;
#define WEIR_FRACTION(member, ...) double member = 0;
#include "query/engine_figures.def"
  ipfix::Figures ipfix;

  static void each(auto& self, auto&& visit) {
#define WEIR_FIGURE(member, ...) visit(WEIR_FIGURE_ROW(member, __VA_ARGS__), self.member);
#define WEIR_FRACTION WEIR_FIGURE
#include "query/engine_figures.def"
    ipfix::Figures::each(self.ipfix, visit);
  }
};

/// The engine itself as queries see it. Thread: the query worker's.
class EngineView {
 public:
  virtual ~EngineView() = default;
  [[nodiscard]] virtual EngineState state() const = 0;
  /// The definitions that count nothing and why, where nothing came for these at any shard.
  [[nodiscard]] virtual std::vector<CountsNothing> countNothing(const std::vector<Uncounted>& flows,
                                                                const std::vector<Uncounted>& metrics) const = 0;
  /// `sflowBytes`: received so far by all shards.
  [[nodiscard]] virtual EngineFigures figures(std::uint64_t sflowBytes) = 0;
};

}  // namespace weir::query
