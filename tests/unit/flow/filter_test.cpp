#include "flow/filter.h"

#include <gtest/gtest.h>

#include "test_sample.h"

namespace weir::flow {
namespace {

using decode::Layer;
using test::TestSample;

// 10.0.0.1:52100 → 10.0.0.2:443, SYN+ACK, VLAN 100, in by port 3, sent to several ports.
void tcpPacket(TestSample& s) {
  s.sample.output = {2, 0};
  s.layer(Layer::eth, "00259058DFCC 000000CC0A0B 0800", 0x0800).layer(Layer::vlan, "0064 0800", 0x8100);
  s.layer(Layer::ip, "4500 05DC 1267 4000 40 06 0000 0A000001 0A000002", 6);
  s.layer(Layer::tcp, "CB84 01BB 12345678 00000009 5012 FAF0 0000 0000", 443);
}

// FE80::A00:27FF:FEB8:326D → FF02::1, UDP 5353, and inside VXLAN 7 an IPv4 packet.
void udp6Packet(TestSample& s) {
  s.sample.input = {0, 0};
  s.layer(Layer::eth, "333300000001 000000CC0A0B 86DD", 0x86DD);
  s.layer(Layer::ip6, "6000 0000 003C 11 40 FE800000000000000A0027FFFEB8326D FF020000000000000000000000000001", 17);
  s.layer(Layer::udp, "14E9 12B5 0030 0000", 4789).layer(Layer::vxlan, "0800 0000 000007 00", 7);
  s.layer(Layer::eth, "FFFFFFFFFFFF 000000CC0C0D 0800", 0x0800);
  s.layer(Layer::ip, "4500 0100 1267 0000 40 11 0000 0A00C901 0A00C902", 17);
}

struct Decision {
  const char* filter;
  bool tcp;
  bool udp6;
};

TEST(Filter, Decides) {
  const Decision table[] = {
      {"", true, true},
      {"  ", true, true},
      {"ipprotocol=6", true, false},
      {"ipprotocol=6,17", true, true},
      {"ipprotocol!=17", true, false},
      {"ipprotocol!=6", false, true},
      {"ipprotocol=06", false, false},
      {"ipprotocol=abc", false, false},
      {"ipprotocol!=abc", true, true},
      {"ipprotocol=6,abc", true, false},
      {"'ipprotocol'='6'", true, false},
      {" ipprotocol = 6 , 17 & vlan = 100 ", true, false},
      {"ipprotocol=6&vlan=100", true, false},
      {"ipprotocol=6&vlan=101", false, false},
      {"ipprotocol=6|ip6nexthdr=17", true, true},
      {"vlan=1|ipprotocol=6&tcpdestinationport=443", true, false},
      {"(vlan=1|ipprotocol=6)&tcpdestinationport=443", true, false},
      {"(vlan=1|ipprotocol=6)&tcpdestinationport=444", false, false},
      {"ipprotocol=17&vlan=1|ip6nexthdr=17", false, true},
      {"((ipprotocol=6))", true, false},
      {"vlan=null", false, true},
      {"vlan!=null", true, false},
      {"vlan=null,100", true, true},
      {"vlan!=null,100", false, false},
      {"vlan=100", true, false},
      {"vlan!=100", false, true},
      {"vlan!=99", true, true},
      {"vlan~1..", true, false},
      {"vlan!~1..", false, true},
      {"vlan!~2..", true, true},
      {"nosuchkey=1", false, false},
      {"nosuchkey!=1", true, true},
      {"nosuchkey=null", true, true},
      {"nosuchkey!=null", false, false},
      {"rtflow-1.field_x=null", true, true},
      {"tcpflags=000010010", true, false},
      {"tcpflags=10010", false, false},
      {"tcpflags~....1..1.", true, false},
      {"tcpflags~.......1.", true, false},
      {"tcpflags~......1..", false, false},
      {"tcpflags~1", false, false},
      {"macsource=000000CC0A0B", true, true},
      {"macsource=000000cc0a0b", true, true},
      {"macsource=00:00:00:cc:0a:0b", true, true},
      {"macsource=000000CC0A0C", false, false},
      {"macdestination=FFFFFFFFFFFF", false, false},
      {"macdestination.1=FFFFFFFFFFFF", false, true},
      {"isbroadcast.1=true", false, true},
      {"isbroadcast.1=yes", false, true},
      {"isbroadcast.1=no", false, false},
      {"isunicast=true", true, false},
      {"ip6source=FE80::A00:27FF:FEB8:326D", false, true},
      {"ip6source=fe80:0:0:0:a00:27ff:feb8:326d", false, true},
      {"ip6source=FE80::1", false, false},
      {"ip6source=10.0.0.1", false, false},
      {"ip6fragm=no", false, true},
      {"ip6fragm=yes", false, false},
      {"ipsource=10.0.0.1", true, false},
      {"ipsource=10.0.0.1,10.0.201.1", true, true},
      {"ipsource.0=10.0.0.1", true, false},
      {"ipsource.1=null", true, true},
      {"ipsource.99999=null", true, true},
      {"ipflags=010", true, false},
      {"ipflags=10", false, false},
      {"inputifindex=3", true, false},
      {"inputifindex=0", false, true},
      {"inputifindex=unknown", false, true},
      {"inputifindex!=unknown", true, false},
      {"outputifindex=multiple", true, false},
      {"outputifindex=discard", false, false},
      {"outputifindex=5", false, true},
      {"direction=ingress", true, false},
      {"direction=null", false, true},
      {"direction~(in|e)gress", true, false},
      {"direction~(in&|ingress)", true, false},
      {"direction~([)&|]|ingress)", true, false},
      {"vlan~[0-9]{1,3}&ipprotocol=6", true, false},
      {"vlan~\\d+", true, false},
      {"vlan~1,100", true, false},
      {"vlan~'1|100'", true, false},
      {"stack=eth.ip.tcp", true, false},
      {"stack~eth\\.ip\\..*", true, false},
      {"prefix:stack:.:1=eth", true, true},
      {"prefix:stack:.:2=eth.ip", true, false},
      {"suffix:stack:.:1=tcp,ip", true, true},
      {"first:stack:.:ip:ip6=ip", true, false},
      {"first:stack:.:ip:ip6=ip6", false, true},
      {"first:stack:.:ip:ipv6=ip", true, true},
      {"range:bytes:64:2000=true", true, true},
      {"range:ipfragoffset:1=true", false, false},
      {"range:vlan:1=true", true, false},
      {"range:vlan:1!=true", false, true},
      {"range:vlan:1=null", false, true},
      {"mask:ipsource:8=10.0.0.0/8", true, true},
      {"mask:ipsource:8=10.0.0.0", false, false},
      {"mask:ip6source:16=fe80::/16", false, true},
      {"oui:macsource=000000", true, true},
      {"oui:macsource:number=0000CC", false, false},
      {"bits:vlan:4=4", true, false},
      {"bits:vlan:3=0", true, false},
      {"concat:\\::ipsource:ipdestination=10.0.0.1\\:10.0.0.2", true, false},
      {"concat:\\::ipsource:ipdestination=10.0.0.1:10.0.0.2", true, false},
      {"'concat:\\::ipsource:vlan'='10.0.0.1:100'", true, false},
      {"\"concat:\\::ipsource:vlan\"=\"10.0.0.1:100\"", true, false},
      {"ipsource=\"10.0.0.9\",\"10.0.0.1\"", true, false},
      {"eq:ipsource:ipdestination=false", true, true},
      {"eq:ipsource:ipsource=true", true, true},
      {"eq:vlan:vlan=null", false, true},
      {"if:ipprotocol:6:tcpdestinationport:udpdestinationport=443", true, false},
      {"if:ipprotocol:6:tcpdestinationport:udpdestinationport=4789", false, true},
      {"if:vlan:null:stack:vlan=100", true, false},
      {"null:vlan:0=0,100", true, true},
      {"null:vlan=null", false, true},
      {"null:vlan:=''", false, true},
      {"null:[if:[first:stack:.:ip:ip6]:ip:[or:nosuch:vlan]:[prefix:ip6source:\\::1]]:-=FE80", false, true},
      {"or:vlan:vxlanvni=7", false, true},
      {"ipdscpname=be(0)&ipecn=00", true, true},
      {"(ipdscpname=be(0))", true, true},
      {"agent=192.168.0.11", true, true},
      {"datasource=3", true, true},
      {"[ipprotocol]=6", true, false},
  };
  for (const Decision& d : table) {
    TestSample tcp;
    tcpPacket(tcp);
    TestSample udp6;
    udp6Packet(udp6);
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf("", "frames", d.filter));
    ASSERT_TRUE(compiled) << d.filter << ": " << compiled.error().text();
    EXPECT_EQ(test::run(**compiled, tcp.fields()).counted, d.tcp) << d.filter << '\n' << (*compiled)->programText();
    EXPECT_EQ(test::run(**compiled, udp6.fields()).counted, d.udp6) << d.filter << '\n' << (*compiled)->programText();
  }
}

struct FilterRefusal {
  const char* filter;
  std::size_t position;
  const char* says;
};

TEST(Filter, RefusesWithPosition) {
  const FilterRefusal table[] = {
      {"ipprotocol", 10, "expected =, !=, ~ or !~"},
      {"ipprotocol=", 11, "expected a value"},
      {"ipprotocol~", 11, "expected a regular expression"},
      {"=6", 0, "expected a flow key"},
      {"&ipprotocol=6", 0, "expected a flow key"},
      {"ipprotocol=6&", 13, "expected a flow key"},
      {"ipprotocol=6|", 13, "expected a flow key"},
      {"ipprotocol=6&&vlan=1", 13, "expected a flow key"},
      {"ipprotocol=6,,17", 13, "expected a value"},
      {"ipprotocol=6,", 13, "expected a value"},
      {"ipprotocol=,6", 11, "expected a value"},
      {"ipprotocol==6", 11, "expected a value"},
      {"ipprotocol=(6|17)", 11, "expected a value"},
      {"(ipprotocol=6", 0, "unbalanced parenthesis"},
      {"ipprotocol=6)", 12, "unbalanced parenthesis"},
      {"((ipprotocol=6)", 0, "unbalanced parenthesis"},
      {"()", 1, "expected a flow key"},
      {"(ipprotocol=6)vlan=1", 14, "expected & or |"},
      {"'ipprotocol=6", 0, "closing '"},
      {"ipprotocol=\"6'", 11, "closing \""},
      {"'ipprotocol'='6", 13, "closing '"},
      {"'ipprotocol'='6'x", 16, "expected & or |"},
      {"ip protocol=6", 0, "expected the name of a flow key"},
      {"ipprotocol!6", 12, "expected =, !=, ~ or !~"},
      {"ipprotocol&vlan=1", 10, "expected =, !=, ~ or !~"},
      {"[ipprotocol=6", 0, "unbalanced bracket"},
      {"ipprotocol]=6", 10, "unbalanced bracket"},
      {"or:[ipsource=6", 3, "unbalanced bracket"},
      {"or:[ipsource]x:vlan=6", 13, "expected : or the end"},
      {"vlan~(1", 5, "unbalanced parenthesis"},
      {"vlan~[1", 5, "unbalanced bracket"},
      {"vlan~1**+", 7, "regular expression"},
      {"vlan~1,*", 7, "regular expression"},
      {"vlan~(?<x", 5, "unbalanced parenthesis"},
      {"iface:inputifindex=1", 0, "no key function 'iface'"},
      {"ipsource:=1", 0, "no key function 'ipsource'"},
      {"vlan=1&group:ipsource=external", 21, "an argument is missing"},
      {"vlan=1&group:ipsource:=external", 22, "expected the name of a group"},
      {"group:ipsource:g::h=external", 17, "expected the name of a group"},
      {"map:vlan:=x", 9, "expected the name of a map"},
      {"map:vlan:a:b=x", 11, "too many arguments"},
      {"country:ipsource:continent=EU", 17, "expected code, name or both"},
      {"asn:ipsource:name=x", 13, "expected number, descr or both"},
      {"host:macsource:=x", 15, "expected the name of a metric"},
      {"dns:ipsource:x=y", 13, "too many arguments"},
      {"uri:httpurl:folder=x", 12, "expected normalized, scheme"},
      {"link:inputifindex:x!=null", 18, "too many arguments"},
      {"range:bytes=true", 11, "an argument is missing"},
      {"range:bytes:x=true", 12, "not a number"},
      {"range:bytes:1:2:3=true", 16, "too many arguments"},
      {"range:bytes:1:=true", 14, "not a number"},
      {"mask:ipsource:129=1", 14, "from 0 to 128"},
      {"mask:ipsource:x=1", 14, "not a number"},
      {"mask:ipsource:-1=1", 14, "from 0 to 128"},
      {"prefix:stack::1=eth", 13, "the delimiter is missing"},
      {"prefix:stack:.=eth", 14, "an argument is missing"},
      {"prefix:stack:.:x=eth", 15, "not a number"},
      {"or:ipsource=1", 11, "an argument is missing"},
      {"or::ipsource=1", 3, "expected a flow key"},
      {"or:ipsource:=1", 12, "expected a flow key"},
      {"first:stack:.=ip", 13, "an argument is missing"},
      {"oui:macsource:other=x", 14, "expected number or name"},
      {"bits:vlan:1.5=1", 10, "expected a whole number"},
      {"vlan=1&or:[mask:ipsource:200]:vlan=1", 25, "from 0 to 128"},
      // é is one character and two octets
      {"httphost=é&vlan", 15, "expected =, !=, ~ or !~"},
  };
  for (const FilterRefusal& r : table) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf("", "frames", r.filter));
    ASSERT_FALSE(compiled) << r.filter;
    EXPECT_EQ(compiled.error().attribute, "filter") << r.filter;
    ASSERT_TRUE(compiled.error().position) << r.filter;
    EXPECT_EQ(*compiled.error().position, r.position) << r.filter << ": " << compiled.error().message;
    EXPECT_NE(compiled.error().message.find(r.says), std::string::npos) << r.filter << ": " << compiled.error().message;
  }
}

TEST(Filter, NestingIsBounded) {
  const auto nested = [](std::size_t n) { return std::string(n, '(') + "vlan=1" + std::string(n, ')'); };
  EXPECT_TRUE(CompiledDefinition::compile("t", test::definitionOf("", "frames", nested(32))));
  EXPECT_FALSE(CompiledDefinition::compile("t", test::definitionOf("", "frames", nested(33))));
  EXPECT_FALSE(CompiledDefinition::compile("t", test::definitionOf("", "frames", nested(1'000'000))));
  const auto bracketed = [](std::size_t n) { return std::string(n, '[') + "vlan" + std::string(n, ']') + "=1"; };
  EXPECT_TRUE(CompiledDefinition::compile("t", test::definitionOf("", "frames", bracketed(32))));
  EXPECT_FALSE(CompiledDefinition::compile("t", test::definitionOf("", "frames", bracketed(100'000))));
}

TEST(Filter, LengthIsBounded) {
  std::string addresses = "ipsource=10.0.0.1";
  for (int i = 0; i < 10'000; ++i) addresses += ",10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256);
  const auto many = CompiledDefinition::compile("t", test::definitionOf("", "frames", addresses));
  ASSERT_TRUE(many) << many.error().text();
  TestSample s;
  tcpPacket(s);
  EXPECT_TRUE(test::run(**many, s.fields()).counted);
  const auto tooLong =
      CompiledDefinition::compile("t", test::definitionOf("", "frames", addresses + std::string(300'000, ' ')));
  ASSERT_FALSE(tooLong);
  EXPECT_EQ(tooLong.error().position, 262'144U);
}

// A pattern that backtracks for ever is false, soon.
TEST(Filter, WildPatternsEnd) {
  TestSample s;
  tcpPacket(s);
  EXPECT_EQ(test::filterHolds("concat::agent:stack:ipsource:macsource~((([0-9.]+)*)*)*x", s.fields()), false);
  EXPECT_FALSE(test::filterHolds("agent~" + std::string(5000, 'a'), s.fields()));
}

TEST(Filter, AsksWhatIsCheapFirst) {
  const auto compiled = CompiledDefinition::compile(
      "t", test::definitionOf("", "frames", "agent~10[.].*&ipsource=10.0.0.1&ipprotocol=6,17&vlan!=null"));
  ASSERT_TRUE(compiled);
  EXPECT_EQ((*compiled)->programText(),
            "filter 0: absent vlan = null ? reject : 1\n"
            "filter 1: octets ipsource = 10.0.0.1 ? 2 : reject\n"
            "filter 2: number ipprotocol = 6,17 ? 3 : reject\n"
            "filter 3: general agent ~ 10[.].* ? accept : reject\n"
            "value: frames frames\n");
}

}  // namespace
}  // namespace weir::flow
