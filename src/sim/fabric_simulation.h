#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "sim/fabric_topology.h"
#include "sim/host_counters.h"
#include "sim/simulated_agent.h"
#include "sim/traffic.h"

namespace weir::sim {

/// Telemetry of a leaf-and-spine fabric that does not exist, for the demonstration and for tests: flow samples and
/// interface counters of six switches, host counters of sixteen hosts, all of the same traffic. About 200 datagrams/s
/// with 1,200 samples.
///
/// Deterministic: the same seed gives the same datagrams, octet for octet, however the time is cut into advances.
/// Thread: one at a time.
class FabricSimulation {
 public:
  explicit FabricSimulation(std::uint64_t seed);
  FabricSimulation(const FabricSimulation&) = delete;
  FabricSimulation& operator=(const FabricSimulation&) = delete;

  /// Calls `sink` for each datagram that is due up to `now`, in the order of time. The first call sets the beginning
  /// and yields nothing. A call that skips much time takes long: about 2 ms for each second. Time that goes back is
  /// ignored.
  void advance(Nanos now, const DatagramSink& sink);

  /// The switches and links in the shape of the REST resource /topology/json.
  [[nodiscard]] std::string topologyJson() const { return fabric_.json(); }
  [[nodiscard]] const FabricTopology& topology() const { return fabric_; }

 private:
  struct Port {
    PacketCount in, out;
    std::uint64_t skip = 0;  // packets to the next sample
    std::uint64_t pool = 0;
    std::uint32_t flowSequence = 0, counterSequence = 0;
  };
  struct Switch {
    SimulatedAgent agent;
    std::vector<Port> ports;
  };
  struct Host {
    SimulatedAgent agent;
    PacketCount in, out;
    std::uint32_t counterSequence = 0;
  };

  void step(const DatagramSink& sink);
  void carry(const Flow& flow, std::uint64_t packets, const DatagramSink& sink);
  void sampleFlow(const Flow& flow, std::size_t hop, std::uint64_t packet, const DatagramSink& sink);
  void pollPorts(const DatagramSink& sink);
  void pollPort(std::size_t node, std::size_t port, const DatagramSink& sink);
  void pollHosts(const DatagramSink& sink);
  void pollHost(std::size_t index, const DatagramSink& sink);
  [[nodiscard]] std::uint64_t nowMs() const { return tick_ * 1000 / kTicksPerSecond; }

  FabricTopology fabric_;
  Random random_;
  Traffic traffic_;
  std::vector<Switch> switches_;
  std::vector<Host> hosts_;
  std::optional<Nanos> begin_;
  std::uint64_t tick_ = 0;  // done so far
};

}  // namespace weir::sim
