#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "support/counter_sample.h"
#include "support/start.h"
#include "wire/records.h"
#include "wire/writer.h"

namespace weir::test {

inline IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

/// Data sources: interfaces of a switch.
inline constexpr wire::DataSource kPort3{0, 3}, kPort4{0, 4};

/// A sampled TCP packet over IPv4.
struct FlowSpec {
  wire::DataSource source{0, 1};
  const char* from = "10.0.0.1";
  const char* to = "10.0.0.2";
  std::uint32_t bytes = 1000;  ///< frame length
  std::uint32_t rate = 1;      ///< sampling rate
  std::uint16_t fromPort = 40000, toPort = 80;
  std::uint32_t input = 1, output = 2;
};

/// The first 54 octets of the frame of a FlowSpec.
inline std::array<std::uint8_t, 54> frameOf(const FlowSpec& spec) {
  std::array<std::uint8_t, 54> f{};
  f[5] = 2;
  f[11] = 1;
  storeBe16(&f[12], 0x0800);
  f[14] = 0x45;
  storeBe16(&f[16], static_cast<std::uint16_t>(spec.bytes - 18));
  f[22] = 64;
  f[23] = 6;
  const IpAddress from = address(spec.from), to = address(spec.to);
  std::copy_n(from.octets.begin(), 4, f.begin() + 26);
  std::copy_n(to.octets.begin(), 4, f.begin() + 30);
  storeBe16(&f[34], spec.fromPort);
  storeBe16(&f[36], spec.toPort);
  f[46] = 0x50;
  f[47] = 0x10;
  return f;
}

/// Writes the datagrams of one agent: sequence numbers and uptime are its business.
///   agent.flow({.source = {0, 3}, .bytes = 1500, .rate = 1000}).counters({0, 3}, {.inOctets = 7});
///   shard.datagram(agent.finish(now), …);
class TestAgent {
 public:
  explicit TestAgent(std::string_view text, std::uint32_t subAgent = 0) : writer_(wire::kMaxDatagramSize) {
    header_.version = 5;
    if (!text.empty()) header_.agent = address(text);
    header_.subAgent = subAgent;
    writer_.begin(header_);
  }
  TestAgent(const TestAgent&) = delete;
  TestAgent& operator=(const TestAgent&) = delete;

  TestAgent& flow(const FlowSpec& spec) { return sampleOf(wire::SampleKind::flow, spec); }
  /// A drop notification about the same packet.
  TestAgent& discard(const FlowSpec& spec) { return sampleOf(wire::SampleKind::discard, spec); }

  /// A counters sample with if_counters.
  TestAgent& counters(const wire::DataSource& source, Interface counters) {
    counters.index = source.index;
    return records(source, {{wire::tag(0, 1), counters.record()}});
  }
  /// A counters sample of data source 2.1 with host_descr and host_cpu.
  TestAgent& host(std::string_view name, float loadOne) {
    RecordBytes descr, cpu;
    descr.str(name);
    for (int i = 0; i < 4; ++i) descr.u32(7);
    descr.u32(3).u32(2).str("6.1");
    cpu.f32(loadOne).f32(loadOne).f32(loadOne).u32(1).u32(2).u32(4).u32(2400).u32(99);
    for (int i = 0; i < 12; ++i) cpu.u32(0);
    return records({2, 1}, {{wire::tag(0, 2000), descr}, {wire::tag(0, 2003), cpu}});
  }
  TestAgent& records(const wire::DataSource& source,
                     const std::vector<std::pair<std::uint32_t, RecordBytes>>& records) {
    wire::Sample sample;
    sample.kind = wire::SampleKind::counters;
    sample.expanded = true;
    sample.source = source;
    sample.sequence = ++sequences_[{sample.kind, source.key()}];
    writer_.beginSample(sample);
    for (const auto& [tag, record] : records) writer_.add(tag, record.bytes);
    (void)writer_.endSample();
    return *this;
  }
  /// A custom metric (4300:1002).
  TestAgent& metric(std::string_view dataSource, std::string_view name, std::uint32_t value, bool counter = false) {
    wire::FieldValue field;
    field.type = wire::FieldType::u32;
    field.number = value;
    writer_.beginRtMetric(dataSource);
    writer_.addRt(name, field, counter);
    (void)writer_.endSample();
    return *this;
  }

  /// A sample of a custom flow field (4300:1003).
  TestAgent& customFlow(std::string_view dataSource, std::uint32_t rate, std::string_view name, std::uint32_t value) {
    wire::FieldValue field;
    field.type = wire::FieldType::u32;
    field.number = value;
    writer_.beginRtFlow(dataSource, rate, 0);
    writer_.addRt(name, field);
    (void)writer_.endSample();
    return *this;
  }

  /// The datagram as it leaves at `now`; the next one begins. Valid until then.
  Bytes finish(Nanos now) {
    header_.sequence = ++sequence_;
    header_.uptimeMs = static_cast<std::uint32_t>((now - started_) / kMillisecond);
    finished_.assign(writer_.finish().begin(), writer_.finish().end());
    // sequence and uptime stand behind the sub-agent
    const std::size_t at = header_.agent.family == IpAddress::Family::v6   ? 28
                           : header_.agent.family == IpAddress::Family::v4 ? 16
                                                                           : 12;
    storeBe32(&finished_[at], header_.sequence);
    storeBe32(&finished_[at + 4], header_.uptimeMs);
    writer_.begin(header_);
    return finished_;
  }
  /// The agent starts anew: sequence numbers from 1, uptime from 0 at `now`.
  void restart(Nanos now) {
    started_ = now;
    sequence_ = 0;
    sequences_.clear();
  }
  wire::DatagramWriter& writer() { return writer_; }

 private:
  TestAgent& sampleOf(wire::SampleKind kind, const FlowSpec& spec) {
    wire::Sample sample;
    sample.kind = kind;
    sample.expanded = true;
    sample.source = spec.source;
    sample.sequence = ++sequences_[{kind, spec.source.key()}];
    sample.samplingRate = spec.rate;
    sample.input = {0, spec.input};
    sample.output = {0, spec.output};
    const auto frame = frameOf(spec);
    writer_.beginSample(sample);
    writer_.add(wire::SampledHeader{1, spec.bytes, 4, frame});
    (void)writer_.endSample();
    return *this;
  }

  wire::DatagramHeader header_;
  wire::DatagramWriter writer_;
  std::uint32_t sequence_ = 0;
  Nanos started_ = -1'000 * kSecond;  // uptimes are far from 0, unless it starts anew
  std::map<std::pair<wire::SampleKind, std::uint64_t>, std::uint32_t> sequences_;
  std::vector<std::uint8_t> finished_;
};

}  // namespace weir::test
