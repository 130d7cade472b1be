#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/datagram_source.h"
#include "engine/engine.h"
#include "engine/settings.h"

namespace weir::engine {

/// What main() does with an engine beyond what its clients may. Thread: the one that made it, unless said.
class OwnedEngine : public Engine {
 public:
  [[nodiscard]] virtual Expected<void> start() = 0;
  /// Ends ingest and the shard threads. Queries asked afterwards answer unavailable, and listeners hear nothing more.
  /// Idempotent.
  virtual void stop() = 0;
  /// Reads the databases and names of vendors that the settings name. Before loadDefinitions(), which says what
  /// definitions lack; start() does it where it was not done. An error names the property.
  [[nodiscard]] virtual Expected<void> loadTables() = 0;
  /// Flows, thresholds, groups, maps and topology of a definitions file; all or nothing. Before start(). Answers the
  /// hints; with Settings::strict they are an error.
  [[nodiscard]] virtual Expected<Hints> loadDefinitions(const boost::json::value& file) = 0;
  /// Blocks until a replay is at its end, and those that it waits for have handled all news; at once when there is
  /// none. Thread: any.
  virtual void waitForReplay() = 0;
  /// The UDP port in use, 0 when none is open.
  [[nodiscard]] virtual std::uint16_t sflowPort() const = 0;
  /// Name servers that the key function dns: asks; empty in replay.
  [[nodiscard]] virtual std::vector<std::string> nameServers() const = 0;
};

/// `source`: what to replay instead of listening; nullptr with settings.live. Threads start in start().
[[nodiscard]] std::unique_ptr<OwnedEngine> makeEngine(Settings settings,
                                                      std::unique_ptr<DatagramSource> source = nullptr);

}  // namespace weir::engine
