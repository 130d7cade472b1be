#pragma once
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"
#include "event/records.h"
#include "ipfix/flow_export.h"

namespace weir::engine {

/// What leaves a shard: an event or a flow record, with its place in the one order that all shards share.
/// The order is (time, ticks before samples, place of the datagram in the capture, position in the datagram); records
/// made by one tick stand in the order of agent, data source, flow and key. It does not depend on the number of shards.
struct Output {
  enum class Phase : std::uint8_t { tick, sample };

  Nanos time = 0;
  Phase phase = Phase::sample;
  std::uint64_t datagram = 0;  ///< ordinal of the datagram in the capture
  std::uint32_t position = 0;  ///< count of outputs of that datagram
  std::variant<event::Event, event::FlowRecord> record;
  bool logged = true;                       ///< false: for collectors only
  std::optional<ipfix::Record> exported{};  ///< the flow record as the collectors of its definition get it
};

/// True when `a` comes before `b`.
[[nodiscard]] bool before(const Output& a, const Output& b);

}  // namespace weir::engine
