// What a shard costs without the kernel: datagrams from memory through one shard, as many definitions as asked for.
//   shard_cost FILE [definitions] [seconds] [per second]
// FILE holds datagrams as the load generator writes them (u32 length, octets). Time moves as if they came at the given
// rate; the first half warms the tables. Prints nanoseconds of CPU a sample, and the memory of the tables.
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/definition_store.h"
#include "engine/shard.h"
#include "flow/definition.h"

namespace {

using namespace weir;

// Those of bench_engine.py.
constexpr std::array<const char*, 10> kKeys = {
    "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
    "ipsource,ipdestination",
    "ipsource",
    "ipdestination",
    "ipdestination,tcpdestinationport,ipprotocol",
    "ipprotocol",
    "macsource,macdestination",
    "inputifindex,outputifindex",
    "ipsource,ipprotocol",
    "ipsource,ipdestination,tcpsourceport,tcpdestinationport",
};

double cpuSeconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: shard_cost FILE [definitions] [seconds] [per second]\n");
    return 2;
  }
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 6;
  const double rate = argc > 4 ? std::atof(argv[4]) : 100'000;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<Bytes> datagrams;
  for (std::size_t at = 0; at + 4 <= bytes.size();) {
    std::uint32_t size;
    std::memcpy(&size, bytes.data() + at, 4);
    at += 4;
    if (size > bytes.size() - at) break;
    datagrams.emplace_back(reinterpret_cast<const std::uint8_t*>(bytes.data()) + at, size);
    at += size;
  }
  if (datagrams.empty()) {
    std::fprintf(stderr, "shard_cost: no datagrams in %s\n", argv[1]);
    return 1;
  }

  model::MetricNames names;
  engine::Shard shard(names);
  while (shard.arena().prefault(std::size_t{512} << 20)) {
  }
  engine::DefinitionStore store(
      names, [&](auto definitions) { shard.adopt(std::move(definitions)); }, [] { return Nanos{0}; });
  for (std::size_t i = 0; i < std::min(count, kKeys.size()); ++i) {
    const boost::json::value body{{"keys", kKeys[i]}, {"value", "bytes"}};
    if (auto done = store.put(engine::Engine::Kind::flow, "bench_" + std::to_string(i), body); !done) {
      std::fprintf(stderr, "shard_cost: %s\n", done.error().text().c_str());
      return 1;
    }
  }
  constexpr std::size_t kBatch = 32;
  const auto total = static_cast<std::size_t>(seconds * rate);
  const IpAddress sender;
  double start = 0;
  std::uint64_t samples = 0;
  std::size_t sent = 0;
  for (; sent < total; sent += kBatch) {
    if (start == 0 && sent >= total / 2) {
      start = cpuSeconds();
      samples = shard.figures().flowSamples;
    }
    const Nanos now = 1'700'000'000 * kSecond + static_cast<Nanos>(static_cast<double>(sent) / rate * 1e9);
    for (std::size_t i = 0; i < kBatch; ++i) shard.datagram(datagrams[(sent + i) % datagrams.size()], sender, now, 0);
    shard.flush();
    shard.advance(now);
    shard.outputs().clear();
  }
  const double used = cpuSeconds() - start;
  samples = shard.figures().flowSamples - samples;
  std::printf("definitions=%zu samples=%llu ns_per_sample=%.1f tables_mib=%.1f\n", count,
              static_cast<unsigned long long>(samples), used * 1e9 / static_cast<double>(samples),
              static_cast<double>(shard.arena().used()) / 1048576.0);
  return 0;
}
