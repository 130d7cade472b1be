#pragma once
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>

#include "wire/datagram.h"

namespace weir::agent {

/// Numbers of one data source: a sequence for each kind of sample, from 1 (docs/agent-rules.md), and the totals
/// that flow samples carry.
struct SourceNumbers {
  std::uint32_t flow = 0;
  std::uint32_t counters = 0;
  std::uint32_t discard = 0;
  std::uint32_t pool = 0;   ///< packets that could have been sampled
  std::uint32_t drops = 0;  ///< samples lost in the agent or the kernel
};

/// All of them, for the life of the process: a reload of the configuration or a device that comes back goes on where it
/// stopped. An interface that is another one starts anew (forget). What has gone is remembered until kMaxRetired others
/// have gone after it: containers come and go for ever. References stay valid while their source is not retired.
/// Thread: one.
class SequenceBook {
 public:
  static constexpr std::size_t kMaxRetired = 64;

  [[nodiscard]] SourceNumbers& of(const wire::DataSource& source) {
    Page& page = pages_[source.key()];
    page.retired = false;
    return page.numbers;
  }
  void forget(const wire::DataSource& source) { of(source) = {}; }
  /// It has gone, perhaps for good.
  void retire(const wire::DataSource& source) {
    const auto page = pages_.find(source.key());
    if (page == pages_.end() || std::exchange(page->second.retired, true)) return;
    retired_.push_back(source.key());
    if (retired_.size() <= kMaxRetired) return;
    const auto oldest = pages_.find(retired_.front());
    if (oldest != pages_.end() && oldest->second.retired) pages_.erase(oldest);
    retired_.pop_front();
  }

 private:
  struct Page {
    SourceNumbers numbers;
    bool retired = false;
  };
  std::unordered_map<std::uint64_t, Page> pages_;
  std::deque<std::uint64_t> retired_;  // in order; some may have come back since
};

}  // namespace weir::agent
