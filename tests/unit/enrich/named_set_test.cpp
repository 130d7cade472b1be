#include "enrich/named_set.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "flow/definition.h"
#include "json/lenient.h"
#include "support/lookup_bench.h"

namespace weir::enrich {
namespace {

using flow::LookupKind;
using test::LookupBench;

NamedSet set(Expected<NamedSet> (*read)(const boost::json::value&), std::string_view body) {
  auto made = read(json::parseLenient(body).value());
  EXPECT_TRUE(made) << (made ? "" : made.error().text());
  return made ? std::move(*made) : NamedSet{};
}

class NamedSets : public testing::Test {
 protected:
  void group(const char* name, std::string_view body) {
    bench.set({LookupKind::group, name}, set(readGroup, body).table);
  }
  void map(const char* name, std::string_view body) { bench.set({LookupKind::map, name}, set(readMap, body).table); }
  LookupBench bench;
};

TEST_F(NamedSets, ClassOfTheLongestPrefix) {
  group("g", "{external:['0.0.0.0/0','::/0'],private:['10.0.0.0/8','FC00::/7'],'a b, c':['10.1.2.3']}");
  EXPECT_EQ(bench.key("group:ipsource:g"), "private");
  EXPECT_EQ(bench.key("group:ipdestination:g"), "external");
  bench.from("10.1.2.3");
  EXPECT_EQ(bench.key("group:ipsource:g"), "a b, c");
  bench.from("fd00::1");
  EXPECT_EQ(bench.key("group:ip6source:g"), "private");
  EXPECT_EQ(bench.key("group:ipsource:g"), std::nullopt);
  EXPECT_EQ(bench.key("group:[or:ipsource:ip6source]:g,group:ip6destination:g"), "private,external");
}

TEST_F(NamedSets, TheFirstGroupThatHasAClass) {
  group("one", "{a:['192.168.0.0/16']}");
  group("two", "{b:['10.0.0.0/8','192.168.0.0/24']}");
  EXPECT_EQ(bench.key("group:ipsource:one"), std::nullopt);
  EXPECT_EQ(bench.key("group:ipsource:one:two"), "b");
  EXPECT_EQ(bench.key("group:ipsource:missing:two"), "b");
  bench.from("192.168.0.1");
  EXPECT_EQ(bench.key("group:ipsource:one:two"), "a");
  EXPECT_EQ(bench.key("group:ipsource:two:one"), "b");
}

TEST_F(NamedSets, WhatIsNoAddressHasNoClass) {
  group("g", "{all:['0.0.0.0/0','::/0']}");
  EXPECT_EQ(bench.key("group:tcpdestinationport:g"), std::nullopt);
  EXPECT_EQ(bench.key("null:[group:macsource:g]:none"), "none");
  EXPECT_EQ(bench.key("group:[or:vlan:macsource:ipsource]:g"), std::nullopt) << "a MAC address comes first";
  EXPECT_EQ(bench.key("group:[or:vlan:ipsource:macsource]:g"), "all");
  EXPECT_EQ(bench.key("group:nosuchkey:g,map:nosuchkey:m"), std::nullopt);
}

TEST_F(NamedSets, WhatIsNotThereHasNoValue) {
  EXPECT_EQ(bench.key("group:ipsource:g"), std::nullopt);
  EXPECT_EQ(bench.key("null:[group:ipsource:g]:none,null:[map:macsource:m]:unknown"), "none,unknown");
  EXPECT_EQ(bench.accepts("group:ipsource:g=external"), false);
  EXPECT_EQ(bench.accepts("group:ipsource:g!=external,private"), true);
  EXPECT_EQ(bench.accepts("group:ipsource:g=null"), true);
  group("g", "{private:['10.0.0.0/8']}");
  EXPECT_EQ(bench.accepts("group:ipsource:g=external"), false);
  EXPECT_EQ(bench.accepts("group:ipsource:g=external,private"), true);
  EXPECT_EQ(bench.accepts("group:ipsource:g!=external,private"), false);
  EXPECT_EQ(bench.accepts("group:ipsource:g~pri.*"), true);
  EXPECT_EQ(bench.accepts("group:ipsource:g=null"), false);
}

TEST_F(NamedSets, LongClassesAreShownShortenedAndToldApart) {
  const std::string name(100, 'x');
  group("g", "{'" + name + "1':['10.0.0.1'],'" + name + "2':['10.0.0.2']}");
  const auto one = bench.keyBytes("group:ipsource:g");
  bench.from("10.0.0.2");
  EXPECT_NE(bench.keyBytes("group:ipsource:g"), one);
  EXPECT_EQ(bench.key("group:ipsource:g"), name.substr(0, 55));
  EXPECT_EQ(bench.accepts("group:ipsource:g=" + name + "2"), true);
}

TEST_F(NamedSets, WrongGroups) {
  const auto error = [](std::string_view body) {
    const auto read = readGroup(json::parseLenient(body).value());
    return read ? "" : read.error().text();
  };
  EXPECT_EQ(error("{a:['10.0.0.0/33']}"),
            "a: expected addresses and CIDRs such as 10.0.0.0/8 or FC00::/7, not \"10.0.0.0/33\"");
  EXPECT_NE(error("{a:[{}]}"), "");
  EXPECT_NE(error("[]"), "");
  EXPECT_NE(error("{'" + std::string(1025, 'x') + "':[]}"), "");
  EXPECT_EQ(error("{a:[]}"), "");
  EXPECT_EQ(error("{}"), "");
  EXPECT_EQ(set(readGroup, "{a=['10.0.0.0/8'];b:'10.1.0.0/16, ::1'}").json,
            R"({"a":["10.0.0.0/8"],"b":["10.1.0.0/16","::1"]})");
}

TEST_F(NamedSets, LabelsOfNumbersAndAddresses) {
  map("ports", "{web:['80',443],mail:[25]}");
  EXPECT_EQ(bench.key("map:tcpdestinationport:ports"), "web");
  EXPECT_EQ(bench.key("map:tcpsourceport:ports"), std::nullopt);
  map("members",
      "{first:['00:00:00:00:00:01','ac:de:48:00:11:22'],second:['020000000003'],net:['10.0.0.1','2001:DB8::1']}");
  EXPECT_EQ(bench.key("map:macsource:members"), "first");
  EXPECT_EQ(bench.key("map:ipsource:members"), "net");
  EXPECT_EQ(bench.key("map:[mask:ipsource:8]:members"), std::nullopt);
  bench.from("2001:db8:0:0::1");
  EXPECT_EQ(bench.key("map:ip6source:members"), "net");
  map("masked",
      "{all:['2001:DB8::/32'],flags:['000010000'],token:['eth.ip6.tcp'],agents:['192.0.2.1'],port:[7,'internal']}");
  EXPECT_EQ(bench.key("map:[mask:ip6source:32]:masked"), "all");
  EXPECT_EQ(bench.key("map:tcpflags:masked"), "flags");
  EXPECT_EQ(bench.key("map:stack:masked"), "token");
  EXPECT_EQ(bench.key("map:agent:masked,map:inputifindex:masked"), "agents,port");
}

TEST_F(NamedSets, TheFirstLabelOfAValue) {
  map("m", "{a:['80'],b:['80']}");
  EXPECT_EQ(bench.key("map:tcpdestinationport:m"), "a");
}

TEST_F(NamedSets, RealDefinitions) {
  group("g", "{a:['10.0.0.0/8']}");
  map("scitag", "{atlas:[4096]}");
  EXPECT_EQ(bench.key("or:[map:macsource:m]:[group:ipsource:g]:[group:ip6source:g]"), "a");
  map("m", "{member:['000000000001']}");
  EXPECT_EQ(bench.key("or:[map:macsource:m]:[group:ipsource:g]:[group:ip6source:g]"), "member");
  bench.from("2001:db8::1");
  EXPECT_EQ(bench.key("null:[map:[bits:ip6flowlabel:261884]:scitag]:unknown"), "atlas");
  EXPECT_EQ(bench.accepts("group:ip6source:g=null&map:macsource:m=member"), true);
}

}  // namespace
}  // namespace weir::enrich
