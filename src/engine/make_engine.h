#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/datagram_source.h"
#include "engine/engine.h"
#include "engine/output.h"
#include "engine/settings.h"

namespace weir::engine {

/// What main() does with an engine beyond what its clients may.
class OwnedEngine : public Engine {
 public:
  /// Flows, thresholds, groups, maps and topology of a definitions file; all or nothing. Before start().
  [[nodiscard]] virtual Expected<void> loadDefinitions(const boost::json::value& file) = 0;
  /// Called for each event and flow record in their order, ids given. Before start().
  virtual void onRecord(std::function<void(const Output&)> observe) = 0;
  /// Blocks until a replay is at its end; at once when there is none.
  virtual void waitForReplay() = 0;
  /// The UDP port in use, 0 when none is open.
  [[nodiscard]] virtual std::uint16_t sflowPort() const = 0;
  /// Name servers that the key function dns: asks; empty in replay.
  [[nodiscard]] virtual std::vector<std::string> nameServers() const = 0;
  /// The engine's clock. Thread: any.
  [[nodiscard]] virtual Nanos now() const = 0;
};

/// `source`: what to replay instead of listening; nullptr with settings.live. Threads start in start().
[[nodiscard]] std::unique_ptr<OwnedEngine> makeEngine(Settings settings,
                                                      std::unique_ptr<DatagramSource> source = nullptr);

}  // namespace weir::engine
