#pragma once
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "sim/fabric_topology.h"

namespace weir::sim {

/// The simulation's grid: everything happens at multiples of 10 ms.
inline constexpr std::uint64_t kTicksPerSecond = 100;

/// Packets of one direction of a conversation. All have the same length.
struct Flow {
  std::size_t source = 0, destination = 0;  ///< indexes of hosts
  bool ip6 = false;
  std::uint8_t protocol = 6;  ///< 6 TCP, 17 UDP
  std::uint16_t sourcePort = 0, destinationPort = 0;
  std::uint32_t frameLength = 0;  ///< octets, FCS included
  std::uint64_t packetsPerSecond = 0;
  Path path;
  std::uint64_t sent = 0;    ///< packets so far
  std::uint64_t credit = 0;  ///< parts of a packet owed, in units of 1/kTicksPerSecond
};

/// The conversations of the fabric: one elephant of about 5 Gbit/s that comes for 12 s in every 20 s, each time between
/// other hosts; some flows of 50 to 300 Mbit/s; and several hundred mice. A conversation that ends makes room for
/// another.
class Traffic {
 public:
  Traffic(const FabricTopology& fabric, std::uint64_t seed);

  /// One tick: calls send(Flow&, packets) for each flow that has packets in it, before flow.sent grows.
  template <class Send>
  void step(std::uint64_t tick, Send&& send) {
    for (Conversation& c : conversations_) {
      if (tick >= c.endsAt) renew(c, tick);
      if (tick < c.beginsAt) continue;
      for (Flow* flow : {&c.forward, &c.backward}) {
        flow->credit += flow->packetsPerSecond;
        const std::uint64_t packets = flow->credit / kTicksPerSecond;
        if (packets == 0) continue;
        flow->credit %= kTicksPerSecond;
        send(*flow, packets);
        flow->sent += packets;
      }
    }
  }

 private:
  enum class Kind : std::uint8_t { elephant, medium, mouse };
  struct Conversation {
    Kind kind = Kind::mouse;
    std::uint64_t beginsAt = 0, endsAt = 0;  // ticks
    Flow forward, backward;
  };
  void renew(Conversation& c, std::uint64_t tick);
  void drawHosts(Conversation& c);
  void drawTransport(Conversation& c);
  void drawRate(Conversation& c);

  const FabricTopology* fabric_;
  Random random_;
  std::vector<Conversation> conversations_;
};

}  // namespace weir::sim
