#pragma once
#include <algorithm>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "event/records.h"

namespace weir::event {

/// A ring of the newest records with increasing ids, for events and for flow records. Ids start at 1.
/// Who appends never waits for who reads: records arrive in a ring of their own, under a lock that is held for moments
/// only, and readers take them over into theirs. Each lock owns what stands below it. Thread: any.
template <class RecordType>
class RecordLog {
 public:
  explicit RecordLog(std::size_t keep) : keep_(std::max<std::size_t>(keep, 1)) {}

  /// Gives the record its id and answers it; the oldest one goes when the ring is full.
  std::int64_t append(RecordType record) {
    const std::lock_guard lock(arriving_);
    record.id = ++newest_;
    arrived_.push_back(std::move(record));
    if (arrived_.size() > keep_) arrived_.pop_front();
    return newest_;
  }

  /// JSON array, newest first, of the newest `max` records with an id above `after` and one of `names` (sorted; none: all),
  /// or nothing when there is none. A cursor beyond the newest id is taken as −1: the engine was restarted.
  [[nodiscard]] std::optional<std::string> json(std::span<const std::string> names, std::int64_t after,
                                                std::optional<std::size_t> max) const {
    const std::lock_guard lock(reading_);
    if (after > takeArrived()) after = -1;
    std::string out;
    JsonWriter json(out);
    std::size_t found = 0;
    json.beginArray();
    for (auto it = records_.rbegin(); it != records_.rend() && it->id > after && (!max || found < *max); ++it) {
      if (!wanted(names, *it)) continue;
      it->write(json);
      ++found;
    }
    json.endArray();
    if (found == 0 && !(max && *max == 0)) return std::nullopt;
    return out;
  }

  /// Records in the order of their ids, for readers that follow the log.
  struct Piece {
    std::vector<std::pair<std::int64_t, std::string>> records;  ///< id and JSON
    std::int64_t cursor = -1;                                   ///< `after` of the next question
    bool overtaken = false;                                     ///< records behind `after` have left the ring
  };
  /// The oldest `most` of the newest `max` records with an id above `after` and one of `names` (sorted; none: all).
  [[nodiscard]] Piece following(std::span<const std::string> names, std::int64_t after, std::optional<std::size_t> max,
                                std::size_t most) const {
    const std::lock_guard lock(reading_);
    const std::int64_t newest = takeArrived();
    if (after > newest) after = -1;
    const std::int64_t oldest = newest - static_cast<std::int64_t>(records_.size()) + 1;
    Piece piece{{}, std::max<std::int64_t>(after, 0), after >= 0 && after + 1 < oldest};
    // Ids have no gaps, so a record's place follows from its id.
    Place from = records_.cbegin() + std::max<std::int64_t>(0, std::max<std::int64_t>(after, 0) + 1 - oldest);
    if (max) from = newestOf(names, from, *max);
    for (Place it = from; it != records_.cend() && piece.records.size() < most; ++it) {
      piece.cursor = it->id;
      if (!wanted(names, *it)) continue;
      std::string out;
      JsonWriter json(out);
      it->write(json);
      piece.records.emplace_back(it->id, std::move(out));
    }
    if (from == records_.cend()) piece.cursor = std::max(piece.cursor, newest);
    return piece;
  }

  /// Records ever appended.
  [[nodiscard]] std::int64_t generated() const {
    const std::lock_guard lock(arriving_);
    return newest_;
  }

 private:
  using Place = typename std::deque<RecordType>::const_iterator;

  /// Brings records_ up to date; the newest id.
  std::int64_t takeArrived() const {
    std::deque<RecordType> arrived;
    std::int64_t newest;
    {
      const std::lock_guard lock(arriving_);
      arrived.swap(arrived_);
      newest = newest_;
    }
    std::move(arrived.begin(), arrived.end(), std::back_inserter(records_));
    while (records_.size() > keep_) records_.pop_front();
    return newest;
  }
  [[nodiscard]] static bool wanted(std::span<const std::string> names, const RecordType& record) {
    return names.empty() || std::ranges::binary_search(names, record.name());
  }
  /// Where the newest `max` records of these names begin, not before `from`.
  [[nodiscard]] Place newestOf(std::span<const std::string> names, Place from, std::size_t max) const {
    Place at = records_.cend();
    for (Place it = records_.cend(); it != from && max > 0;) {
      if (!wanted(names, *--it)) continue;
      at = it;
      --max;
    }
    return at;
  }

  const std::size_t keep_;
  mutable std::mutex arriving_;
  mutable std::deque<RecordType> arrived_;
  std::int64_t newest_ = 0;
  mutable std::mutex reading_;  // taken before arriving_
  mutable std::deque<RecordType> records_;
};

}  // namespace weir::event
