#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/host_addresses.h"
#include "base/rate_limit.h"
#include "base/time.h"

namespace weir::ipfix {

/// The addresses of collectors that have names. A name is asked for when it is first wanted, again when its answer is
/// old, and after a growing pause where there was none; it keeps its last address meanwhile. The caller sends the
/// questions. Thread: one. Time is monotonic and given by the caller.
class CollectorNames {
 public:
  static constexpr Nanos kLeastLifetime = 60 * kSecond, kMostLifetime = 3600 * kSecond;
  static constexpr Nanos kFirstPause = 2 * kSecond, kLongestPause = 60 * kSecond;

  /// The names of interest; others are forgotten.
  void want(const std::set<std::string>& names);
  /// The names to ask for now. Each is asked for once until it is answered.
  [[nodiscard]] std::vector<std::string> toAsk(Nanos now);
  /// When there will be one; INT64_MAX: not before answers come.
  [[nodiscard]] Nanos nextQuestion() const;
  void answered(const std::string& name, const Expected<HostAddresses>& answer, Nanos now);
  [[nodiscard]] std::optional<IpAddress> address(const std::string& name) const;

 private:
  struct Host {
    std::optional<IpAddress> address;
    Nanos askAt = INT64_MIN;  // INT64_MAX: asked, no answer yet
    Nanos pause = 0;          // 0: the last answer had an address
  };
  void complain(const std::string& name, const Host& host, const std::string& why);

  std::map<std::string, Host> hosts_;
  RateLimit complaints_{5, 60 * kSecond};
};

}  // namespace weir::ipfix
