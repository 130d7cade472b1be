#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/dns_answer.h"
#include "agent/event_loop.h"
#include "agent/resolver.h"
#include "agent_config/settings.h"
#include "base/random.h"

namespace weir::agent {

/// What DNS says about sFlow in a domain.
struct DnsSdResult {
  std::vector<CollectorSettings> collectors;  ///< one for each SRV record, best first
  std::vector<std::string> texts;             ///< `key=value` strings of TXT records
  friend bool operator==(const DnsSdResult&, const DnsSdResult&) = default;
};

/// Collectors and settings from DNS (docs/agent-rules.md, "Settings from DNS"): SRV and TXT of `_sflow._udp<domain>`,
/// asked for again when the smallest time to live is over, at least kLeastTtl. What was last known stays when DNS
/// cannot be asked. An answer without servers is an answer: sending stops. Thread: that of the loop.
class DnsSd {
 public:
  DnsSd(EventLoop& loop, Resolver& resolver, std::uint64_t seed, std::function<void(const DnsSdResult&)> changed)
      : loop_(loop), resolver_(resolver), random_(seed), changed_(std::move(changed)) {}
  ~DnsSd() { stop(); }
  DnsSd(const DnsSd&) = delete;
  DnsSd& operator=(const DnsSd&) = delete;

  /// Begins, or goes on with another domain.
  void start(const std::string& domain);
  void stop();

  static constexpr std::uint32_t kLeastTtl = 10;   ///< seconds
  static constexpr std::uint32_t kMostTtl = 3600;  ///< seconds
  static constexpr Nanos kRetryEmpty = 60 * kSecond;

 private:
  void ask();
  void answered();

  EventLoop& loop_;
  Resolver& resolver_;
  Random random_;
  std::function<void(const DnsSdResult&)> changed_;
  std::optional<std::string> domain_;
  std::optional<Expected<DnsAnswer>> services_, texts_;  // of this round
  std::optional<DnsSdResult> last_;
  std::vector<ServiceRecord> lastServices_;
  Nanos backOff_ = 0;
  EventLoop::TimerId timer_ = 0;
  std::uint64_t round_ = 0;
};

/// SRV records in the order in which to try them (RFC 2782): by priority, within one priority drawn by weight.
[[nodiscard]] std::vector<ServiceRecord> orderServices(std::vector<ServiceRecord> services, Random& random);

/// Settings with those of TXT strings put in: sampling, polling, agentIP, agent, agent.cidr,
/// headerBytes and dropLimit. Others are put into `unknown`.
[[nodiscard]] AgentSettings withTexts(AgentSettings settings, const std::vector<std::string>& texts,
                                      std::vector<std::string>& unknown);

}  // namespace weir::agent
