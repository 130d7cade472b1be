#pragma once
#include <cstdint>
#include <unordered_map>

#include "wire/datagram.h"

namespace weir::agent {

/// Numbers of one data source: a sequence for each kind of sample, from 1 (sflow-wire.md section 13), and the totals
/// that flow samples carry.
struct SourceNumbers {
  std::uint32_t flow = 0;
  std::uint32_t counters = 0;
  std::uint32_t discard = 0;
  std::uint32_t pool = 0;   ///< packets that could have been sampled
  std::uint32_t drops = 0;  ///< samples lost in the agent or the kernel
};

/// All of them, for the life of the process: a reload of the configuration or a device that comes back goes on where it
/// stopped. An interface that is another one starts anew (forget). References stay valid. Thread: one.
class SequenceBook {
 public:
  [[nodiscard]] SourceNumbers& of(const wire::DataSource& source) { return sources_[source.key()]; }
  void forget(const wire::DataSource& source) { sources_[source.key()] = {}; }

 private:
  std::unordered_map<std::uint64_t, SourceNumbers> sources_;
};

}  // namespace weir::agent
