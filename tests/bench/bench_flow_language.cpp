#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "flow/definition.h"

// What one definition costs a sample: filter, key and value, on a decoded TCP packet behind a VLAN tag.

namespace weir::flow {
namespace {

// Ethernet, VLAN 100, IPv4 10.0.0.1 → 10.0.0.2, TCP 52100 → 443, SYN.
constexpr std::uint8_t kPacket[] = {0x00, 0x25, 0x90, 0x58, 0xDF, 0xCC, 0x00, 0x00, 0x00, 0xCC, 0x01, 0x01,
                                    0x81, 0x00, 0x00, 0x64, 0x08, 0x00, 0x45, 0x00, 0x05, 0xDC, 0x12, 0x67,
                                    0x40, 0x00, 0x40, 0x06, 0x00, 0x00, 0x0A, 0x00, 0x00, 0x01, 0x0A, 0x00,
                                    0x00, 0x02, 0xCB, 0x84, 0x01, 0xBB, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00,
                                    0x00, 0x00, 0x50, 0x02, 0xFA, 0xF0, 0x00, 0x00, 0x00, 0x00};

struct Sampled {
  Sampled() {
    sample.kind = wire::SampleKind::flow;
    sample.source = {0, 3};
    sample.input = {0, 3};
    sample.output = {0, 5};
    agent = *IpAddress::parse("192.168.0.11");
    fields.sample = &sample;
    fields.agent = &agent;
    fields.scale = 20000;
    fields.frameBytes = 1518;
    fields.hasPacket = true;
    decode::decodeHeader(1, 1518, 4, kPacket, fields.packet);
  }
  wire::Sample sample;
  AgentId agent;
  SampleFields fields;
};

void evaluate(benchmark::State& state, const std::string& keys, const std::string& filter) {
  Definition definition;
  definition.keysText = keys;
  definition.value = "bytes";
  definition.filter = filter;
  const auto compiled = CompiledDefinition::compile("bench", definition);
  if (!compiled) {
    state.SkipWithError(compiled.error().text().c_str());
    return;
  }
  Sampled sampled;
  alignas(8) std::uint8_t key[CompiledDefinition::kMaxKeySize];
  double amount = 0;
  std::size_t counted = 0;
  for (auto _ : state) {
    // The packet's layers look new to the compiler each time.
    benchmark::DoNotOptimize(sampled.fields.packet.layerCount);
    benchmark::ClobberMemory();
    counted += (*compiled)->evaluate(sampled.fields, key, amount);
    benchmark::DoNotOptimize(key);
    benchmark::DoNotOptimize(amount);
  }
  if (counted == 0 && filter != "ipprotocol=17") state.SkipWithError("the sample is not counted");
}

#define WEIR_EVALUATE(name, keys, filter) \
  void name(benchmark::State& state) {    \
    evaluate(state, keys, filter);        \
  }                                       \
  BENCHMARK(name)

WEIR_EVALUATE(noKeys, "", "");
WEIR_EVALUATE(twoAddresses, "ipsource,ipdestination", "");
WEIR_EVALUATE(twoAddressesFilterFalse, "ipsource,ipdestination", "ipprotocol=17");
WEIR_EVALUATE(twoAddressesFilterTrue, "ipsource,ipdestination", "ipprotocol=6&tcpdestinationport=80,443");
WEIR_EVALUATE(twoAddressesFlagsPattern, "ipsource,ipdestination", "tcpflags~.......1.");
WEIR_EVALUATE(twoAddressesDirection, "ipsource,ipdestination", "direction=ingress");
WEIR_EVALUATE(twoAddressesTextPattern, "ipsource,ipdestination", "ipsource~10[.]0[.].*");
WEIR_EVALUATE(macPair, "macsource,macdestination", "");
WEIR_EVALUATE(fiveTuple, "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport", "");
WEIR_EVALUATE(fiveTupleOr,
              "ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport:icmptype,"
              "or:tcpdestinationport:udpdestinationport:icmpcode",
              "");
WEIR_EVALUATE(fiveTupleOrLast,
              "ipsource,ipdestination,ipprotocol,or:icmptype:udpsourceport:tcpsourceport,"
              "or:icmpcode:udpdestinationport:tcpdestinationport",
              "");
WEIR_EVALUATE(stackAndDefaults, "stack,null:ethernetprotocol:0,null:ipprotocol:0", "");
WEIR_EVALUATE(functions, "mask:ipsource:24,if:[first:stack:.:ip:ip6]:ip:ipdestination:ip6destination", "");

void keysSeen(benchmark::State& state) {
  Sampled sampled;
  KeysSeen seen;
  Nanos now = kSecond;
  for (auto _ : state) seen.note(sampled.fields, now += 1000);
}
BENCHMARK(keysSeen);

}  // namespace
}  // namespace weir::flow
