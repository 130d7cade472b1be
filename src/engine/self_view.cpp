// The engine as its queries see it.
#include <unistd.h>

#include <array>
#include <thread>

#include "engine/definition_hints.h"
#include "engine/engine_impl.h"

namespace weir::engine {

namespace {

std::string hostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace

query::EngineState EngineImpl::Self::state() const {
  query::EngineState state;
  state.now = engine_.timeOfDay();
  state.replay = engine_.replay_ != nullptr;
  state.replayFinished = state.replay && engine_.replay_->finished();
  state.demo = engine_.settings_.demo;
  state.port = engine_.port_;
  state.shards = engine_.shards_.size();
  state.listeners = engine_.listeners_->figures();
  return state;
}

std::vector<query::CountsNothing> EngineImpl::Self::countNothing(const std::vector<query::Uncounted>& flows,
                                                                 const std::vector<query::Uncounted>& metrics) const {
  constexpr std::size_t kMost = 100;  // of each kind
  return engine::countNothing(*engine_.store_.snapshot(), engine_.names_, flows, metrics, kMost);
}

query::EngineFigures EngineImpl::Self::figures(std::uint64_t sflowBytes) {
  const ProcessFigures process = processFigures();
  const LoadMeter::Load load =
      load_.load({sflowBytes, process.cpuMs, process.systemBusy, process.systemAll}, monotonicNow());
  query::EngineFigures figures;
  figures.version = engine_.settings_.version;
  figures.host = hostName();
  figures.uptimeMs = static_cast<std::uint64_t>((monotonicNow() - engine_.startedMonotonic_) / kMillisecond);
  figures.flowsGenerated = engine_.sequencer_.flows().generated();
  figures.eventsGenerated = engine_.sequencer_.events().generated();
  figures.refusedMetricNames = engine_.names_.refused();
  if (engine_.exporter_ != nullptr) figures.ipfix = engine_.exporter_->figures();
  figures.processors = std::thread::hardware_concurrency();
  figures.threads = process.threads;
  figures.memoryLimit = figures.memoryTotal = process.memoryTotal;
  figures.memoryFree = process.memoryFree;
  figures.residentBytes = process.residentBytes;
  figures.cpuMs = process.cpuMs;
  figures.processLoad = load.process;
  figures.systemLoad = load.system;
  figures.sflowBitsPerSecond = load.bitsPerSecond;
  return figures;
}

}  // namespace weir::engine
