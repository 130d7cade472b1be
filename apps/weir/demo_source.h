#pragma once
#include <deque>
#include <vector>

#include "engine/datagram_source.h"
#include "sim/fabric_simulation.h"

namespace weir::app {

/// The built-in fabric as a source of datagrams: endless, the same from the same seed.
class DemoSource final : public engine::DatagramSource {
 public:
  /// `start`: time of the first datagrams.
  DemoSource(std::uint64_t seed, Nanos start) : fabric_(seed), now_(start) {}

  bool next(engine::TimedDatagram& out) override;
  bool rewind() override { return false; }
  [[nodiscard]] const sim::FabricSimulation& fabric() const { return fabric_; }

 private:
  struct Datagram {
    Nanos time;
    std::vector<std::uint8_t> payload;
  };
  sim::FabricSimulation fabric_;
  Nanos now_;
  std::deque<Datagram> due_;
  std::vector<std::uint8_t> current_;
};

}  // namespace weir::app
