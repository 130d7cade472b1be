#pragma once
#include <optional>
#include <set>
#include <utility>

#include "agent/event_loop.h"
#include "agent/flow_sampler.h"
#include "agent_config/settings.h"
#include "agent_sampling/nflog.h"
#include "agent_sampling/psample.h"

namespace weir::agent {

/// Samples that the kernel takes by itself: nflog { } and psample { }. What is not there yet is tried again every
/// kRetryAfter. Thread: one.
class KernelFeeds {
 public:
  KernelFeeds(EventLoop& loop, FlowSampler& sampler, SequenceBook& book, std::uint64_t seed)
      : loop_(loop), sampler_(sampler), book_(book), random_(seed) {}

  void apply(const AgentSettings& settings, const Network& network);
  /// Opens what is missing, once a second.
  void tick();
  [[nodiscard]] bool isSeen(std::uint32_t ifIndex) const { return seen_.contains(ifIndex); }
  /// Whether samples of a device have come for the first time since the last call.
  [[nodiscard]] bool takeNewDevice() { return std::exchange(newDevice_, false); }

 private:
  static constexpr Nanos kRetryAfter = 15 * kSecond;  // docs/agent-rules.md
  void openNflog();
  void openPsample();
  void readNflog();
  void readPsample();
  /// Passes one in `subsample` on, standing for rate · subsample packets.
  void pass(const KernelSample& sample, std::uint32_t rate, std::uint32_t subsample, bool bridge);
  [[nodiscard]] std::uint32_t wantedRate(std::uint32_t ifIndex) const;

  EventLoop& loop_;
  FlowSampler& sampler_;
  SequenceBook& book_;
  Random random_;
  AgentSettings settings_;
  Network network_;
  std::set<std::uint32_t> seen_;
  bool newDevice_ = false;
  std::optional<NflogSource> nflog_;
  std::optional<PsampleSource> psample_;
  Nanos retryAt_ = 0;
  bool complained_ = false;
};

}  // namespace weir::agent
