#include "flow/hints.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "json/lenient.h"

namespace weir::flow {
namespace {

std::vector<std::string> hints(std::string_view text) {
  const auto body = json::parseLenient(text).value();
  auto definition = Definition::fromJson(body);
  EXPECT_TRUE(definition) << text;
  const auto compiled = CompiledDefinition::compile("f", std::move(*definition));
  EXPECT_TRUE(compiled) << text << ": " << (compiled ? "" : compiled.error().text());
  return hintsOf(body, **compiled);
}
using Hints = std::vector<std::string>;

TEST(Hints, OfMisspeltKeys) {
  EXPECT_EQ(hints("{keys:'ipsorce,ipdestination',value:bytes}"),
            Hints{"\"ipsorce\" is no flow key, but ipsource is one"});
  EXPECT_EQ(hints("{keys:'null:[group:ipsource:g:h]:x,or:tcpport:IPsource.1',value:bytes}"),
            (Hints{"\"tcpport\" is no flow key, but may be a field that applications send",
                   "\"IPsource\" is no flow key, but ipsource is one"}));
  EXPECT_EQ(hints("{filter:'ipprotocoll=6&(ipprotocoll=17)',value:bytes}"),
            Hints{"\"ipprotocoll\" is no flow key, but ipprotocol is one"});
  EXPECT_EQ(hints("{keys:'bytes.1',value:bytes}"), Hints{"bytes.1 never has a value: there is one bytes only"});
}

TEST(Hints, OfValuesThatNeverOccur) {
  EXPECT_EQ(hints("{filter:'ipprotocol=tcp',value:bytes}"),
            Hints{"\"tcp\" is no value of ipprotocol (number, such as 6)"});
  EXPECT_EQ(
      hints("{filter:'ipsource!=10.0.0.0/8,10.0.0.1',value:bytes}"),
      Hints{
          "\"10.0.0.0/8\" is no value of ipsource (IPv4, such as 10.0.0.1); for prefixes there are mask: and group:"});
  EXPECT_EQ(hints("{filter:'first:stack:.:ip:ip6=udp',value:bytes}").size(), 1U);
  EXPECT_EQ(hints("{filter:'direction=in|tcpflags=SYN',value:bytes}").size(), 2U);
}

TEST(Hints, OfMembersAndRanges) {
  EXPECT_EQ(
      hints("{key:ipsource,value:bytes,aggmode:AGENT,T:1,note:x,name:f}"),
      (Hints{"\"key\" is no member of it and is not read; keys is one",
             "\"aggmode\" is no member of it and is not read; aggMode is one",
             "\"T\" is no member of it and is not read; t is one", "\"note\" is no member of it and is not read"}));
  EXPECT_EQ(hints("{value:bytes,n:'2000',t:0.1}"),
            (Hints{"n 2000 is out of range: 1000 is used", "t 0.1 is out of range: 0.2 is used"}));
}

TEST(Hints, NoneOfWhatIsMeant) {
  for (const char* good : {
           "{keys:'ipsource.1,vlan.1,or:[map:macsource:m]:[group:ip6source:g]',value:bytes,filter:'vxlanvni=null'}",
           "{value:'avg:bytes',values:'count:ipsource,max:tcprtt',filter:\"ipflags=001&'ipprotocol'='6'\"}",
           "{value:bytes,filter:'macsource=00:1b:21:AB:cd:ef,001B21ABCDEF&ip6source=2001:db8::1&inputifindex=0,"
           "multiple'}",
           "{value:frames,filter:'stack~.*tcp.*&direction=ingress&ethernetprotocol!=2048&isbroadcast=true',n:10,t:'5'}",
           "{keys:'concat:-:ipsource:ipdestination',value:bytes,filter:'concat:-:ipsource:ipdestination=a-b'}",
       }) {
    EXPECT_EQ(hints(good), Hints{}) << good;
  }
}

}  // namespace
}  // namespace weir::flow
