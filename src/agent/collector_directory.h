#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/collector_sockets.h"
#include "agent/event_loop.h"
#include "agent/resolver.h"

namespace weir::agent {

/// The addresses of collectors. Names are resolved again when their time to live is over, at least kLeastTtl; a name
/// that cannot be resolved keeps its last addresses and is tried again after a growing while. Thread: that of the loop.
class CollectorDirectory {
 public:
  /// changed: called when targets() may have changed.
  CollectorDirectory(EventLoop& loop, Resolver& resolver, std::function<void()> changed)
      : loop_(loop), resolver_(resolver), changed_(std::move(changed)) {}

  void set(const std::vector<CollectorSettings>& collectors);
  /// Those whose address is known, in order; of a name its first address.
  [[nodiscard]] std::vector<CollectorTarget> targets() const;

  static constexpr Nanos kLeastTtl = 10 * kSecond;
  static constexpr Nanos kMostTtl = 3600 * kSecond;

 private:
  struct Name {
    std::vector<IpAddress> addresses;
    Nanos backOff = 0;  // 0: the last try worked
    EventLoop::TimerId timer = 0;
    bool complained = false;
  };
  void ask(const std::string& name);
  void answered(const std::string& name, const Expected<Resolver::Addresses>& answer);

  EventLoop& loop_;
  Resolver& resolver_;
  std::function<void()> changed_;
  std::vector<CollectorSettings> collectors_;
  std::map<std::string, Name> names_;
};

/// The time to wait after another failure: from 2 s, doubling, to a minute.
[[nodiscard]] Nanos nextBackOff(Nanos last);

}  // namespace weir::agent
