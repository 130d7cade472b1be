#include "flow/definition.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "flow/key_functions.h"
#include "ipfix/elements.h"
#include "test_sample.h"

namespace weir::flow {
namespace {

using decode::Layer;
using test::TestSample;

Expected<Definition> fromText(std::string_view json) {
  return Definition::fromJson(boost::json::parse(json));
}

std::string shown(const Definition& d) {
  std::string out;
  JsonWriter json(out);
  d.writeJson(json);
  return out;
}

TEST(Definition, DefaultsAreFilledIn) {
  const auto d = fromText(R"({"keys":"ipsource,ipdestination","value":"bytes"})");
  ASSERT_TRUE(d);
  EXPECT_EQ(
      shown(*d),
      R"({"keys":"ipsource,ipdestination","value":"bytes","n":5,"t":2,"fs":",","activeTimeout":60,"log":false,"flowStart":false})");
  EXPECT_EQ(d->keys, (std::vector<std::string>{"ipsource", "ipdestination"}));
}

TEST(Definition, NumbersTextsAndListsInAnyForm) {
  const auto d = fromText(R"({"keys":["or:a:b","concat:\\,:ipsource:ipdestination"," vlan "],"value":"frames",
    "values":["bytes","ipbytes"],"filter":null,"n":"2000","t":"0.01","fs":"_SEP_","log":"true","flowStart":"TRUE",
    "activeTimeout":"5","dropped":false,"aggMode":"agent","unknown":[1,{}],"ipfixCollectors":null})");
  ASSERT_TRUE(d) << d.error().text();
  EXPECT_EQ(d->keys, (std::vector<std::string>{"or:a:b", "concat:\\,:ipsource:ipdestination", "vlan"}));
  EXPECT_EQ(d->keysText, "or:a:b,concat:\\,:ipsource:ipdestination, vlan ");
  EXPECT_EQ(d->values, (std::vector<std::string>{"bytes", "ipbytes"}));
  EXPECT_EQ(d->n, 1000U);
  EXPECT_EQ(d->t, 0.2);
  EXPECT_TRUE(d->log);
  EXPECT_TRUE(d->flowStart);
  EXPECT_EQ(d->activeTimeout, 5);
  EXPECT_EQ(d->scope, CacheScope::agent);
  EXPECT_TRUE(CompiledDefinition::compile("x", *d));
  const auto low = fromText(R"({"value":"bytes","n":1,"t":1e9,"aggMode":"Edge"})");
  ASSERT_TRUE(low);
  EXPECT_EQ(low->n, 5U);
  EXPECT_EQ(low->t, 600);
  EXPECT_EQ(low->scope, CacheScope::edge);
  EXPECT_EQ(fromText(R"({"value":"bytes","aggMode":"max"})")->scope, CacheScope::dataSource);
  EXPECT_TRUE(fromText(R"({"value":"bytes","keys":""})")->keys.empty());
  EXPECT_TRUE(fromText(R"({"value":"bytes","keys":[]})")->keys.empty());
}

TEST(Definition, WhatIsWrongIsNamed) {
  const auto wrong = [](std::string_view json, std::string_view attribute) {
    const auto d = fromText(json);
    ASSERT_FALSE(d) << json;
    EXPECT_EQ(d.error().attribute, attribute) << json;
  };
  wrong(R"([])", "");
  wrong(R"({"keys":"ipsource"})", "value");
  wrong(R"({"value":""})", "value");
  wrong(R"({"value":null})", "value");
  wrong(R"({"value":{}})", "value");
  wrong(R"({"value":"bytes","n":"many"})", "n");
  wrong(R"({"value":"bytes","t":[]})", "t");
  wrong(R"({"value":"bytes","log":"perhaps"})", "log");
  wrong(R"({"value":"bytes","filter":{}})", "filter");
  wrong(R"({"value":"bytes","aggMode":"sideways"})", "aggMode");
  wrong(R"({"value":"bytes","keys":{"a":1}})", "keys");
  const auto empty = fromText(R"({"value":"bytes","keys":"ipsource,,vlan"})");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().text(), "keys: expected no empty element in the list (at character 9)");
}

// Samples of applications have no packet: what they count is in their records.
TEST(Definition, ValuesOfApplicationSamples) {
  test::TestSample sample;
  wire::http_request request;
  request.method = 2;
  request.req_bytes = 500;
  request.resp_bytes = 4096;
  request.uS = 1500;
  sample.record(request);
  const auto amount = [&](const char* value) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf("httpmethod", value));
    return compiled ? test::run(**compiled, sample.fields()).amount : -1;
  };
  EXPECT_EQ(amount("bytes"), 459'600);
  EXPECT_EQ(amount("bps"), 3'676'800);
  EXPECT_EQ(amount("req_bytes"), 50'000);
  EXPECT_EQ(amount("resp_bytes"), 409'600);
  EXPECT_EQ(amount("duration"), 150'000);
  EXPECT_EQ(amount("requests"), 100);
  EXPECT_EQ(amount("frames"), 0) << "no frame was sampled";
}

// Fields that applications define (enterprise 4300, format 1003).
TEST(Definition, CustomFieldsAreKeysAndValues) {
  test::TestSample sample;
  sample.customFields("billing", 5);
  const auto amount = [&](const char* value) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf("customer,billing.ip", value));
    return compiled ? test::run(**compiled, sample.fields()).amount : -1;
  };
  EXPECT_EQ(amount("billing.count"), 35);
  EXPECT_EQ(amount("rate:billing.ratio"), 2.5);
  EXPECT_EQ(amount("billing.load"), 15);
  EXPECT_EQ(amount("billing.customer"), 0) << "a text";
  EXPECT_EQ(amount("other.count"), 0) << "of another data source";
  EXPECT_EQ(amount("requests"), 5);
  EXPECT_EQ(amount("count"), -1) << "any word: refused";
  EXPECT_EQ(test::keyText("mask:billing.ip:8,range:count:1:9,bits:count:3", sample.fields()), "10.0.0.0/8,true,3");
  EXPECT_EQ(test::filterHolds("customer=acme&billing.ip=10.0.0.1&count!=8&other.customer=null", sample.fields()), true);

  KeysSeen seen;
  seen.note(sample.fields(), kSecond);
  std::set<std::string> names;
  for (const auto& [name, time] : seen.list()) names.insert(name);
  EXPECT_EQ(names.count("billing.customer"), 1U);
  EXPECT_EQ(names.count("rtsource"), 1U);

  // A sample that is cut has the fields in front of the cut.
  const Bytes body = sample.sample.body;
  for (std::size_t size = 0; size < body.size(); ++size) {
    const std::vector<std::uint8_t> cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
    sample.sample.body = cut;
    (void)test::keyText("customer,mac,ip,ip6", sample.fields());
    EXPECT_EQ(test::keyText("load", sample.fields()), std::nullopt);
  }
}

struct DefinitionRefusal {
  const char* keys;
  const char* value;
  const char* attribute;
  std::size_t position;
};

TEST(Definition, LanguageErrorsHaveAttributeAndPosition) {
  const DefinitionRefusal table[] = {
      {"a,,b", "bytes", "keys", 2},
      {"ipsource,", "bytes", "keys", 9},
      {"ipsource,nosuch:a", "bytes", "keys", 9},
      {"ipsource, mask:ipdestination:129", "bytes", "keys", 29},
      {"or:[ipsource:vlan", "bytes", "keys", 3},
      {"or:ipsource:vlan]", "bytes", "keys", 16},
      {"ipsource,if:[first:stack:.:ip:ip6]:ip:[country:ipsource:x]:[country:ip6source]", "bytes", "keys", 56},
      {"ip source", "bytes", "keys", 0},
      {"vlan", "ipsource", "value", 0},
      {"vlan", "nosuchvalue", "value", 0},
      {"vlan", "count:", "value", 6},
      {"vlan", "count:nosuch:x", "value", 6},
      {"vlan", "avg:ipsource", "value", 4},
      {"vlan", "max:", "value", 4},
      {"vlan", "min:avg:ipbytes", "value", 4},
      {"vlan", "rate:ipsource", "value", 5},
      {"vlan", "range:bytes:1", "value", 0},
      {"vlan", "bytes:", "value", 0},
  };
  for (const DefinitionRefusal& r : table) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf(r.keys, r.value));
    ASSERT_FALSE(compiled) << r.keys << ' ' << r.value;
    EXPECT_EQ(compiled.error().attribute, r.attribute) << r.keys << ' ' << r.value << ": " << compiled.error().text();
    EXPECT_EQ(compiled.error().position, r.position) << r.keys << ' ' << r.value << ": " << compiled.error().text();
  }
  Definition d = test::definitionOf("vlan");
  d.values = {"bytes", "last:ipsource"};
  const auto compiled = CompiledDefinition::compile("t", d);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().attribute, "values");
  EXPECT_EQ(compiled.error().position, 11U);
  d.values.assign(CompiledDefinition::kMaxCells + 1, "bytes");
  const auto many = CompiledDefinition::compile("t", d);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().attribute, "values");
  EXPECT_EQ(many.error().position, 6U * CompiledDefinition::kMaxCells);
}

// Definitions as published applications of sFlow-RT have them.
TEST(Definition, RealDefinitionsAreAccepted) {
  const Definition accepted[] = {
      test::definitionOf("ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport:icmptype,"
                         "or:tcpdestinationport:udpdestinationport:icmpcode",
                         "bytes"),
      test::definitionOf("stack,null:ethernetprotocol:0,null:ipprotocol:0", "frames"),
      test::definitionOf("ipsource", "avg:ibbtaethack"),
      test::definitionOf(
          "range:bytes:0:63,range:bytes:64:64,range:bytes:65:127,range:bytes:128:255,range:bytes:256:511,"
          "range:bytes:512:1023,range:bytes:1024:1517,range:bytes:1518:1518,range:bytes:1519",
          "frames"),
      test::definitionOf("ipsource", "bytes", "(ipflags=001|range:ipfragoffset:1=true)&first:stack:.:ip:ip6=ip"),
      test::definitionOf("macdestination.1", "frames",
                         "direction=ingress&vxlanvni!=null&outputifindex=multiple&isunicast.1=true"),
      test::definitionOf("ipsource", "frames", "ipprotocol=6&tcpflags~....1..1.&direction=ingress"),
      test::definitionOf("ipsource", "frames", "tcpflags~....1.000&(tcpsourceport=179|tcpdestinationport=179)"),
      test::definitionOf("ipsource", "frames", "ibbt_offset!=null&direction=ingress&(ipecn=11|ip6ecn=11)"),
      test::definitionOf("ipsource", "frames", "first:stack:.:ip:ipv6=ip"),
      test::definitionOf("ipsource.1,ipdestination.1", "bytes", "ipsource.1=10.0.201.1&ipdestination.1=10.0.201.2"),
      test::definitionOf("", "bytes"),
      test::definitionOf("macdestination.1", "bytes", "direction=ingress&link:inputifindex!=null"),
      test::definitionOf("or:tcpflags:udp_offset:icmptype", "bps"),
      test::definitionOf("dnsqname,httphost,host.cpu_x", "fps"),
      test::definitionOf("bits:ip6flowlabel:261884", "Bps"),
      test::definitionOf("vlan", "rate:ipbytes"),
      test::definitionOf("vlan", "requests"),
      test::definitionOf("vlan", "or:ipbytes:ip6bytes"),
      test::definitionOf("if:[first:stack:.:ip:ip6]:ip:[country:ipsource]:[country:ip6source]", "bytes"),
      test::definitionOf("ip6source,ip6destination,null:[map:[bits:ip6flowlabel:261884]:scitag]:unknown", "bytes"),
      test::definitionOf("or:[map:macsource:m]:[group:ipsource:g]:[group:ip6source:g]", "bytes"),
      test::definitionOf("ipsource", "bytes", "group:ipsource:g=external&group:ipdestination:g!=external,private"),
      test::definitionOf("suffix:[if:[first:stack:.:ip:ip6]:ip:[dns:ipsource]:[dns:ip6source]]:.:2", "bytes"),
  };
  for (const Definition& d : accepted) {
    const auto compiled = CompiledDefinition::compile("t", d);
    EXPECT_TRUE(compiled) << d.keysText << ' ' << d.filter << ": " << compiled.error().text();
  }
}

void webPacket(TestSample& s) {
  s.layer(Layer::eth, "00259058DFCC 000000CC0A0B 0800", 0x0800);
  s.layer(Layer::ip, "4500 0100 1267 4000 40 06 0000 0A000001 0A000002", 6);
  s.layer(Layer::tcp, "CB84 01BB 12345678 00000009 5012 FAF0 0000 0000", 443);
}

TEST(Definition, KeyFunctionsShowTheirResult) {
  TestSample sample;
  webPacket(sample);
  const SampleFields& s = sample.fields();
  const std::pair<const char*, std::optional<std::string>> table[] = {
      {"ipsource,ipdestination,ipprotocol", "10.0.0.1,10.0.0.2,6"},
      {"ipsource,vlan", std::nullopt},
      {"nosuchkey", std::nullopt},
      {"null:nosuchkey", "null"},
      {"null:nosuchkey:", ""},
      {"null:vlan:0,null:ipprotocol:0", "0,6"},
      {"null:vlan:none,ipsource", "none,10.0.0.1"},
      {"null:vlan:70000", "70000"},
      {"null:ip6source:10.0.0.9", "10.0.0.9"},
      {"null:[range:queuedepth:0]", "null"},
      {"null:[range:ipbytes:0]", "true"},
      {"or:udpsourceport:tcpsourceport", "52100"},
      {"or:udpsourceport:icmptype", std::nullopt},
      {"or:tcpflags:udp_offset:icmptype", "000010010"},
      {"or:udp_offset:tcpflags", "000010010"},
      {"or:ip6source:ipsource:macsource", "10.0.0.1"},
      {"or:[or:vlan:ip6source]:[null:udpsourceport:none]", "none"},
      {"prefix:stack:.:2", "eth.ip"},
      {"prefix:stack:.:9", "eth.ip.tcp"},
      {"prefix:stack:.:0", ""},
      {"suffix:stack:.:1", "tcp"},
      {"suffix:stack:.:2", "ip.tcp"},
      {"prefix:ipsource:.:3", "10.0.0"},
      {"suffix:ipsource:.:3", "0.0.1"},
      {"suffix:ipsource:.:9", "10.0.0.1"},
      {"prefix:ipsource:/:1", "10.0.0.1"},
      {"prefix:ip6source:\\::2", std::nullopt},
      {"first:stack:.:tcp:ip", "ip"},
      {"first:stack:.:udp", std::nullopt},
      {"first:ipsource:.:7:1:0", "0"},
      {"concat:-:ipsource:tcpsourceport:stack", "10.0.0.1-52100-eth.ip.tcp"},
      {"concat:\\::macsource:ipprotocol", "000000CC0A0B:6"},
      {"concat::ipprotocol:ipprotocol", "66"},
      {"concat:-:ipsource:vlan", std::nullopt},
      {"concat:-:[null:vlan:x]:[concat:+:ipprotocol:ipttl]", "x-6+64"},
      {"mask:ipsource:24,mask:ipdestination:31,mask:ipsource:0", "10.0.0.0/24,10.0.0.2/31,0.0.0.0/0"},
      {"mask:ipsource:64", "10.0.0.1/32"},
      {"mask:agent:16", "192.168.0.0/16"},
      {"mask:macsource:16", std::nullopt},
      {"bits:ipbytes:768", "256"},
      {"oui:macdestination", "002590"},
      {"eq:ipsource:ipdestination,eq:ipttl:ipttl", "false,true"},
      {"eq:ipsource:vlan", std::nullopt},
      {"eq:ipprotocol:tcpoffset,eq:[prefix:ipsource:.:4]:ipsource", "false,true"},
      {"range:bytes:1500:1500,range:bytes:1501,range:bytes:-5:10", "true,false,false"},
      {"range:inputifindex:1:10", "true"},
      {"if:ipprotocol:6:tcpsourceport:udpsourceport", "52100"},
      {"if:ipprotocol:17:ipsource:ipdestination", "10.0.0.2"},
      {"if:vlan:null:ipsource:vlan", "10.0.0.1"},
      {"if:[first:stack:.:ip:ip6]:ip:[mask:ipsource:8]:[mask:ip6source:32]", "10.0.0.0/8"},
      {"[ipsource]", "10.0.0.1"},
  };
  for (const auto& [keys, text] : table) EXPECT_EQ(test::keyText(keys, s), text) << keys;
}

TEST(Definition, ArgumentsAreUsedAndTheSeparatorIs) {
  TestSample sample;
  webPacket(sample);
  Definition d = test::definitionOf("ipsource,ipprotocol", "ipbytes");
  d.fs = "_SEP_";
  d.values = {"bytes", "avg:frames", "udpbytes", "max:bps", "count:ipsource", "last:ipprotocol"};
  const auto compiled = CompiledDefinition::compile("web", d);
  ASSERT_TRUE(compiled);
  EXPECT_EQ((*compiled)->name(), "web");
  EXPECT_EQ((*compiled)->keySize(), 8U);
  const auto outcome = test::run(**compiled, sample.fields());
  EXPECT_TRUE(outcome.counted);
  EXPECT_EQ(outcome.key, "10.0.0.1_SEP_6");
  EXPECT_EQ(outcome.amount, 25600);
  ASSERT_EQ((*compiled)->cells().count(), d.values.size());
  EXPECT_FALSE((*compiled)->valueIsCell());
  SampleValue values[6];
  (*compiled)->readCells(sample.fields(), values);
  EXPECT_EQ(values[0].number, 1500) << "of the sample, not scaled";
  EXPECT_EQ(values[1].number, 1);
  EXPECT_FALSE(values[2].present) << "no UDP header";
  EXPECT_EQ(values[3].number, 12000);
  EXPECT_TRUE(values[4].present);
  EXPECT_EQ(values[5].number, 6);
}

TEST(Definition, WithoutKeysThereIsOneFlow) {
  TestSample sample;
  webPacket(sample);
  const auto compiled = CompiledDefinition::compile("t", test::definitionOf("", "bytes"));
  ASSERT_TRUE(compiled);
  EXPECT_EQ((*compiled)->keySize(), 0U);
  const auto outcome = test::run(**compiled, sample.fields());
  EXPECT_TRUE(outcome.counted);
  EXPECT_EQ(outcome.key, "");
  EXPECT_EQ(outcome.amount, 150000);
}

TEST(Definition, DropsAndPacketsAreKeptApart) {
  TestSample drop;
  drop.sample.kind = wire::SampleKind::discard;
  drop.sample.reason = 258;
  TestSample packet;
  webPacket(packet);
  Definition d = test::definitionOf("", "frames");
  const auto packets = CompiledDefinition::compile("t", d);
  d.dropped = true;
  const auto drops = CompiledDefinition::compile("t", d);
  ASSERT_TRUE(packets && drops);
  EXPECT_TRUE(test::run(**packets, packet.fields()).counted);
  EXPECT_FALSE(test::run(**packets, drop.fields()).counted);
  EXPECT_FALSE(test::run(**drops, packet.fields()).counted);
  EXPECT_TRUE(test::run(**drops, drop.fields()).counted);
}

// Key octets decide which flow is which and where it goes in a table: they must not differ between runs or builds.
TEST(Definition, KeyOctetsAreFixed) {
  TestSample sample;
  webPacket(sample);
  const auto octets = [&](const char* keys) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf(keys));
    std::vector<std::uint8_t> key((*compiled)->keySize(), 0xFF);
    double amount = 0;
    EXPECT_TRUE((*compiled)->evaluate(sample.fields(), key.data(), amount)) << keys;
    std::string hex;
    appendHex(hex, key);
    return hex;
  };
  EXPECT_EQ(octets("ipsource,ipdestination"), "0A0000010A000002");
  EXPECT_EQ(octets("ipsource,tcpdestinationport,ipprotocol"), "0A000001BB010600");
  EXPECT_EQ(octets("or:udpsourceport:tcpsourceport"), "84CB000000000000");
  EXPECT_EQ(octets("or:vlan:ipsource"), "010A000001000000");
  EXPECT_EQ(octets("null:vlan:5,null:vlan:none,macsource"), "0500010000000000CC0A0B0000000000");
  EXPECT_EQ(octets("stack"),
            "01080E00000000000000000000000000"
            "0000000000000000");
  EXPECT_EQ(octets("prefix:ipsource:.:2"), "0431302E300000000000000000000000");
}

TEST(Definition, KeysAreBounded) {
  std::string keys = "stack";
  for (int i = 0; i < 9; ++i) keys += ",stack";
  EXPECT_TRUE(CompiledDefinition::compile("t", test::definitionOf(keys)));
  const auto tooLong = CompiledDefinition::compile("t", test::definitionOf(keys + ",stack"));
  ASSERT_FALSE(tooLong);
  EXPECT_EQ(tooLong.error().attribute, "keys");
  EXPECT_EQ(tooLong.error().position, 60U);
}

TEST(Definition, IpfixTakesOnlyWhatItKnows) {
  Definition d = test::definitionOf("ipsource,ipttl", "bytes");
  d.ipfixCollectors = {"10.0.0.9"};
  const auto compiled = CompiledDefinition::compile("t", d);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().attribute, "keys");
  EXPECT_EQ(compiled.error().position, 9U);
  d.keysText = "ipsource,vlan";
  EXPECT_TRUE(CompiledDefinition::compile("t", d));

  const auto refused = [](Definition bad) {
    bad.keysText.clear();
    const auto result = CompiledDefinition::compile("t", std::move(bad));
    return result ? "" : result.error().attribute;
  };
  d = test::definitionOf("", "frames");
  d.ipfixCollectors = {"flows.example.com:2055", "[::1]"};
  EXPECT_EQ(refused(d), "") << "without keys";
  d.values = {"bytes"};
  EXPECT_EQ(refused(d), "");
  d.values = {"bytes", "avg:bytes"};
  EXPECT_EQ(refused(d), "values");
  d.values.clear();
  d.value = "rate:bytes";
  EXPECT_EQ(refused(d), "value");
  d.value = "bytes";
  d.ipfixCollectors = {"flows.example.com:port"};
  EXPECT_EQ(refused(d), "ipfixCollectors");
  d.ipfixCollectors.assign(16, "10.0.0.9");
  EXPECT_EQ(refused(d), "");
  d.ipfixCollectors.emplace_back("10.0.0.9");
  EXPECT_EQ(refused(d), "ipfixCollectors");
}

TEST(Definition, AllKeysOfIpfixHaveOnePlaceForTheirValue) {
  std::string keys;
  for (const ipfix::KeyElement& each : ipfix::keyElements()) (keys += keys.empty() ? "" : ",") += each.key;
  const auto compiled = CompiledDefinition::compile("t", test::definitionOf(keys));
  ASSERT_TRUE(compiled);
  const auto places = (*compiled)->keyPlaces();
  ASSERT_EQ(places.size(), ipfix::keyElements().size());
  unsigned end = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const ipfix::KeyElement& key = ipfix::keyElements()[i];
    EXPECT_EQ(places[i].offset, end) << key.key << ": untagged, behind the one before";
    EXPECT_GE(places[i].width, key.element.size) << key.key;
    EXPECT_TRUE(key.value != ipfix::KeyValue::octets || places[i].width == key.element.size) << key.key;
    end = places[i].offset + places[i].width;
  }
  EXPECT_LE(end, (*compiled)->keySize());
}

TEST(KeyFunctions, ExamplesOfTheTableAreAccepted) {
  for (const KeyFunction& function : keyFunctionTable()) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf(std::string(function.example)));
    EXPECT_EQ(compiled.has_value(), function.make != nullptr) << function.name;
  }
}

TEST(Definition, OctetsFromElsewhereAreKeysIfTheyCanBeShown) {
  const auto isKey = [](const char* keys, int octet, std::size_t more = 0) {
    const auto compiled = CompiledDefinition::compile(
        "f", *Definition::fromJson(boost::json::object{{"keys", keys}, {"value", "bytes"}}));
    EXPECT_TRUE(compiled) << keys;
    const std::vector<std::uint8_t> octets((*compiled)->keySize() + more, static_cast<std::uint8_t>(octet));
    return (*compiled)->isKey(octets);
  };
  for (const char* keys : {"ipsource,tcpsourceport", "macsource", "ipprotocol", "inputifindex"}) {
    for (const int octet : {0x00, 0x01, 0xFE, 0xFF}) EXPECT_TRUE(isKey(keys, octet)) << keys;
    EXPECT_FALSE(isKey(keys, 0, 8)) << keys << ": too long";
  }
  for (const char* keys : {"stack", "uridomain", "null:vlan:none", "concat:-:macsource:stack"}) {
    EXPECT_TRUE(isKey(keys, 0)) << keys;
    EXPECT_FALSE(isKey(keys, 0xFE)) << keys << ": a layer, length or form that is not there";
  }
}

}  // namespace
}  // namespace weir::flow
