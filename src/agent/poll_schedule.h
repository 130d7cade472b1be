#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "wire/datagram.h"

namespace weir::agent {

/// When each data source's counters are due: first at a random second within its interval, so that the counters of many
/// agents and sources do not come in bursts, then exactly every interval. Thread: one.
class PollSchedule {
 public:
  explicit PollSchedule(std::uint64_t seed) : random_(seed) {}

  /// Adds a source, or gives it another interval: then its phase is drawn anew. 0 seconds: not polled.
  void set(const wire::DataSource& source, std::uint32_t seconds, Nanos now);
  void remove(const wire::DataSource& source) { entries_.erase(source); }
  /// Calls visit(source) for each that is due, in order of sources.
  template <class Visit>
  void due(Nanos now, Visit&& visit) {
    due_.clear();
    for (auto& [source, entry] : entries_) {
      if (entry.next > now) continue;
      // A machine that slept polls once, not once for each interval missed.
      while (entry.next <= now) entry.next += entry.interval;
      due_.push_back(source);
    }
    for (const auto& source : due_) visit(source);
  }

 private:
  struct Entry {
    Nanos interval;
    Nanos next;
  };
  Random random_;
  std::map<wire::DataSource, Entry> entries_;
  std::vector<wire::DataSource> due_;
};

}  // namespace weir::agent
