#include "sim/simulated_agent.h"

namespace weir::sim {

SimulatedAgent::SimulatedAgent(const IpAddress& agent, std::uint32_t subAgent) {
  header_.agent = agent;
  header_.subAgent = subAgent;
}

void SimulatedAgent::open(std::uint64_t nowMs) {
  open_ = true;
  openedMs_ = nowMs;
  ++header_.sequence;
  header_.uptimeMs = static_cast<std::uint32_t>(nowMs);
  writer_.begin(header_);
}

void SimulatedAgent::send(const DatagramSink& sink) {
  open_ = false;
  if (writer_.sampleCount() != 0) sink(writer_.finish());
}

}  // namespace weir::sim
