#pragma once
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "engine/output.h"

namespace weir::engine {

/// What a shard made and that is not taken yet, and the datagram that it is made of: outputs carry their place in the
/// one order that all shards share. Thread: the shard's.
class OutputList {
 public:
  using Record = decltype(Output::record);

  /// What is made from here on belongs to the datagram `ordinal`; its outputs are counted from `position`.
  void begin(std::uint64_t ordinal, std::uint32_t position = 0) {
    ordinal_ = ordinal;
    position_ = position;
  }
  /// The datagram at hand, and the position that its next output will have.
  [[nodiscard]] std::uint64_t datagram() const { return ordinal_; }
  [[nodiscard]] std::uint32_t position() const { return position_; }

  /// Made by a sample of the datagram at hand. Valid until the next output.
  Output& add(Nanos now, Record record) {
    return list_.emplace_back(now, Output::Phase::sample, ordinal_, position_++, std::move(record));
  }
  /// Made by a tick of the clock.
  Output& addAtTick(Nanos tick, Record record) {
    return list_.emplace_back(tick, Output::Phase::tick, 0, 0U, std::move(record));
  }
  /// The taker empties it.
  [[nodiscard]] std::vector<Output>& list() { return list_; }

 private:
  std::vector<Output> list_;
  std::uint64_t ordinal_ = 0;
  std::uint32_t position_ = 0;
};

}  // namespace weir::engine
