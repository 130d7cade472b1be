#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>

#include "agent/event_loop.h"
#include "agent/flow_sampler.h"
#include "agent_config/sampling_rate.h"
#include "agent_config/settings.h"
#include "agent_sampling/packet_tap.h"

namespace weir::agent {

/// What packet sampling does with a device, and why: for the taps, the log and --check.
struct TapPlan {
  const TapSettings* settings = nullptr;  ///< the block that matches, or nullptr
  SamplingRate rate;                      ///< n = 0: not sampled
  std::string reason;                     ///< why it is not sampled
};
/// The first of `taps` that matches a device (docs/agent-rules.md, "Taps"). Bonds, VLANs, veths, loopback and virtual
/// ports of hypervisors and switches must be named by `dev`, since their packets are seen elsewhere too.
[[nodiscard]] TapPlan planTap(const Link& link, std::span<const TapSettings> taps, const RateSettings& rates);

/// The open taps. Devices may come, go and change; whatever happened, update() makes the taps what they should be.
class TapSet {
 public:
  TapSet(EventLoop& loop, FlowSampler& sampler, SequenceBook& book, std::uint64_t seed);

  void update(const Network& network, const AgentSettings& settings);
  /// Reads what the kernel dropped, once a second; also packets that wait in half-filled batches.
  void tick();
  [[nodiscard]] bool isTapped(std::uint32_t ifIndex) const { return taps_.contains(ifIndex); }
  [[nodiscard]] std::size_t size() const { return taps_.size(); }

 private:
  struct Tap {
    std::string name;
    PacketTap tap;
    TapOptions options;
    bool ethernet;
    std::array<std::uint8_t, 6> mac;
    SourceNumbers* numbers;
    std::uint64_t packetsTold = 0;  // of those seen, how many samples have told
    std::uint32_t ifIndex;
  };
  void open(const Link& link, const TapOptions& options, const std::string& reason);
  void adjust(Tap& tap, const TapOptions& options, const std::string& reason);
  void close(std::uint32_t ifIndex);
  void read(Tap& tap);

  EventLoop& loop_;
  FlowSampler& sampler_;
  SequenceBook& book_;
  FrameMaker maker_;
  std::map<std::uint32_t, Tap> taps_;
  bool none_ = false;             // that no device is sampled has been logged
  std::set<std::string> failed_;  // devices whose failure has been logged
};

}  // namespace weir::agent
