#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

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
  std::uint64_t refusedMetricNames = 0;
  std::vector<ListenerFigures> listeners;  ///< in the order of subscription
};

/// What an engine and its process did, and what they take of the machine.
struct EngineFigures {
  std::string version, host;
  std::uint64_t uptimeMs = 0;
  std::uint64_t flowsGenerated = 0, eventsGenerated = 0;
  std::uint64_t ipfixMessagesSent = 0, ipfixRecordsSent = 0, ipfixRecordsLost = 0;
  std::uint64_t processors = 0, threads = 0;
  std::uint64_t memoryTotal = 0, memoryFree = 0, residentBytes = 0;
  std::uint64_t cpuMs = 0;                 ///< processor time of the process
  double processLoad = 0, systemLoad = 0;  ///< parts of all processors, 0 to 1
  double sflowBitsPerSecond = 0;
};

/// The engine itself as queries see it. Thread: the query worker's.
class EngineView {
 public:
  virtual ~EngineView() = default;
  [[nodiscard]] virtual EngineState state() const = 0;
  /// `sflowBytes`: received so far by all shards.
  [[nodiscard]] virtual EngineFigures figures(std::uint64_t sflowBytes) = 0;
};

}  // namespace weir::query
