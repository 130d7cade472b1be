#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/agent_id.h"
#include "engine/cursor.h"
#include "engine/shard.h"
#include "flow/lookup.h"
#include "wire/datagram.h"

/// The key function `host:`: metrics of the host or virtual machine that has a MAC address. That host may belong to
/// another shard than the packet, so shards publish what they know at fixed times of the clock, and get one table made
/// of all of it (docs/design/enrichment.md).
namespace weir::engine {

/// Shards share what they know of hosts at multiples of this.
inline constexpr Nanos kShareInterval = kSecond;

/// A MAC address, who has it, and the text of each wanted metric, empty where it has none.
struct HostRow {
  std::uint64_t mac = 0;
  AgentId agent;
  wire::DataSource source;
  std::vector<std::string> values;
  friend auto operator<=>(const HostRow&, const HostRow&) = default;
};

/// Adds the rows of some more data sources, from `cursor` on, kMaxRowsOfShard at most. True: that were the last.
/// Thread: the shard's.
inline constexpr std::size_t kMaxRowsOfShard = 131'072;
[[nodiscard]] bool collectHosts(Shard& shard, const std::vector<std::string>& metrics, const model::MetricNames& names,
                                std::vector<HostRow>& rows, Cursor& cursor);

/// The metrics that definitions look up, sorted.
[[nodiscard]] std::vector<std::string> wantedHostMetrics(const Definitions& definitions);

/// One table a metric. A MAC address that several data sources claim belongs to the first in the order of agents and
/// data sources. `rows` must be sorted.
[[nodiscard]] flow::LookupTables hostTables(const std::vector<HostRow>& rows, const std::vector<std::string>& metrics);

}  // namespace weir::engine
