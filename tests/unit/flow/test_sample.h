#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flow/definition.h"
#include "flow/sample_fields.h"
#include "wire/records.h"

namespace weir::flow::test {

inline std::vector<std::uint8_t> unhex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

/// A flow sample put together by hand: layers one behind the other, each given by its octets.
class TestSample {
 public:
  TestSample() {
    sample.kind = wire::SampleKind::flow;
    sample.source = {0, 3};
    sample.input = {0, 3};
    sample.output = {0, 5};
    sample.samplingRate = 100;
    agent = *IpAddress::parse("192.168.0.11");
    fields_.agent = &agent;
    fields_.scale = 100;
  }
  TestSample(const TestSample&) = delete;

  TestSample& layer(decode::Layer kind, std::string_view hex, std::uint32_t value = 0) {
    const auto added = unhex(hex);
    layers_.push_back(
        {kind, static_cast<std::uint8_t>(added.size()), static_cast<std::uint16_t>(bytes_.size()), 0, value});
    bytes_.insert(bytes_.end(), added.begin(), added.end());
    return *this;
  }
  TestSample& record(std::uint32_t tag, std::string_view hex) { return record(tag, unhex(hex)); }
  TestSample& record(std::uint32_t tag, std::vector<std::uint8_t> octets, wire::Dialect dialect = wire::Dialect::v5) {
    records_.push_back(std::move(octets));
    fields_.records[fields_.recordCount++] = {tag, dialect, records_.back()};
    return *this;
  }
  /// One of the structs of wire/records.h.
  template <class R>
  TestSample& record(const R& one) {
    std::vector<std::uint8_t> octets(4096);
    wire::XdrWriter out(octets);
    wire::writeRecordData(out, one);
    octets.resize(out.size());
    return record(R::kTag, std::move(octets));
  }
  /// An rtflow sample (4300:1003) with a field of each type.
  TestSample& customFields(std::string_view source, std::uint32_t samplingRate) {
    body_.resize(1024);
    wire::XdrWriter out(body_);
    const auto bytes = [](std::string_view text) {
      return Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    out.opaque(bytes(source));
    out.u32(samplingRate);
    out.u32(0);
    out.u32(8);
    const auto field = [&](std::string_view name, std::uint32_t type) {
      out.opaque(bytes(name));
      out.u32(type);
    };
    field("customer", 0);
    out.opaque(bytes("acme"));
    field("mac", 1);
    out.fixed(unhex("000000CC0101"));
    field("ip", 2);
    out.fixed(unhex("0A000001"));
    field("ip6", 3);
    out.fixed(unhex("20010DB8000000000000000000000001"));
    field("count", 4);
    out.u32(7);
    field("total", 5);
    out.u64(std::uint64_t{1} << 40);
    field("ratio", 6);
    out.f32(0.5F);
    field("load", 7);
    out.f64(3);
    body_.resize(out.size());
    sample.kind = wire::SampleKind::rtFlow;
    sample.samplingRate = samplingRate;
    sample.body = body_;
    fields_.scale = samplingRate;
    return *this;
  }
  /// As an agent sends it: decoded from sampled octets.
  TestSample& header(std::string_view hex, std::uint32_t protocol = 1) {
    bytes_ = unhex(hex);
    decode::decodeHeader(protocol, 1500, 4, bytes_, fields_.packet);
    fields_.hasPacket = true;
    fields_.frameBytes = 1500;
    decoded_ = true;
    return *this;
  }

  const SampleFields& fields() {
    fields_.sample = &sample;
    if (decoded_ || layers_.empty()) return fields_;
    decode::Packet& p = fields_.packet;
    p.bytes = bytes_;
    p.frameLength = 1500;
    p.stripped = 4;
    std::fill(std::begin(p.firstOf), std::end(p.firstOf), decode::kNoLayer);
    p.layerCount = 0;
    for (decode::LayerRef ref : layers_) {
      ref.available = static_cast<std::uint16_t>(bytes_.size() - ref.offset);
      auto& first = p.firstOf[static_cast<std::size_t>(ref.kind)];
      if (first == decode::kNoLayer) first = p.layerCount;
      p.layers[p.layerCount++] = ref;
    }
    fields_.hasPacket = true;
    fields_.frameBytes = 1500;
    return fields_;
  }

  wire::Sample sample;
  AgentId agent;

 private:
  SampleFields fields_;
  std::vector<std::uint8_t> bytes_, body_;
  std::vector<decode::LayerRef> layers_;
  std::deque<std::vector<std::uint8_t>> records_;
  bool decoded_ = false;
};

struct Outcome {
  bool counted = false;
  std::string key;
  double amount = 0;
};

inline Definition definitionOf(std::string keys, std::string value = "frames", std::string filter = {}) {
  Definition d;
  d.keysText = std::move(keys);
  d.value = std::move(value);
  d.filter = std::move(filter);
  return d;
}

inline Outcome run(const CompiledDefinition& compiled, const SampleFields& fields) {
  Outcome outcome;
  // One octet beyond the key shows writing too far.
  std::vector<std::uint8_t> key(compiled.keySize() + 1, 0xA5);
  outcome.counted = compiled.evaluate(fields, key.data(), outcome.amount);
  if (key.back() != 0xA5) std::abort();
  if (outcome.counted && compiled.isKey({key.data(), compiled.keySize()})) {
    compiled.appendKeyText(outcome.key, key.data());
  }
  return outcome;
}

/// Text of keys for a sample; nullopt: not counted, or not accepted.
inline std::optional<std::string> keyText(const std::string& keys, const SampleFields& fields, bool dropped = false) {
  Definition d = definitionOf(keys, "requests");
  d.dropped = dropped;
  const auto compiled = CompiledDefinition::compile("test", d);
  if (!compiled) return std::nullopt;
  const Outcome outcome = run(**compiled, fields);
  return outcome.counted ? std::optional(outcome.key) : std::nullopt;
}

inline std::optional<bool> filterHolds(const std::string& filter, const SampleFields& fields, bool dropped = false) {
  Definition d = definitionOf("", "requests", filter);
  d.dropped = dropped;
  const auto compiled = CompiledDefinition::compile("test", d);
  if (!compiled) return std::nullopt;
  return run(**compiled, fields).counted;
}

}  // namespace weir::flow::test
