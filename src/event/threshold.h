#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"

namespace boost::json {
class value;
}

namespace weir::event {

/// A threshold as a user wrote it, defaults filled in (docs/rest.md, "Threshold"). A value.
struct Threshold {
  std::string metric;   ///< metric or flow name; a data source prefix `3.ifinoctets` limits it to that source
  double value = 0;     ///< the limit; crossed by what is strictly greater
  bool byFlow = false;  ///< one event for each flow above the limit
  double timeout = 2;   ///< seconds the value must have stayed below before the threshold fires again
  std::vector<std::pair<std::string, std::vector<std::string>>> filter;  ///< metric → accepted values, wildcards

  [[nodiscard]] static Expected<Threshold> fromJson(const boost::json::value& body);
  void writeJson(JsonWriter& json) const;
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

/// Whether one watched thing (a metric or a flow at one data source) may fire: armed → above → below → armed.
///
/// Nothing is polled. A decaying flow says when it will have fallen below the limit (`below` in wentAbove); the next
/// look compares that with the time it happens at.
class Arming {
 public:
  /// The value is above the limit now, and will have fallen below it at `below` if nothing else comes (INT64_MAX for
  /// a metric, which stays until its next sample). True: this is the moment to fire.
  bool above(Nanos now, Nanos below, Nanos timeout) {
    const bool fires = !fired_ || (belowSince_ <= now && now - belowSince_ >= timeout);
    // Of several flows that hold one thing above its limit, the last to fall decides.
    belowSince_ = fired_ && belowSince_ > now && belowSince_ > below ? belowSince_ : below;
    fired_ = true;
    return fires;
  }
  /// The value is at or below the limit now.
  void below(Nanos now) {
    if (fired_ && belowSince_ > now) belowSince_ = now;
  }
  /// From when on it is armed again if nothing else comes, so that nothing needs to be remembered.
  [[nodiscard]] Nanos armedAt(Nanos timeout) const {
    if (!fired_) return INT64_MIN;
    return belowSince_ > INT64_MAX - timeout ? INT64_MAX : belowSince_ + timeout;
  }

 private:
  bool fired_ = false;
  Nanos belowSince_ = 0;  // meaningful after fired_: when the value fell, or will fall, to the limit
};

/// When a rate that decays with time constant tau falls to `limit`: t + τ ln(rate/limit). For a limit ≤ 0, when the
/// flow is forgotten, 10 τ after its last sample.
[[nodiscard]] inline Nanos timeBelow(Nanos now, double rate, double limit, double tauSeconds) {
  if (!(limit > 0)) return now + nanosFromSeconds(10 * tauSeconds);
  const double seconds = tauSeconds * std::log(rate / limit);
  if (!(seconds < 9.0e8)) return INT64_MAX;
  return now + nanosFromSeconds(seconds > 0 ? seconds : 0);
}

}  // namespace weir::event
