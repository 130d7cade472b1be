#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/poll_schedule.h"
#include "agent/sample_sender.h"
#include "agent/sequence_book.h"
#include "agent_host/host_identity.h"
#include "agent_host/network.h"

namespace weir::agent {

/// The host as data source: physical entity 1 (docs/agent-rules.md, "Data sources").
inline constexpr wire::DataSource kHostSource{2, 1};
/// Class of services, containers, pods, virtual machines and applications.
inline constexpr std::uint32_t kLogicalEntity = 3;

/// Sends the counters of the host and of its interfaces when they are due. Other parts add sources of their own.
/// Thread: one.
class CounterPoller {
 public:
  /// Writes the records of one source; false: the source is gone.
  using Fill = std::function<void(wire::DatagramWriter&)>;
  /// Gives records to add to the host's sample.
  using HostExtra = std::function<void(wire::DatagramWriter&)>;

  CounterPoller(SampleSender& sender, SequenceBook& book, NetworkSource& source, std::string root, std::uint64_t seed);

  void setIdentity(const HostIdentity& identity) { identity_ = identity; }
  /// How many services, containers and pods there are (virt_node, 0:2100); nothing: they are not searched.
  void setDomains(std::optional<std::uint32_t> count) { domains_ = count; }
  void setHostExtra(HostExtra extra) { hostExtra_ = std::move(extra); }
  /// Polls the host and these interfaces every `seconds` from now on; 0: nothing. An interface that is another one
  /// than before under its index starts its numbers anew.
  void setNetwork(const Network& network, const std::function<bool(const Link&)>& polled, std::uint32_t seconds,
                  Nanos now);
  /// Adds or replaces a source that writes its own records.
  void setSource(const wire::DataSource& source, std::uint32_t seconds, Fill fill, Nanos now);
  void removeSource(const wire::DataSource& source);

  /// Sends what is due.
  void poll(Nanos now);

 private:
  void pollHost(Nanos now);
  void pollInterface(std::uint32_t index, Nanos now);
  template <class Write>
  void send(const wire::DataSource& source, Nanos now, Write&& write);

  SampleSender& sender_;
  SequenceBook& book_;
  NetworkSource& source_;
  std::string root_;
  HostIdentity identity_;
  HostExtra hostExtra_;
  std::optional<std::uint32_t> domains_;
  Network network_;
  std::map<std::uint32_t, Link> polled_;  // as last seen, to notice that an index has a new owner
  std::map<std::uint32_t, Nanos> opticsDue_;
  std::map<wire::DataSource, Fill> others_;
  PollSchedule schedule_;
  std::vector<wire::DataSource> due_;
};

/// host_descr (0:2000).
[[nodiscard]] wire::host_descr hostDescription(const HostIdentity& identity);

}  // namespace weir::agent
