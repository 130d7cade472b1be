#pragma once
// Inside the engine room only.
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "flow/definition.h"

namespace weir::engine {

/// The probes in force (Engine::startProbe). The lock owns the data. Thread: any.
class Probes {
 public:
  struct Probe {
    std::string name;                                          ///< of the hidden definition
    std::shared_ptr<const flow::CompiledDefinition> compiled;  ///< the definition as it was written
    std::vector<std::string> hints;
    Nanos start = 0;  ///< of the engine's clock
  };

  /// The id of a new one, or nothing when there are `most`.
  [[nodiscard]] std::optional<std::uint64_t> add(std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (probes_.size() >= most) return std::nullopt;
    probes_[++last_];
    return last_;
  }
  void set(std::uint64_t id, Probe probe) {
    const std::lock_guard lock(mutex_);
    probes_[id] = std::move(probe);
  }
  [[nodiscard]] std::optional<Nanos> startOf(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto it = probes_.find(id);
    if (it == probes_.end()) return std::nullopt;
    return it->second.start;
  }
  [[nodiscard]] std::optional<Probe> get(std::uint64_t id) const {
    const std::lock_guard lock(mutex_);
    const auto it = probes_.find(id);
    if (it == probes_.end()) return std::nullopt;
    return it->second;
  }
  void remove(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    probes_.erase(id);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Probe> probes_;
  std::uint64_t last_ = 0;
};

}  // namespace weir::engine
