// What the shared captures do not show: live datagrams, what is no sFlow, faults, and values that need care in JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "reference_files.h"

namespace weir::print {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;
using Octets = std::vector<std::uint8_t>;

/// XDR put together by hand, independent of wire's writer.
class Build {
 public:
  Build& u32(std::uint32_t v) {
    for (const int shift : {24, 16, 8, 0}) octets_.push_back(static_cast<std::uint8_t>(v >> shift));
    return *this;
  }
  Build& raw(const Octets& octets) {
    octets_.insert(octets_.end(), octets.begin(), octets.end());
    return *this;
  }
  Build& text(std::string_view s) {
    u32(static_cast<std::uint32_t>(s.size()));
    octets_.insert(octets_.end(), s.begin(), s.end());
    while (octets_.size() % 4 != 0) octets_.push_back(0);
    return *this;
  }
  [[nodiscard]] const Octets& octets() const { return octets_; }

 private:
  Octets octets_;
};

Octets tlv(std::uint32_t enterprise, std::uint32_t format, const Octets& body) {
  return Build().u32(enterprise << 12 | format).u32(static_cast<std::uint32_t>(body.size())).raw(body).octets();
}
Octets datagram(const Octets& sample) {
  return Build().u32(5).u32(1).u32(0xC0000201).u32(7).u32(8).u32(9).u32(1).raw(sample).octets();
}
Octets flowSample(const Octets& record) {
  const Build fixed = Build().u32(1).u32(0x01000002).u32(400).u32(3).u32(0).u32(4).u32(5).u32(1).raw(record);
  return tlv(0, 1, fixed.octets());
}
Octets countersSample(const Octets& record) {
  return tlv(0, 2, Build().u32(1).u32(2).u32(1).raw(record).octets());
}
Octets headerRecord(std::uint32_t protocol, const Octets& header) {
  Octets padded = header;
  padded.resize((header.size() + 3) & ~std::size_t{3});
  const Build body = Build().u32(protocol).u32(1000).u32(4).u32(static_cast<std::uint32_t>(header.size())).raw(padded);
  return tlv(0, 1, body.octets());
}

json::object parse(const std::string& line) {
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  EXPECT_FALSE(error) << error.message() << "\n" << line;
  return error ? json::object{} : value.get_object();
}
json::object firstElement(const Octets& payload, bool fromCapture = false) {
  const json::object line = parse(test::printed(payload, fromCapture));
  return line.at("samples").at(0).at("elements").at(0).get_object();
}
std::string member(const json::object& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? "(none)" : std::string(found->value().get_string());
}

TEST(DatagramPrinter, appendsOneLine) {
  DatagramPrinter printer;
  std::string out = "x";
  const Octets payload = datagram({});
  printer.print({payload, 0, {}, 0, 0, false, {}}, out);
  EXPECT_THAT(out, testing::StartsWith("x{\"datagramSourceIP\""));
  EXPECT_THAT(out, Not(HasSubstr("\n")));
  parse(out.substr(1));
}

TEST(DatagramPrinter, saysWhenAndFromWhomALiveDatagramCame) {
  setenv("TZ", "UTC0", 1);
  tzset();
  const json::object line = parse(test::printed(datagram({})));
  EXPECT_EQ(member(line, "datagramSourceIP"), "192.0.2.1");
  EXPECT_EQ(member(line, "unixSecondsUTC"), "1700000000");
  EXPECT_EQ(member(line, "localtime"), "2023-11-14T22:13:20+0000");
  EXPECT_FALSE(line.contains("pcapTimestamp"));
  const json::object captured = parse(test::printed(datagram({}), true));
  EXPECT_EQ(member(captured, "pcapTimestamp"), "2023-11-14T22:13:20+0000");
  EXPECT_EQ(member(captured, "pcapTimestamp_uS"), "5");
  EXPECT_FALSE(captured.contains("localtime"));
}

TEST(DatagramPrinter, countsTimeBefore1970Downwards) {
  DatagramPrinter printer;
  std::string out;
  printer.print({{}, -kMicrosecond, {}, 0, 0, true, {}}, out);
  EXPECT_EQ(member(parse(out), "pcapTimestamp"), "1969-12-31T23:59:59+0000");
  EXPECT_EQ(member(parse(out), "pcapTimestamp_uS"), "999999");
}

TEST(DatagramPrinter, printsALineForWhatIsNoSflow) {
  for (const std::size_t size : {0, 1, 3, 4, 5, 100}) {
    const Octets payload(size, 0xEE);
    const json::object line = parse(test::printed(payload));
    EXPECT_EQ(member(line, "datagramSize"), std::to_string(size));
    EXPECT_EQ(member(line, "datagramVersion"), size < 4 ? "(none)" : "4008636142");
    EXPECT_EQ(member(line, "fault"), size < 4 ? "notSflow" : "unsupportedVersion");
  }
}

// The reference decodes the frame where the payload is all but empty; the true size stands beside it.
TEST(DatagramPrinter, keepsTheReferenceSizeOfTinyPayloads) {
  const Octets frame = {1, 2, 3, 4, 5, 6, 7};
  DatagramPrinter printer;
  std::string out;
  printer.print({Bytes(frame).last(4), 0, {}, 0, 0, true, frame}, out);
  EXPECT_EQ(member(parse(out), "datagramSize"), "8");
  EXPECT_EQ(member(parse(out), "datagramVersion"), "66051");
  EXPECT_EQ(member(parse(out), "udpPayloadSize"), "4");
}

TEST(DatagramPrinter, readsAnAgentWithoutAddress) {
  const json::object line = parse(test::printed(Build().u32(5).u32(0).u32(7).u32(8).u32(9).u32(0).octets()));
  EXPECT_FALSE(line.contains("agent"));
  EXPECT_EQ(member(line, "agentSubId"), "7");
  EXPECT_EQ(member(line, "sysUpTime"), "9");
}

TEST(DatagramPrinter, escapesWhateverATextHolds) {
  const std::string text("a\"\\\n\x00\xFF\xC3\xA4", 8);
  const json::object element = firstElement(datagram(countersSample(tlv(0, 1005, Build().text(text).octets()))));
  EXPECT_EQ(member(element, "ifName"), std::string("a\"\\\n\0\xEF\xBF\xBD\xC3\xA4", 10));
}

TEST(DatagramPrinter, printsNumbersThatAreNone) {
  Build record;
  for (const std::uint32_t bits : {0x7F800000U, 0xFF800000U, 0x7FC00000U, 0x7F7FFFFFU}) record.u32(bits);
  for (int i = 0; i < 13; ++i) record.u32(0);
  const json::object element = firstElement(datagram(countersSample(tlv(0, 2003, record.octets()))));
  EXPECT_EQ(member(element, "cpu_load_one"), "inf");
  EXPECT_EQ(member(element, "cpu_load_five"), "-inf");
  EXPECT_EQ(member(element, "cpu_load_fifteen"), "nan");
}

TEST(DatagramPrinter, namesTheFaultOfARecordAndPrintsWhatItHas) {
  const json::object element = firstElement(datagram(countersSample(tlv(0, 1, Build().u32(3).u32(6).octets()))));
  EXPECT_EQ(member(element, "ifIndex"), "3");
  EXPECT_EQ(member(element, "networkType"), "6");
  EXPECT_EQ(member(element, "fault"), "recordShort");
  EXPECT_FALSE(element.contains("ifSpeed"));
}

TEST(DatagramPrinter, printsARecordThatRunsOutOfItsSample) {
  const Octets cut = Build().u32(1001).u32(16).u32(10).u32(20).octets();
  const json::object element = firstElement(datagram(flowSample(cut)));
  EXPECT_EQ(member(element, "in_vlan"), "10");
  EXPECT_EQ(member(element, "in_priority"), "20");
  EXPECT_EQ(member(element, "fault"), "recordWindow");
}

TEST(DatagramPrinter, printsASampleThatRunsOutOfItsDatagram) {
  Octets payload = datagram(countersSample(tlv(0, 1002, Build().u32(1).u32(2).u32(3).octets())));
  payload.resize(payload.size() - 4);
  const json::object line = parse(test::printed(payload));
  EXPECT_EQ(member(line, "fault"), "sampleWindow");
  const json::object sample = line.at("samples").at(0).get_object();
  EXPECT_EQ(member(sample, "sampleSequenceNo"), "1");
  EXPECT_EQ(member(sample, "fault"), "sampleWindow");
  EXPECT_EQ(member(sample.at("elements").at(0).get_object(), "radio_on_channel_time"), "2");
}

TEST(DatagramPrinter, listsSeveralFaults) {
  const Octets shortSample = tlv(0, 1, {});
  Octets payload = Build().u32(5).u32(1).u32(1).u32(0).u32(0).u32(0).u32(3).raw(shortSample).octets();
  const json::object line = parse(test::printed(payload));
  EXPECT_EQ(json::serialize(line.at("fault")), R"(["sampleShort","samplesMissing"])");
}

TEST(DatagramPrinter, showsOctetsOfUnknownTags) {
  const Octets octets = {1, 0xAB, 3, 4};
  EXPECT_EQ(member(firstElement(datagram(flowSample(tlv(9, 9, octets)))), "data"), "01ab0304");
  const json::object line = parse(test::printed(datagram(tlv(9, 9, octets))));
  EXPECT_EQ(json::serialize(line.at("samples").at(0)), R"({"sampleType_tag":"9:9","data":"01ab0304"})");
}

TEST(DatagramPrinter, prefixesOnlyTheReferenceNamesOfDiscards) {
  const Octets skipped = tlv(0, 1017, Build().u32(0).u32(1).u32(2).u32(3).octets());
  const Build body = Build().u32(1).u32(0).u32(2).u32(0).u32(3).u32(4).u32(12).u32(1).raw(skipped);
  const json::object line = parse(test::printed(datagram(tlv(0, 5, body.octets()))));
  const json::object sample = line.at("samples").at(0).get_object();
  EXPECT_EQ(member(sample, "discardReason"), "dst_host_tos_unreacheable");
  EXPECT_EQ(json::serialize(sample.at("elements").at(0)),
            R"({"discarded_flowBlock_tag":"0:1017","flow_cookie":"1","flow_match":"2","flow_actions":"3"})");
}

TEST(DatagramPrinter, boundsRecordsInsideRecords) {
  Octets record = headerRecord(11, {});
  for (int depth = 0; depth < 6; ++depth) record = tlv(0, 1016, Build().u32(1).u32(1).raw(record).octets());
  json::value element = firstElement(datagram(flowSample(record)));
  unsigned lists = 0;
  for (; element.at("pdus").is_array(); ++lists) element = json::value(element.at("pdus").at(0).at(0));
  EXPECT_EQ(lists, 2U);
  EXPECT_TRUE(element.at("pdus").is_string()) << "deeper ones are octets";
}

TEST(DatagramPrinter, printsRealTimeSamples) {
  Build metric;
  metric.text("host1")
      .u32(4)
      .text("a")
      .u32(0)
      .text("x")
      .text("b")
      .u32(1)
      .u32(7)
      .text("c")
      .u32(6)
      .u32(0x3FF80000)
      .u32(0);
  metric.text("d").u32(99);
  const json::object sample =
      parse(test::printed(datagram(tlv(4300, 1002, metric.octets())))).at("samples").at(0).get_object();
  EXPECT_EQ(member(sample, "sampleType"), "RTMETRIC");
  EXPECT_EQ(member(sample, "datasource_name"), "host1");
  EXPECT_EQ(json::serialize(sample.at("metrics")),
            R"([{"name":"a","type":"0","value":"x"},{"name":"b","type":"1","value":"7"},)"
            R"({"name":"c","type":"6","value":"1.5"}])");
}

TEST(DatagramPrinter, printsNoFlagsThatWereNotSampled) {
  Octets ip = {0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 1, 0};
  const Octets payload = datagram(flowSample(headerRecord(11, ip)));
  const json::object live = firstElement(payload);
  EXPECT_EQ(member(live, "TCPSrcPort"), "80");
  EXPECT_FALSE(live.contains("TCPFlags"));
  const json::object captured = firstElement(payload, true);
  EXPECT_EQ(member(captured, "TCPFlags"), "0") << "as the reference, which reads behind the header";
  EXPECT_EQ(member(captured, "TCPFlagsSampled"), "0");
}

// The reference's buffer still holds the datagram before.
TEST(DatagramPrinter, readsFlagsThatWereNotSampledFromTheDatagramBefore) {
  const Octets ip = {0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 80, 1, 0};
  Octets whole = ip;
  whole.resize(40);
  whole[33] = 0x12;
  DatagramPrinter printer;
  std::string out;
  const Octets first = datagram(flowSample(headerRecord(11, whole)));
  const Octets second = datagram(flowSample(headerRecord(11, ip)));
  printer.print({first, 0, {}, 0, 0, true, {}}, out);
  out.clear();
  printer.print({second, 0, {}, 0, 0, true, {}}, out);
  const json::object line = parse(out);
  EXPECT_EQ(member(line.at("samples").at(0).at("elements").at(0).get_object(), "TCPFlags"), "18");
}

TEST(DatagramPrinter, printsTheTagsOfAVlanTunnelAsOneText) {
  const Octets stack = Build().u32(3).u32(0x88A8B00A).u32(0x81000FFF).u32(0x91006064).octets();
  EXPECT_EQ(member(firstElement(datagram(flowSample(tlv(0, 1012, stack)))), "vlan_tunnel"),
            "0x88a85.1.10-0x81000.0.4095-0x91003.0.100");
  const json::object empty = firstElement(datagram(flowSample(tlv(0, 1012, Build().u32(0).octets()))));
  EXPECT_FALSE(empty.contains("vlan_tunnel"));
}

TEST(DatagramPrinter, printsAPayloadLengthOfZeroAsJumbo) {
  Octets ip(40, 0);
  ip[0] = 0x60;
  ip[6] = 59;
  EXPECT_EQ(member(firstElement(datagram(flowSample(headerRecord(12, ip)))), "IPV6_payloadLen"), "<jumbo>");
  ip[5] = 7;
  EXPECT_EQ(member(firstElement(datagram(flowSample(headerRecord(12, ip)))), "IPV6_payloadLen"), "7");
}

TEST(DatagramPrinter, printsTheSizeOfIpHeadersThatAreCut) {
  const auto element = [](std::uint32_t protocol, Octets header) {
    return firstElement(datagram(flowSample(headerRecord(protocol, header))));
  };
  // 1,000 octets on the wire, 4 of which were stripped.
  for (const std::size_t size : {0, 4, 39}) {
    const json::object cut = element(12, Octets(size, 0x60));
    EXPECT_EQ(member(cut, "IPSize"), "996") << size;
    EXPECT_FALSE(cut.contains("srcIP6"));
  }
  EXPECT_EQ(member(element(11, Octets(19, 0x45)), "IPSize"), "996");
  EXPECT_EQ(member(element(11, Octets(20, 0x75)), "srcIP"), "117.117.117.117") << "the header protocol is believed";

  Octets frame(14, 2);
  frame[12] = 0x86;
  frame[13] = 0xDD;
  frame.resize(24, 0x60);
  EXPECT_EQ(member(element(1, frame), "IPSize"), "982");
  frame[14] = 0x40;
  EXPECT_EQ(member(element(1, frame), "ethernet_type"), "34525");
  EXPECT_EQ(member(element(1, frame), "IPSize"), "(none)") << "no IPv6 behind the EtherType";
}

TEST(DatagramPrinter, readsIpOverIeee8022) {
  Octets frame(12, 2);
  for (const int octet : {0, 40, 6, 6, 3}) frame.push_back(static_cast<std::uint8_t>(octet));
  frame.resize(frame.size() + 20, 0x45);
  EXPECT_EQ(member(firstElement(datagram(flowSample(headerRecord(1, frame)))), "srcIP"), "69.69.69.69");
}

TEST(DatagramPrinter, readsEveryHeaderNoFurtherThanItGoes) {
  Octets frame = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x81, 0, 0x60, 5, 0x08, 0, 0x46, 0, 0, 60, 0, 1, 0, 0, 64, 17};
  frame.resize(18 + 24 + 8, 0x11);
  for (std::size_t size = 0; size <= frame.size(); ++size) {
    Octets cut = frame;
    cut.resize(size);
    const json::object element = firstElement(datagram(flowSample(headerRecord(1, cut))));
    EXPECT_EQ(element.contains("srcMAC"), size >= 14) << size;
    EXPECT_EQ(element.contains("decodedVLAN"), size >= 18) << size;
    EXPECT_EQ(element.contains("ethernet_type"), size >= 20) << size;
    EXPECT_EQ(element.contains("srcIP"), size >= 38) << size;
    EXPECT_EQ(element.contains("UDPDstPort"), size >= 46) << size;
    EXPECT_EQ(element.contains("UDPBytes"), size >= 48) << size;
  }
}

}  // namespace
}  // namespace weir::print
