#include "flow/hints.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <set>
#include <sstream>

#include "flow/foreign_words.h"
#include "flow/key_table.h"
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
            Hints{"\"ipsorce\" is not a flow key, but ipsource is one"});
  EXPECT_EQ(hints("{keys:'null:[group:ipsource:g:h]:x,or:tcpports:IPsource.1',value:bytes}"),
            (Hints{"\"tcpports\" is not a flow key, but may be a field that applications send",
                   "\"IPsource\" is not a flow key, but ipsource is one"}));
  EXPECT_EQ(hints("{filter:'ipprotocoll=6&(ipprotocoll=17)',value:bytes}"),
            Hints{"\"ipprotocoll\" is not a flow key, but ipprotocol is one"});
  EXPECT_EQ(hints("{keys:'bytes.1',value:bytes}"), Hints{"bytes.1 never has a value: there is one bytes only"});
}

TEST(Hints, OfWordsOfOtherTools) {
  const auto wordHint = [](std::string_view word, std::string_view keys) {
    return Hints{"\"" + std::string(word) + "\" is not a flow key, but " + std::string(keys)};
  };
  for (const char* word : {"srcip", "SRC_IP", "ip.src", "src-ip", "IPV4_SRC_ADDR", "sourceIPv4Address", "src_host"}) {
    EXPECT_EQ(hints("{keys:'" + std::string(word) + "',value:bytes}"), wordHint(word, "ipsource is one"));
  }
  EXPECT_EQ(hints("{keys:dst_port,value:bytes}"),
            wordHint("dst_port", "or:tcpdestinationport:udpdestinationport is one"));
  EXPECT_EQ(hints("{keys:'ip.addr',value:bytes}"), wordHint("ip.addr", "ipsource and ipdestination are"));
  EXPECT_EQ(hints("{keys:packets,value:bytes}"), wordHint("packets", "frames is one"));
  EXPECT_EQ(hints("{value:bytes,filter:'proto=tcp'}"), wordHint("proto", "ipprotocol is one"));
}

// A value must be known, so here the word of another tool is an error.
TEST(Hints, WordsOfOtherToolsAsValue) {
  auto definition = Definition::fromJson(json::parseLenient("{value:packets}").value());
  ASSERT_TRUE(definition);
  const auto compiled = CompiledDefinition::compile("f", std::move(*definition));
  ASSERT_FALSE(compiled);
  EXPECT_TRUE(compiled.error().message.ends_with("; \"packets\" is called frames here")) << compiled.error().message;
}

TEST(Hints, WordsOfOtherToolsLeadToKeysThatExist) {
  std::set<std::string> seen;
  for (const ForeignWords& entry : foreignWordTable()) {
    EXPECT_EQ(hints("{keys:'" + std::string(entry.keys) + "',value:bytes}"), Hints{}) << entry.keys;
    std::istringstream words{std::string(entry.words)};
    for (std::string word; words >> word;) {
      EXPECT_TRUE(seen.insert(word).second) << word << " stands twice";
      EXPECT_EQ(findFlowKey(word), nullptr) << word << " is a flow key";
      EXPECT_EQ(keysOfForeignWord(word), entry.keys) << word;
    }
  }
}

TEST(Hints, OfFiltersOfOtherTools) {
  const auto refusal = [](std::string_view filter) {
    Definition definition;
    definition.value = "bytes";
    definition.filter = filter;
    const auto compiled = CompiledDefinition::compile("f", std::move(definition));
    return compiled ? std::string() : compiled.error().message;
  };
  EXPECT_EQ(refusal("src host 10.0.0.1"), "expected =, !=, ~ or !~, as in ipsource=10.0.0.1");
  EXPECT_EQ(refusal("tcp port 80"), "expected =, !=, ~ or !~, as in tcpsourceport=80|tcpdestinationport=80");
  EXPECT_EQ(refusal("udp"), "expected =, !=, ~ or !~, as in ipprotocol=17");
  EXPECT_EQ(refusal("no such words"), "expected =, !=, ~ or !~");
  EXPECT_EQ(refusal("ip.src == 10.0.0.1"), "expected a value: one = compares");
  EXPECT_EQ(refusal("vlan=1 && vlan=2"), "expected a flow key or (: one & or | joins conditions");
  EXPECT_EQ(
      hints("{value:bytes,filter:'ipprotocol=6 and vlan=1'}"),
      Hints{"\"6 and vlan=1\" is not a value of ipprotocol (number, such as 6); conditions are joined by & and |"});
}

TEST(Hints, OfFunctionsThatNeverHaveAValue) {
  EXPECT_EQ(hints("{keys:'mask:ipsource:40',value:bytes}"),
            Hints{"mask of 40 bits keeps the whole address, which has 32"});
  EXPECT_EQ(hints("{keys:'mask:ipsource:32,mask:[or:ipsource:ip6source]:64',value:bytes}"), Hints{});
  for (const char* never : {"mask:vlan:8", "country:macsource", "group:vlan:g", "oui:ipsource:name", "bits:ipsource:1",
                            "dns:vlan", "host:ipsource:load_one", "link:vlan"}) {
    const Hints told = hints("{keys:'" + std::string(never) + "',value:bytes}");
    ASSERT_EQ(told.size(), 1U) << never;
    EXPECT_TRUE(told[0].starts_with(std::string(never) + " never has a value: expected ")) << told[0];
  }
  EXPECT_EQ(hints("{keys:'range:bytes:100:64',value:bytes}"),
            Hints{"range is never true: its lower bound is above the upper one"});
  EXPECT_EQ(hints("{keys:'range:ipsource:1:2',value:bytes}"),
            Hints{"range of a key of type IPv4 never has a value: expected a number"});
  EXPECT_EQ(hints("{keys:'mask:srcip:8',value:bytes}").size(), 1U) << "the cause is told, not what follows from it";
}

TEST(Hints, OfValuesThatNeverOccur) {
  EXPECT_EQ(hints("{filter:'ipprotocol=tcp',value:bytes}"),
            Hints{"\"tcp\" is not a value of ipprotocol (number, such as 6); it is 6"});
  EXPECT_EQ(hints("{filter:'ipsource!=10.0.0.0/8,10.0.0.1',value:bytes}"),
            Hints{"\"10.0.0.0/8\" is not a value of ipsource (IPv4, such as 10.0.0.1); for prefixes there are mask: "
                  "and group:"});
  EXPECT_EQ(hints("{filter:'first:stack:.:ip:ip6=udp',value:bytes}").size(), 1U);
  EXPECT_EQ(hints("{filter:'direction=in|tcpflags=SYN',value:bytes}").size(), 2U);
}

TEST(Hints, OfMembersAndRanges) {
  EXPECT_EQ(hints("{key:ipsource,value:bytes,aggmode:AGENT,T:1,note:x,name:f}"),
            (Hints{"\"key\" is not a member and is ignored; keys is one",
                   "\"aggmode\" is not a member and is ignored; aggMode is one",
                   "\"T\" is not a member and is ignored; t is one", "\"note\" is not a member and is ignored"}));
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
