#include <boost/json/object.hpp>

#include "make_captures/made.h"
#include "make_captures/record_values.h"
#include "unit/flow/test_sample.h"
#include "wire/writer.h"

namespace weir::captures {

namespace {

namespace json = boost::json;

std::string hex(unsigned long long value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llx", digits, value);
  return text;
}

// Headers in hexadecimal digits. `payload` is what follows, which the lengths count.
std::string eth(unsigned type, const std::string& payload) {
  return "0200000000aa0200000000bb" + hex(type, 4) + payload;
}
std::string ip4(unsigned protocol, const std::string& payload, const std::string& addresses = "0a0000010a000002",
                unsigned place = 0, unsigned tos = 0) {
  return "45" + hex(tos, 2) + hex(20 + payload.size() / 2, 4) + "0001" + hex(place, 4) + "40" + hex(protocol, 2) +
         "0000" + addresses + payload;
}
std::string ip6(unsigned next, const std::string& payload) {
  return "60000000" + hex(payload.size() / 2, 4) + hex(next, 2) + "40" + "20010db8000000000000000000000001" +
         "20010db8000000000000000000000002" + payload;
}
std::string udp(unsigned port, const std::string& payload) {
  return "c350" + hex(port, 4) + hex(8 + payload.size() / 2, 4) + "0000" + payload;
}
std::string tcp(unsigned flags = 0x10) {
  return "d4310050"
         "00000001"
         "00000000"
         "50" +
         hex(flags, 2) +
         "ffff"
         "00000000";
}
const std::string kInner = eth(0x0800, ip4(6, tcp(), "c0a80001c0a80002"));  // a frame inside a tunnel

struct Case {
  unsigned protocol;  ///< header_protocol: 1 Ethernet, 7 PPP, 11 IPv4, 12 IPv6, 13 MPLS
  std::string frame;
  const char* keys;
  const char* texts;  ///< what the keys are, joined by `,`
};

std::vector<Case> cases() {
  const char* const pair = "stack,ipsource,ipdestination,ipprotocol";
  const char* const inner = "stack,ipsource,ipsource.1,ipdestination.1,tcpdestinationport";
  return {
      {1, eth(0x0800, ip4(6, tcp(2))),
       "stack,macsource,macdestination,ipsource,tcpsourceport,tcpdestinationport,tcpflags",
       "eth.ip.tcp,0200000000BB,0200000000AA,10.0.0.1,54321,80,000000010"},
      {1, eth(0x8100, "20640800" + ip4(17, udp(53, ""))), "stack,vlan,priority,udpdestinationport",
       "eth.ip.udp,100,1,53"},
      {1, eth(0x88A8, "0064810000c80800" + ip4(6, tcp())), "stack,vlan,vlan.1", "eth.ip.tcp,100,200"},
      {1, eth(0x86DD, ip6(58, "80000000")), "stack,ip6source,ip6nexthdr,icmp6type", "eth.ip6.icmp6,2001:DB8::1,58,128"},
      {1,
       eth(0x86DD, ip6(44,
                       "3a000001"
                       "00000007"
                       "80000000")),
       "ip6nexthdr,ip6fragoffset", "58,0"},
      {1,
       eth(0x0806,
           "0001080006040001"
           "0200000000bb0a000001"
           "0000000000000a000002"),
       "stack,arpoperation,arpipsender,arpiptarget", "eth.arp,1,10.0.0.1,10.0.0.2"},
      {1,
       eth(0x0800, ip4(1,
                       "0303"
                       "0000"
                       "00000000" +
                           ip4(17, udp(9, "")))),
       "stack,icmptype,icmpcode", "eth.ip.icmp,3,3"},
      {1, eth(0x0800, ip4(17, "00", "0a0000010a000002", 0x2005)), "stack,ipflags,ipfragoffset", "eth.ip,001,5"},
      {1, eth(0x0800, ip4(6, tcp(), "0a0000010a000002", 0, 0xB8)), "iptos,ipdscp,ipdscpname", "10111000,46,ef(46)"},
      {1,
       eth(0x8847,
           "000640ff"
           "000c81ff" +
               ip4(6, tcp())),
       "stack,ipsource,tcpsourceport", "eth.mpls.ip.tcp,10.0.0.1,54321"},
      {1,
       eth(0x0800, ip4(17, udp(4789,
                               "08000000"
                               "00002a00" +
                                   kInner))),
       "stack,vxlanvni,ipsource,ipsource.1,ipdestination.1",
       "eth.ip.udp.vxlan.eth.ip.tcp,42,10.0.0.1,192.168.0.1,192.168.0.2"},
      {1,
       eth(0x0800, ip4(17, udp(6081,
                               "00006558"
                               "00002b00" +
                                   kInner))),
       "stack,genevevni,ipsource.1", "eth.ip.udp.geneve.eth.ip.tcp,43,192.168.0.1"},
      {1, eth(0x0800, ip4(47, "00000800" + ip4(6, tcp(), "c0a80001c0a80002"))), inner,
       "eth.ip.gre.ip.tcp,10.0.0.1,192.168.0.1,192.168.0.2,80"},
      {1,
       eth(0x0800, ip4(17, udp(2152,
                               "30ff0028"
                               "0000002c" +
                                   ip4(6, tcp(), "c0a80001c0a80002")))),
       inner, "eth.ip.udp.gtp.ip.tcp,10.0.0.1,192.168.0.1,192.168.0.2,80"},
      {1,
       eth(0x0800, ip4(17, udp(4791,
                               "81000000"
                               "000000d2"
                               "00000007"))),
       "stack,ibbtopcode", "eth.ip.udp.ibbt,129"},
      {1,
       eth(0x0800, ip4(17, udp(53,
                               "1267"
                               "0100"
                               "0001"
                               "0000"
                               "0000"
                               "0000"
                               "03777777"
                               "076578616d706c65"
                               "03636f6d"
                               "00"
                               "0001"
                               "0001"))),
       "stack,dnsqname,dnsqr,dnsqtypename", "eth.ip.udp.dns,www.example.com.,false,A"},
      {7, "ff030021" + ip4(6, tcp()), pair, "ppp.ip.tcp,10.0.0.1,10.0.0.2,6"},
      {11, ip4(6, tcp()), pair, "ip.tcp,10.0.0.1,10.0.0.2,6"},
      {12, ip6(6, tcp()), "stack,ip6source,tcpdestinationport", "ip6.tcp,2001:DB8::1,80"},
      {13, "000c81ff" + ip4(6, tcp()), pair, "mpls.ip.tcp,10.0.0.1,10.0.0.2,6"},
      // Cut: layers up to there, and no keys of what is not whole.
      {1, eth(0x0800, ip4(6, tcp())).substr(0, 2 * 36), "stack,ipsource,null:tcpsourceport:none",
       "eth.ip,10.0.0.1,none"},
  };
}

}  // namespace

std::vector<MadeFile> makeHeaders() {
  CaptureBuilder capture;
  json::array keys, expected;
  wire::DatagramWriter writer;
  std::uint32_t sequence = 0;
  for (const Case& c : cases()) {
    const auto frame = flow::test::unhex(c.frame);
    wire::DatagramHeader header;
    header.agent = IpAddress::parse("198.51.100.9").value();
    header.sequence = ++sequence;
    header.uptimeMs = 1000 * sequence;
    writer.begin(header);
    wire::Sample sample;
    sample.kind = wire::SampleKind::flow;
    sample.expanded = true;
    sample.sequence = sequence;
    sample.source = {0, 1};
    sample.samplingRate = 100;
    sample.input = {0, 1};
    sample.output = {0, 2};
    writer.beginSample(sample);
    writer.add(wire::SampledHeader{c.protocol, static_cast<std::uint32_t>(frame.size() + 4), 4, frame});
    (void)writer.endSample();
    const Bytes datagram = writer.finish();
    keys.push_back(json::object{{"keys", c.keys}, {"texts", c.texts}});
    const json::object record{{"tag", "0:1"},           {"name", "sampled_header"},
                              {"protocol", c.protocol}, {"frame_length", frame.size() + 4},
                              {"stripped", 4},          {"header", hexText(frame)}};
    const json::object flow{{"sample", "0:3"},
                            {"seq", sequence},
                            {"source", json::array{0, 1}},
                            {"rate", 100},
                            {"pool", 0},
                            {"drops", 0},
                            {"input", json::array{0, 1}},
                            {"output", json::array{0, 2}},
                            {"records", json::array{record}}};
    expected.push_back(json::object{{"datagram", capture.size()},
                                    {"size", datagram.size()},
                                    {"version", 5},
                                    {"agent", "198.51.100.9"},
                                    {"sub_agent", 0},
                                    {"seq", sequence},
                                    {"uptime", header.uptimeMs},
                                    {"samples", json::array{flow}}});
    capture.add(kBegin + static_cast<Nanos>(sequence) * 10 * kMillisecond, datagram);
  }
  return {{"headers.pcap", capture.pcap()},
          {"headers.pcap.expected.json", lines(expected)},
          {"headers.keys.json", lines(keys)}};
}

}  // namespace weir::captures
