#include "ingest/shard.h"

namespace weir::ingest {

namespace {
unsigned shardOfWord(std::uint32_t word, unsigned shards) {
  return shards == 0 ? 0 : (word * kShardMultiplier >> kShardShift) % shards;
}
std::uint32_t foldedV6(const std::uint8_t* p) {
  return loadBe32(p) ^ loadBe32(p + 4) ^ loadBe32(p + 8) ^ loadBe32(p + 12);
}
}  // namespace

unsigned shardOfAgent(const IpAddress& agent, unsigned shards) {
  switch (agent.family) {
    case IpAddress::Family::v4:
      return shardOfWord(loadBe32(agent.octets.data()), shards);
    case IpAddress::Family::v6:
      return shardOfWord(foldedV6(agent.octets.data()), shards);
    case IpAddress::Family::none:
      return 0;
  }
  return 0;
}

unsigned shardOfDatagram(Bytes payload, const IpAddress& sender, unsigned shards) {
  if (payload.size() < 8) return 0;
  const std::uint32_t type = loadBe32(payload.data() + 4);
  if (type == 0) return shardOfAgent(sender, shards);
  if (type == 1 && payload.size() >= 12) return shardOfWord(loadBe32(payload.data() + 8), shards);
  if (type == 2 && payload.size() >= 24) return shardOfWord(foldedV6(payload.data() + 8), shards);
  return 0;
}

}  // namespace weir::ingest
