#include "agent/poll_schedule.h"

namespace weir::agent {

void PollSchedule::set(const wire::DataSource& source, std::uint32_t seconds, Nanos now) {
  if (seconds == 0) return remove(source);
  const Nanos interval = seconds * kSecond;
  auto [entry, added] = entries_.try_emplace(source, Entry{interval, 0});
  if (!added && entry->second.interval == interval) return;
  entry->second = {interval, now + static_cast<Nanos>(random_.below(seconds)) * kSecond};
}

}  // namespace weir::agent
