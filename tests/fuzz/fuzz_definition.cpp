// Any octets as the text of a filter (first octet even) or of keys (odd). What is accepted is evaluated on a packet.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "flow/definition.h"
#include "flow/lookup.h"

namespace {

// Ethernet, VLAN, IPv4, UDP 4789, VXLAN, Ethernet, IPv4, TCP.
constexpr std::uint8_t kPacket[] = {
    0x00, 0x25, 0x90, 0x58, 0xDF, 0xCC, 0x00, 0x00, 0x00, 0xCC, 0x01, 0x01, 0x81, 0x00, 0x00, 0x64, 0x08, 0x00,
    0x45, 0x00, 0x00, 0x5A, 0x12, 0x67, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00, 0x0A, 0x00, 0x00, 0x01, 0x0A, 0x00,
    0x00, 0x02, 0xCB, 0x84, 0x12, 0xB5, 0x00, 0x46, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xCC, 0x01, 0x02, 0x08, 0x00, 0x45, 0x00, 0x00, 0x28,
    0x00, 0x01, 0x00, 0x00, 0x40, 0x06, 0x00, 0x00, 0xC0, 0xA8, 0x00, 0x01, 0xC0, 0xA8, 0x00, 0x02, 0xCB, 0x84,
    0x01, 0xBB, 0x12, 0x34, 0x56, 0x78, 0x00, 0x00, 0x00, 0x00, 0x50, 0x02, 0xFA, 0xF0, 0x00, 0x00, 0x00, 0x00};

/// A table that has something about everything.
struct AnyLookup final : weir::flow::Lookup {
  [[nodiscard]] bool find(const weir::flow::LookupKey&, weir::flow::Value& result) const override {
    static constexpr std::uint8_t kText[] = "a label";
    result.number = 64500;
    result.data = kText;
    result.size = sizeof kText - 1;
    return true;
  }
};

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::flow;
  if (size < 1) return 0;
  const bool isFilter = data[0] % 2 == 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  Definition definition;
  definition.value = "bytes";
  (isFilter ? definition.filter : definition.keysText) = text;
  const auto compiled = CompiledDefinition::compile("fuzz", definition);
  if (!compiled) {
    const Error& error = compiled.error();
    check(error.attribute == (isFilter ? "filter" : "keys") && error.position && *error.position <= text.size());
    return 0;
  }
  check((*compiled)->keySize() % 8 == 0 && (*compiled)->keySize() <= CompiledDefinition::kMaxKeySize);

  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  const AgentId agent = *IpAddress::parse("10.0.0.9");
  SampleFields fields;
  fields.sample = &sample;
  fields.agent = &agent;
  const AnyLookup table;
  const std::vector<const Lookup*> lookups((*compiled)->lookups().size(), &table);
  fields.lookups = lookups;
  for (const bool hasPacket : {true, false}) {
    fields.hasPacket = hasPacket;
    decode::decodeHeader(1, 1500, 4, kPacket, fields.packet);
    // Two buffers of different content: the key must not depend on what was there before, and not be exceeded.
    std::vector<std::uint8_t> first((*compiled)->keySize(), 0x00), second((*compiled)->keySize(), 0xFF);
    double amount = 0;
    const bool counted = (*compiled)->evaluate(fields, first.data(), amount);
    check((*compiled)->evaluate(fields, second.data(), amount) == counted);
    if (!counted) continue;
    check(first == second);
    std::string shown;
    (*compiled)->appendKeyText(shown, first.data());
  }
  (void)(*compiled)->programText();
  return 0;
}
