#include <boost/json/object.hpp>
#include <stdexcept>

#include "make_captures/made.h"
#include "make_captures/record_values.h"
#include "unit/ingest/capture_files.h"
#include "wire/writer.h"

namespace weir::captures {

namespace {

namespace json = boost::json;
using test::be;
using test::operator+;
using wire::RecordSpace;
using wire::RecordSpec;
using wire::Sample;
using wire::SampleKind;

/// The layout of 0:1013 with a whole sampled_header behind the cipher suite, which some implementations send.
constexpr wire::FieldSpec kPayloadWithHeaderFields[] = {{wire::FieldType::u32, "cipher_suite", false},
                                                        {wire::FieldType::u32, "protocol", false},
                                                        {wire::FieldType::u32, "frame_length", false},
                                                        {wire::FieldType::u32, "stripped", false},
                                                        {wire::FieldType::opaque, "header", false}};
RecordSpec payloadWithHeader() {
  RecordSpec spec = *wire::recordSpec(RecordSpace::flow, "extended_80211_payload");
  spec.fields = kPayloadWithHeaderFields;
  return spec;
}

/// Writes datagrams of three agents into a capture, and beside it what they say.
class RecordsMaker {
 public:
  RecordsMaker() : writer_(wire::kMaxDatagramSize) {}

  /// Flow records: in turn a compact sample, an expanded one and a drop notification; others: compact and expanded.
  void samples(RecordSpace space, const std::vector<const RecordSpec*>& specs) {
    for (std::size_t at = 0; at < specs.size(); at += kRecordsASample) {
      const std::size_t end = std::min(specs.size(), at + kRecordsASample);
      const std::size_t turn = samples_++;
      Sample s;
      s.kind = space == RecordSpace::counter ? SampleKind::counters
               : turn % 3 == 2               ? SampleKind::discard
                                             : SampleKind::flow;
      s.expanded = turn % 2 == 1;
      fillIn(s, turn);
      begin();
      json::object expected = fixedPart(s);
      writer_.beginSample(s);
      json::array records;
      for (std::size_t i = at; i < end; ++i) records.push_back(record(*specs[i]));
      expected["records"] = records;
      finish(expected);
    }
  }

  /// What a reader does not know: a sample, a record, octets behind the last field of a record.
  void unknown() {
    begin();
    writer_.beginSample(wire::tag(0, 99));
    writer_.rawItems().u32(1);
    writer_.rawItems().u32(2);
    finish(json::object{{"sample", "0:99"}, {"unknown", 8}});

    begin();
    Sample s;
    s.kind = SampleKind::flow;
    fillIn(s, 1);
    json::object expected = fixedPart(s);
    writer_.beginSample(s);
    const auto body = be(1, 4) + be(2, 4) + be(3, 4);
    writer_.add(wire::tag(9, 77), body);
    const auto longer = be(10, 4) + be(1, 4) + be(20, 4) + be(2, 4) + be(7, 4);
    writer_.add(wire::tag(0, 1001), longer);
    expected["records"] =
        json::array{json::object{{"tag", "9:77"}, {"unknown", 12}}, json::object{{"tag", "0:1001"},
                                                                                 {"name", "extended_switch"},
                                                                                 {"src_vlan", 10},
                                                                                 {"src_priority", 1},
                                                                                 {"dst_vlan", 20},
                                                                                 {"dst_priority", 2},
                                                                                 {"extra_bytes", 4}}};
    finish(expected);
  }

  /// No samples at all.
  void empty() {
    begin();
    finish(json::array());
  }

  [[nodiscard]] std::vector<MadeFile> files() const {
    return {{"records.pcap", capture_.pcap()}, {"records.pcap.expected.json", lines(expected_)}};
  }

 private:
  static constexpr std::size_t kRecordsASample = 6;

  static void fillIn(Sample& s, std::size_t turn) {
    const auto n = static_cast<std::uint32_t>(turn);
    s.sequence = 100 + n;
    s.source = s.kind == SampleKind::counters && turn % 2 == 0 ? wire::DataSource{2, 1} : wire::DataSource{0, 17 + n};
    if (s.kind == SampleKind::counters) return;
    s.drops = 3 + n;
    s.input = {0, 17 + n};
    s.output = {0, 18 + n};
    if (s.kind == SampleKind::discard) {
      s.reason = 257 + n;
      return;
    }
    s.samplingRate = 1000 + n;
    s.samplePool = 1'000'000 + n;
    if (turn % 4 == 0) s.output = {1, 258};                // dropped by an access list
    if (turn % 4 == 1) s.output = {2, 5};                  // sent to five interfaces
    if (turn % 4 == 3) s.input = {0, wire::kNoInterface};  // the agent's own packet
  }

  static json::object fixedPart(const Sample& s) {
    json::object out;
    const bool flow = s.kind == SampleKind::flow;
    out["sample"] =
        s.kind == SampleKind::discard ? "0:5" : "0:" + std::to_string((flow ? 1 : 2) + (s.expanded ? 2 : 0));
    out["seq"] = s.sequence;
    out["source"] = json::array{s.source.cls, s.source.index};
    if (s.kind == SampleKind::counters) return out;
    out["drops"] = s.drops;
    if (s.kind == SampleKind::discard) {
      out["input"] = s.input.value;
      out["output"] = s.output.value;
      out["reason"] = s.reason;
      return out;
    }
    out["rate"] = s.samplingRate;
    out["pool"] = s.samplePool;
    out["input"] = json::array{s.input.format, s.input.value};
    out["output"] = json::array{s.output.format, s.output.value};
    return out;
  }

  json::object record(const RecordSpec& spec) {
    const RecordValues made(spec);
    writer_.add(spec, made.values());
    json::object out{{"tag", tagText(spec.tag)}, {"name", spec.name}};
    for (const auto& [name, value] : made.json()) out[name] = value;
    return out;
  }

  void begin() {
    static constexpr const char* kAgents[] = {"198.51.100.7", "2001:db8::7", ""};
    const std::size_t turn = capture_.size();
    header_ = {};
    header_.version = 5;
    if (const std::string_view agent = kAgents[turn % 3]; !agent.empty())
      header_.agent = IpAddress::parse(agent).value();
    header_.subAgent = static_cast<std::uint32_t>(turn % 3);
    header_.sequence = static_cast<std::uint32_t>(turn / 3 + 1);
    header_.uptimeMs = static_cast<std::uint32_t>(1'000'000 + 100 * turn);
    agent_ = kAgents[turn % 3];
    writer_.begin(header_);
  }

  void finish(json::object sample) {
    if (!writer_.endSample()) throw std::logic_error("a sample does not fit");
    finish(json::array{std::move(sample)});
  }

  void finish(json::array samples) {
    const Bytes datagram = writer_.finish();
    expected_.push_back(json::object{{"datagram", capture_.size()},
                                     {"size", datagram.size()},
                                     {"version", 5},
                                     {"agent", agent_},
                                     {"sub_agent", header_.subAgent},
                                     {"seq", header_.sequence},
                                     {"uptime", header_.uptimeMs},
                                     {"samples", std::move(samples)}});
    capture_.add(kBegin + static_cast<Nanos>(capture_.size()) * 100 * kMillisecond, datagram);
  }

  wire::DatagramWriter writer_;
  wire::DatagramHeader header_;
  std::string agent_;
  CaptureBuilder capture_;
  json::array expected_;
  std::size_t samples_ = 0;
};

}  // namespace

std::vector<MadeFile> makeRecords() {
  std::vector<const RecordSpec*> flow, counter;
  for (const RecordSpec& spec : wire::recordTable())
    (spec.space == RecordSpace::flow ? flow : counter).push_back(&spec);
  const RecordSpec withHeader = payloadWithHeader();
  flow.push_back(&withHeader);
  RecordsMaker maker;
  maker.samples(RecordSpace::flow, flow);
  maker.samples(RecordSpace::counter, counter);
  maker.unknown();
  maker.empty();
  return maker.files();
}

}  // namespace weir::captures
