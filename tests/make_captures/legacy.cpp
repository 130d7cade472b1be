#include <boost/json/object.hpp>

#include "make_captures/made.h"
#include "make_captures/record_values.h"
#include "unit/ingest/capture_files.h"
#include "wire/xdr.h"

/// Datagrams of versions 2 and 4, written item by item as RFC 3176 section 4 and its successor's draft have them.
namespace weir::captures {

namespace {

namespace json = boost::json;
using test::be;
using test::operator+;
using Octets = std::vector<std::uint8_t>;

json::array numbers(std::initializer_list<std::uint32_t> values) {
  json::array out;
  for (const std::uint32_t value : values) out.push_back(value);
  return out;
}

/// One datagram with one sample, and what it says.
class LegacyDatagram {
 public:
  LegacyDatagram(std::uint32_t version, std::uint32_t sequence) : out_(buffer_), version_(version) {
    words({version, 1, 0xC6336408, sequence, 1000 * sequence, 1});
    expected_ = {{"version", version}, {"agent", "198.51.100.8"}, {"seq", sequence}, {"uptime", 1000 * sequence}};
  }

  LegacyDatagram& flow(std::uint32_t output) {
    words({1, 7, 3, 512, 70'000, 2, 3, output});
    sample_ = {{"sample", "flow"}, {"seq", 7},        {"source", json::array{0, 3}},
               {"rate", 512},      {"pool", 70'000},  {"drops", 2},
               {"input", 3},       {"output", output}};
    return *this;
  }
  LegacyDatagram& header() {
    const Octets frame = test::ethernet(test::ip4(test::udp(test::text("legacy"))));
    words({1, 1, 90});
    out_.opaque(frame);
    sample_["packet"] =
        json::object{{"type", "header"}, {"protocol", 1}, {"frame_length", 90}, {"header", hexText(frame)}};
    return *this;
  }
  LegacyDatagram& ipv4() {
    words({2, 60, 6, 0xC6336401, 0xC6336402, 40000, 443, 0x12, 8});
    sample_["packet"] = json::object{{"type", "ipv4"},
                                     {"length", 60},
                                     {"protocol", 6},
                                     {"src_ip", "198.51.100.1"},
                                     {"dst_ip", "198.51.100.2"},
                                     {"src_port", 40000},
                                     {"dst_port", 443},
                                     {"tcp_flags", 0x12},
                                     {"tos", 8}};
    return *this;
  }
  LegacyDatagram& ipv6() {
    words({3, 80, 17});
    words({0x20010DB8, 0, 0, 1, 0x20010DB8, 0, 0, 2, 53, 5353, 0, 4});
    sample_["packet"] = json::object{{"type", "ipv6"},
                                     {"length", 80},
                                     {"protocol", 17},
                                     {"src_ip", "2001:db8::1"},
                                     {"dst_ip", "2001:db8::2"},
                                     {"src_port", 53},
                                     {"dst_port", 5353},
                                     {"tcp_flags", 0},
                                     {"priority", 4}};
    return *this;
  }
  /// Every kind of extended data that the version has.
  LegacyDatagram& extended() {
    words({5});
    words({1, 10, 1, 20, 2});
    words({2, 1, 0xC6336409, 24, 16});
    words({3, 64500, 64501, 64502});
    json::object gateway{{"type", 3}, {"as", 64500}, {"src_as", 64501}, {"src_peer_as", 64502}};
    if (version_ == 2) {
      words({2, 64503, 64504});
      gateway["dst_as_path"] = numbers({64503, 64504});
    } else {
      words({1, 2, 2, 64503, 64504, 1, 0xFC000001, 100});
      gateway["dst_as_path"] = json::array{json::object{{"type", 2}, {"asns", numbers({64503, 64504})}}};
      gateway["communities"] = numbers({0xFC000001});
      gateway["localpref"] = 100;
    }
    words({4});
    out_.opaque(test::text("alice"));
    out_.opaque(test::text("bob"));
    words({5, 2});
    out_.opaque(test::text("GET / HTTP/1.0"));
    extended_ = {
        json::object{{"type", 1}, {"src_vlan", 10}, {"src_priority", 1}, {"dst_vlan", 20}, {"dst_priority", 2}},
        json::object{{"type", 2}, {"nexthop", "198.51.100.9"}, {"src_mask_len", 24}, {"dst_mask_len", 16}}, gateway,
        json::object{{"type", 4}, {"src_user", "alice"}, {"dst_user", "bob"}},
        json::object{{"type", 5}, {"direction", 2}, {"url", "GET / HTTP/1.0"}}};
    return *this;
  }
  LegacyDatagram& noExtended() {
    words({0});
    return *this;
  }
  /// counters: 1 the generic counters alone, 2 these and Ethernet's, 7 those of a VLAN.
  LegacyDatagram& counters(std::uint32_t counters) {
    words({2, 8, 3, 20, counters});
    sample_ = {{"sample", "counters"},
               {"seq", 8},
               {"source", json::array{0, 3}},
               {"interval", 20},
               {"counters_version", counters}};
    if (counters != 7) sample_["generic"] = block("if_counters");
    if (counters == 2) sample_["specific"] = block("ethernet_counters");
    if (counters == 7) sample_["specific"] = block("vlan_counters");
    return *this;
  }

  void addTo(CaptureBuilder& capture, json::array& expected) {
    if (sample_.at("sample") == "flow") sample_["extended"] = extended_;
    expected_["datagram"] = capture.size();
    expected_["size"] = out_.size();
    expected_["samples"] = json::array{sample_};
    expected.push_back(expected_);
    capture.add(kBegin + static_cast<Nanos>(capture.size()) * kSecond, out_.written());
  }

 private:
  void words(std::initializer_list<std::uint32_t> values) {
    for (const std::uint32_t value : values) out_.u32(value);
  }
  json::object block(std::string_view record) {
    const RecordValues made(*wire::recordSpec(wire::RecordSpace::counter, record));
    for (const wire::FieldValue& value : made.values()) writeField(out_, value);
    return made.json();
  }

  std::array<std::uint8_t, 1400> buffer_{};
  wire::XdrWriter out_;
  std::uint32_t version_;
  json::object expected_, sample_;
  json::array extended_;
};

}  // namespace

std::vector<MadeFile> makeLegacy() {
  CaptureBuilder capture;
  json::array expected;
  for (const std::uint32_t version : {2U, 4U}) {
    std::uint32_t sequence = 0;
    const auto next = [&] { return LegacyDatagram(version, ++sequence); };
    next().flow(4).header().noExtended().addTo(capture, expected);
    next().flow(0x80000005).ipv4().extended().addTo(capture, expected);  // sent to five interfaces
    next().flow(0).ipv6().noExtended().addTo(capture, expected);
    for (const std::uint32_t counters : {1U, 2U, 7U}) next().counters(counters).addTo(capture, expected);
  }
  return {{"legacy.pcap", capture.pcap()},
          {"legacy.pcapng", capture.pcapng()},
          {"legacy.pcap.expected.json", lines(expected)}};
}

}  // namespace weir::captures
