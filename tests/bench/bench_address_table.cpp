// A group set of a million prefixes: time to build, memory, cost of a look-up.
#include <benchmark/benchmark.h>

#include <random>

#include "enrich/address_table.h"

namespace weir::enrich {
namespace {

// Lengths as in the global routing table: most are /24 and /48, some wider.
IpAddress randomPrefix(std::mt19937_64& random, bool v6, unsigned& bits) {
  IpAddress a;
  a.family = v6 ? IpAddress::Family::v6 : IpAddress::Family::v4;
  storeBe64(a.octets.data(), random());
  if (v6) {
    a.octets[0] = static_cast<std::uint8_t>(0x20 + random() % 16);
    bits = random() % 10 < 6 ? 48 : 29 + static_cast<unsigned>(random() % 20);
  } else {
    std::fill(a.octets.begin() + 4, a.octets.end(), 0);
    a.octets[0] = static_cast<std::uint8_t>(1 + random() % 222);
    bits = random() % 10 < 6 ? 24 : 12 + static_cast<unsigned>(random() % 21);
  }
  return a;
}

AddressTable::Builder fill(unsigned count, bool v6) {
  std::mt19937_64 random(1);
  AddressTable::Builder builder;
  for (unsigned i = 0; i < count; ++i) {
    unsigned bits = 0;
    const IpAddress a = randomPrefix(random, v6, bits);
    builder.addPrefix(a, bits, i % 1000);
  }
  return builder;
}

void build(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto builder = fill(static_cast<unsigned>(state.range(0)), state.range(1) == 6);
    state.ResumeTiming();
    const AddressTable table = std::move(builder).build();
    benchmark::DoNotOptimize(&table);
    state.counters["octets"] = static_cast<double>(table.memory());
  }
}
BENCHMARK(build)->Args({1'000'000, 4})->Args({1'000'000, 6})->Unit(benchmark::kMillisecond)->Iterations(5);

void lookUp(benchmark::State& state) {
  const bool v6 = state.range(1) == 6;
  const AddressTable table = fill(static_cast<unsigned>(state.range(0)), v6).build();
  std::mt19937_64 random(2);
  std::vector<IpAddress> asked(1 << 16);
  for (IpAddress& a : asked) {
    unsigned bits = 0;
    a = randomPrefix(random, v6, bits);
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const IpAddress& a = asked[i++ & (asked.size() - 1)];
    benchmark::DoNotOptimize(table.find(Bytes(a.octets.data(), v6 ? 16 : 4)));
  }
}
BENCHMARK(lookUp)->Args({10, 4})->Args({1'000'000, 4})->Args({10, 6})->Args({1'000'000, 6});

}  // namespace
}  // namespace weir::enrich
