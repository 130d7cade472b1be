#include <boost/json/object.hpp>

#include "make_captures/made.h"
#include "unit/ingest/capture_files.h"
#include "wire/records.h"
#include "wire/writer.h"

namespace weir::captures {

namespace {

namespace json = boost::json;
using test::operator+;
using Octets = std::vector<std::uint8_t>;

// Where things stand in the sound datagram.
constexpr std::size_t kVersion = 0, kAddressType = 4, kSampleCount = 24, kFirstSample = 28;
constexpr std::size_t kSampleLength = kFirstSample + 4, kRecordCount = kFirstSample + 8 + 28;
constexpr std::size_t kFirstRecord = kRecordCount + 4, kRecordLength = kFirstRecord + 4;
constexpr std::size_t kHeaderLength = kFirstRecord + 8 + 12;

/// A flow sample with a sampled_header and an extended_switch, then a counters sample with if_counters.
Octets sound() {
  wire::DatagramWriter writer;
  wire::DatagramHeader header;
  header.agent = IpAddress::parse("198.51.100.10").value();
  header.sequence = 1;
  header.uptimeMs = 1000;
  writer.begin(header);
  wire::Sample flow;
  flow.kind = wire::SampleKind::flow;
  flow.sequence = 1;
  flow.source = {0, 1};
  flow.samplingRate = 100;
  writer.beginSample(flow);
  const Octets frame = test::ethernet(test::ip4(test::udp(test::text("damaged!"))));
  writer.add(wire::SampledHeader{1, 100, 4, frame});
  wire::extended_switch vlan;
  vlan.src_vlan = 10;
  writer.add(vlan);
  (void)writer.endSample();
  wire::Sample counters;
  counters.kind = wire::SampleKind::counters;
  counters.sequence = 1;
  counters.source = {0, 1};
  writer.beginSample(counters);
  wire::if_counters interface;
  interface.ifIndex = 1;
  interface.ifInOctets = 1'000'000;
  writer.add(interface);
  (void)writer.endSample();
  const Bytes whole = writer.finish();
  return {whole.begin(), whole.end()};
}

/// An extended_switch of two words instead of four.
Octets shortRecord() {
  wire::DatagramWriter writer;
  wire::DatagramHeader header;
  header.agent = IpAddress::parse("198.51.100.10").value();
  writer.begin(header);
  wire::Sample flow;
  flow.kind = wire::SampleKind::flow;
  writer.beginSample(flow);
  const Octets record = test::be(10, 4) + test::be(1, 4);
  writer.add(wire::tag(0, 1001), record);
  (void)writer.endSample();
  const Bytes whole = writer.finish();
  return {whole.begin(), whole.end()};
}

Octets cut(Octets datagram, std::size_t size) {
  datagram.resize(size);
  return datagram;
}
Octets patched(Octets datagram, std::size_t at, std::uint32_t word) {
  storeBe32(&datagram[at], word);
  return datagram;
}

struct Damage {
  const char* what;
  Octets datagram;
  const char* fault;  ///< its name in wire/datagram.h; empty: none
  unsigned samples, records;
};

std::vector<Damage> damages() {
  const Octets d = sound();
  const Octets v4 = test::be(4, 4) + test::be(1, 4) + test::be(0xC633640A, 4) + test::be(1, 4) + test::be(1000, 4) +
                    test::be(1, 4) + test::be(3, 4);
  return {
      {"sound", d, "", 2, 3},
      {"without an octet", {}, "notSflow", 0, 0},
      {"three octets", cut(d, 3), "notSflow", 0, 0},
      {"cut in the header", cut(d, 27), "notSflow", 0, 0},
      {"no more than the header", cut(d, kFirstSample), "samplesMissing", 0, 0},
      {"cut in the first sample", cut(d, kFirstRecord + 10), "sampleWindow", 0, 0},
      {"cut in the second sample", cut(d, d.size() - 1), "sampleWindow", 1, 2},
      {"version 3", patched(d, kVersion, 3), "unsupportedVersion", 0, 0},
      {"little-endian", patched(d, kVersion, 0x05000000), "unsupportedVersion", 0, 0},
      {"address type 3", patched(d, kAddressType, 3), "addressType", 0, 0},
      {"2^32-1 samples announced", patched(d, kSampleCount, 0xFFFFFFFF), "samplesMissing", 2, 3},
      {"one sample announced", patched(d, kSampleCount, 1), "", 1, 2},
      {"sample that is too long", patched(d, kSampleLength, 0x10000), "sampleWindow", 0, 0},
      {"sample shorter than its fixed part", patched(d, kSampleLength, 8), "sampleShort", 1, 0},
      {"2^32-1 records announced", patched(d, kRecordCount, 0xFFFFFFFF), "recordsMissing", 2, 3},
      {"record that is too long", patched(d, kRecordLength, 0x10000), "recordWindow", 2, 1},
      {"record shorter than its structure", shortRecord(), "recordShort", 1, 1},
      {"header longer than its record", patched(d, kHeaderLength, 0x10000), "recordContent", 2, 3},
      {"version 4, sample of unknown type", v4, "legacyTag", 0, 0},
  };
}

}  // namespace

std::vector<MadeFile> makeDamaged() {
  CaptureBuilder capture;
  json::array expected;
  for (const Damage& damage : damages()) {
    expected.push_back(json::object{
        {"what", damage.what}, {"fault", damage.fault}, {"samples", damage.samples}, {"records", damage.records}});
    capture.add(kBegin + static_cast<Nanos>(capture.size()) * 10 * kMillisecond, damage.datagram);
  }
  return {{"damaged.pcap", capture.pcap()}, {"damaged.faults.json", lines(expected)}};
}

}  // namespace weir::captures
