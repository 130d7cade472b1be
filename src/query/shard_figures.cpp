#include "query/shard_figures.h"

namespace weir::query {

void ShardFigures::add(const ShardFigures& other) {
  datagrams += other.datagrams;
  bytes += other.bytes;
  flowSamples += other.flowSamples;
  counterSamples += other.counterSamples;
  discardSamples += other.discardSamples;
  unknownSamples += other.unknownSamples;
  malformedDatagrams += other.malformedDatagrams;
  unsupportedVersion += other.unsupportedVersion;
  refusedAgents += other.refusedAgents;
  refusedSources += other.refusedSources;
  refusedSubAgents += other.refusedSubAgents;
  refusedArmings += other.refusedArmings;
  displacedAgents += other.displacedAgents;
  refusedEdge += other.refusedEdge;
  kernelDrops += other.kernelDrops;
  receiveErrors += other.receiveErrors;
  relayed.sent += other.relayed.sent;
  relayed.dropped += other.relayed.dropped;
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
}

void ShardTotals::add(const ShardTotals& other) {
  counted.add(other.counted);
  agents += other.agents;
  flowTableBytes += other.flowTableBytes;
}

}  // namespace weir::query
