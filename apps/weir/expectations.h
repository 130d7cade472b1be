#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/command_line.h"
#include "engine/engine.h"
#include "engine/news.h"

namespace weir::app {

/// What `weir replay --expect` and `--expect-none` demand of the events of thresholds, and of the records of flows with
/// log: true where no threshold has the name. Thread: one at a time.
class Expectations {
 public:
  /// An error names the option whose threshold or flow the engine does not have: it could never be met, or always.
  [[nodiscard]] static Expected<Expectations> of(const std::vector<config::Expectation>& wanted,
                                                 const engine::Engine& engine);
  void count(const engine::News& news);
  /// A line for each that is not met, in the order of the command line.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  struct One {
    config::Expectation wanted;
    bool ofEvents = true;
  };
  std::vector<One> all_;
  std::map<std::string, std::uint64_t, std::less<>> events_, records_;  // so far, by name
};

}  // namespace weir::app
