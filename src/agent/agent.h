#pragma once
#include <functional>
#include <memory>
#include <string>

#include "agent/collector_directory.h"
#include "agent/collector_sockets.h"
#include "agent/counter_poller.h"
#include "agent/dns_sd.h"
#include "agent/docker_names.h"
#include "agent/drop_notifier.h"
#include "agent/entity_set.h"
#include "agent/event_loop.h"
#include "agent/flow_sampler.h"
#include "agent/json_input.h"
#include "agent/kernel_feeds.h"
#include "agent/resolver.h"
#include "agent/sample_sender.h"
#include "agent/sequence_book.h"
#include "agent/tap_set.h"
#include "agent_config/agent_command_line.h"
#include "agent_config/settings.h"
#include "agent_host/gpus.h"
#include "agent_host/host_identity.h"
#include "agent_host/network.h"

namespace weir::agent {

/// The host agent: owns all parts and joins them on one thread. What it does follows from the settings and the network
/// as they are now; whatever of these changes, apply() makes everything what it should be.
class Agent {
 public:
  /// Error: what keeps it from starting (no netlink, no rights to what it must have).
  [[nodiscard]] static Expected<std::unique_ptr<Agent>> make(const AgentCommandLine& line,
                                                             const AgentSettings& settings);

  /// Until SIGTERM or SIGINT. hangUp is called on SIGHUP, before the configuration is read again, reread after it is
  /// and before it holds.
  void run(std::function<void()> hangUp, std::function<void(const AgentSettings&)> reread);

 private:
  Agent(AgentCommandLine line, AgentSettings settings, KernelNetwork network);
  [[nodiscard]] Expected<> start();
  [[nodiscard]] Expected<> watchSignals();
  [[nodiscard]] Expected<> watchNetwork();

  void onSignals();
  void reload();
  void readNetwork();
  void apply();
  void electAddress();
  void resolveAgentAddress();
  void applyFile();
  void applyDns();
  void applyTargets();
  void applyPolling();
  void applyGpus();
  void applyMachines();
  void writeAutoFile();
  void tick();
  void logStatus() const;
  [[nodiscard]] bool isPolled(const Link& link) const;

  AgentCommandLine line_;
  AgentSettings file_;      // as read
  AgentSettings settings_;  // with what DNS adds
  std::optional<DnsSdResult> fromDns_;
  EventLoop loop_;
  KernelNetwork source_;
  Network network_;
  netlink::Descriptor signals_;
  std::function<void()> hangUp_;
  std::function<void(const AgentSettings&)> reread_;
  netlink::Socket networkEvents_;
  bool networkChanged_ = false;
  EventLoop::TimerId refreshTimer_ = 0;

  HostIdentity identity_;
  std::string agentDevice_;
  IpAddress givenAddress_;  // of agentIP, where it is a name
  bool resolvingAddress_ = false;
  Resolver resolver_;
  CollectorDirectory directory_;
  DnsSd dnsSd_;
  CollectorSockets sockets_;
  SampleSender sender_;
  SequenceBook book_;
  CounterPoller poller_;
  EntitySet entities_;
  DockerNames docker_;
  FlowSampler sampler_;
  TapSet taps_;
  KernelFeeds feeds_;
  DropNotifier drops_;
  JsonInput json_;
  std::unique_ptr<Gpus> gpus_;
  std::unique_ptr<VirtualMachines> machines_;
  std::uint32_t machinesEvery_ = 0;  // seconds, 0: never
  bool nvmlApplied_ = false;
  netlink::Descriptor autoFile_;
  std::string autoText_;  // as last written, but for the revision
  std::uint32_t revision_ = 0;
};

/// What --check prints: the agent address and what each interface would do, with the reasons.
[[nodiscard]] std::string describePlan(const Network& network, const AgentSettings& settings);

}  // namespace weir::agent
