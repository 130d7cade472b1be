#pragma once
// Inside the engine room only.
#include <memory>
#include <mutex>
#include <utility>

#include "engine/definitions.h"

namespace weir::engine {

/// Definitions on their way to one shard: the newest ones only, however many were put since the shard last took them,
/// so that changes that come faster than the shard can adopt them need neither memory nor its time. Thread: any.
class DefinitionsSlot {
 public:
  /// True when none waited: the shard is to be told.
  [[nodiscard]] bool put(std::shared_ptr<const Definitions> newest) {
    const std::lock_guard lock(mutex_);
    waiting_.swap(newest);
    return newest == nullptr;
  }
  /// nullptr when none wait.
  [[nodiscard]] std::shared_ptr<const Definitions> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, nullptr);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Definitions> waiting_;
};

}  // namespace weir::engine
