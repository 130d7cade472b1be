#include "engine/definition_store.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "flow/hints.h"
#include "json/lenient.h"

namespace weir::engine {
namespace {

using Kind = Engine::Kind;

class Store : public testing::Test {
 protected:
  using Hints = Engine::Hints;
  Expected<Hints> put(Kind kind, std::string_view name, std::string_view body,
                      Engine::OnHints onHints = Engine::OnHints::accept) {
    return store.put(kind, name, json::parseLenient(body).value(), onHints);
  }
  /// Those of a definition that is put, and stays.
  Hints hints(Kind kind, std::string_view body) { return put(kind, "hinted", body).value(); }
  Expected<Hints> load(std::string_view file) { return store.load(json::parseLenient(file).value()); }
  std::string all() {
    return store.list(Kind::flow) + store.list(Kind::threshold) + store.list(Kind::group) + store.list(Kind::map) +
           store.topology();
  }
  model::MetricNames names;
  std::vector<std::shared_ptr<const Definitions>> published;
  Nanos now = 1'700'000'000 * kSecond;
  DefinitionStore store{names, [this](auto d) { published.push_back(std::move(d)); }, [this] { return now; }};
};

TEST_F(Store, FlowAsGetAnswersIt) {
  ASSERT_TRUE(put(Kind::flow, "elephant", "{keys:'ipsource,ipdestination', value:'bytes'}"));
  EXPECT_EQ(store.get(Kind::flow, "elephant"),
            R"({"keys":"ipsource,ipdestination","value":"bytes","n":5,"t":2,"fs":",","activeTimeout":60,)"
            R"("log":false,"flowStart":false})");
  ASSERT_TRUE(put(Kind::flow, "x",
                  "{keys:[stack,'null:vlan:0'], value:frames, filter:'direction=ingress', n:7000, t:0.1, "
                  "log:true}"));
  EXPECT_EQ(store.get(Kind::flow, "x"),
            R"({"keys":"stack,null:vlan:0","value":"frames","filter":"direction=ingress","n":1000,"t":0.2,"fs":",",)"
            R"("activeTimeout":60,"log":true,"flowStart":false})");
  EXPECT_EQ(store.list(Kind::flow),
            R"({"elephant":)" + *store.get(Kind::flow, "elephant") + R"(,"x":)" + *store.get(Kind::flow, "x") + "}");
  EXPECT_EQ(store.get(Kind::flow, "nosuch"), std::nullopt);
}

TEST_F(Store, ThresholdAsGetAnswersIt) {
  ASSERT_TRUE(put(Kind::threshold, "t", "{metric:elephant, value:1250000.0, byFlow:true, timeout:1}"));
  EXPECT_EQ(store.get(Kind::threshold, "t"), R"({"metric":"elephant","value":1250000,"byFlow":true,"timeout":1})");
  EXPECT_EQ(store.list(Kind::threshold), R"({"t":{"metric":"elephant","value":1250000,"byFlow":true,"timeout":1}})");
  EXPECT_EQ(store.get(Kind::threshold, "nosuch"), std::nullopt);
}

TEST_F(Store, GroupsAndMapsAsGetAnswersThem) {
  ASSERT_TRUE(put(Kind::group, "g", "{external:['0.0.0.0/0','::/0'], private:['10.0.0.0/8','FC00::/7','192.0.2.1']}"));
  EXPECT_EQ(store.get(Kind::group, "g"),
            R"({"external":["0.0.0.0/0","::/0"],"private":["10.0.0.0/8","FC00::/7","192.0.2.1"]})");
  ASSERT_TRUE(put(Kind::map, "m", "{web:[80,'443'], mail:'25,587'}"));
  EXPECT_EQ(store.get(Kind::map, "m"), R"({"web":["80","443"],"mail":["25","587"]})");
  EXPECT_EQ(store.get(Kind::map, "g"), std::nullopt) << "names of kinds are apart";
  EXPECT_EQ(store.list(Kind::group), R"({"g":1700000000000})") << "last update, ms of the engine's clock";
  now += kSecond;
  ASSERT_TRUE(put(Kind::group, "g", "{}"));
  EXPECT_EQ(store.list(Kind::group), R"({"g":1700000001000})");
}

TEST_F(Store, EmptyListsAndTopology) {
  EXPECT_EQ(all(), "{}{}{}{}{}");
}

TEST_F(Store, CidrsAreChecked) {
  for (const char* good : {"10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "::/0", "fc00::/7", "2001:db8::1/128", "10.1.2.3",
                           "FE80::1", "10.1.2.3/8"}) {
    EXPECT_TRUE(put(Kind::group, "g", "{a:['" + std::string(good) + "']}")) << good;
  }
  const std::string before = *store.get(Kind::group, "g");
  for (const char* bad : {"10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "/8", "any",
                          "10.0.0.0/a", "10.0.0.0/1000", "10.0.0.0/ 8", "10.0.0.256"}) {
    const auto done = put(Kind::group, "g", "{good:['10.0.0.0/8'], bad:['" + std::string(bad) + "']}");
    ASSERT_FALSE(done) << bad;
    EXPECT_EQ(done.error().attribute, "bad");
    EXPECT_NE(done.error().message.find(bad), std::string::npos) << done.error().message;
  }
  EXPECT_EQ(store.get(Kind::group, "g"), before);
  for (const char* body : {"[]", "'text'", "5", "{a:{}}", "{a:[[1]]}"}) {
    EXPECT_FALSE(put(Kind::group, "g", body)) << body;
    EXPECT_FALSE(put(Kind::map, "g", body)) << body;
  }
}

TEST_F(Store, Names) {
  for (const Kind kind : {Kind::flow, Kind::threshold, Kind::group, Kind::map}) {
    const char* body = kind == Kind::flow ? "{value:bytes}" : kind == Kind::threshold ? "{metric:m,value:1}" : "{}";
    for (const std::string& bad : {std::string(), std::string(257, 'x'), std::string("a\nb"), std::string("\0", 1)}) {
      const auto done = put(kind, bad, body);
      ASSERT_FALSE(done) << bad;
      EXPECT_EQ(done.error().attribute, "name");
    }
    EXPECT_EQ(put(kind, "a\tb", body).error().position, 1U);
    for (const std::string& good :
         {std::string(256, 'x'), std::string("Größe"), std::string("a b/c?d"), std::string("._-")}) {
      EXPECT_TRUE(put(kind, good, body)) << good;
      EXPECT_TRUE(store.get(kind, good)) << good;
    }
  }
}

TEST_F(Store, FlowsAreNotNamedLikeMetrics) {
  for (const char* name : {"ifinoctets", "ifinutilization", "load_one", "host_name", "ALL"}) {
    const auto done = put(Kind::flow, name, "{value:bytes}");
    ASSERT_FALSE(done) << name;
    EXPECT_EQ(done.error().attribute, "name");
    EXPECT_FALSE(store.get(Kind::flow, name));
    EXPECT_TRUE(put(Kind::threshold, name, "{metric:m,value:1}")) << "other kinds have names of their own";
  }
  EXPECT_NE(put(Kind::flow, "ifinoctets", "{value:bytes}")
                .error()
                .message.find("take another name, such as "
                              "\"ifinoctets_flow\""),
            std::string::npos);
  EXPECT_EQ(load("{flows:{ifinoctets:{value:bytes}}}").error().attribute, "flows.ifinoctets.name");
}

TEST_F(Store, FlowNamesThatAreNoMetricAreAWarning) {
  const auto told = [&](const char* name) {
    testing::internal::CaptureStderr();
    EXPECT_TRUE(put(Kind::flow, name, "{value:bytes}"));
    return testing::internal::GetCapturedStderr();
  };
  for (const char* name : {"a.b", "a,b", "a;b"}) {
    EXPECT_NE(told(name).find("WARNING: flow " + std::string(name) + ": "), std::string::npos) << name;
    EXPECT_EQ(told(name), "") << "nothing changed";
  }
  EXPECT_EQ(told("a_b-c"), "");
}

TEST_F(Store, WhatIsHardlyMeantIsToldOnce) {
  const auto told = [&](auto&& change) {
    testing::internal::CaptureStderr();
    EXPECT_TRUE(change());
    return testing::internal::GetCapturedStderr();
  };
  const auto misspelt = [&] { return put(Kind::flow, "f", "{keys:ipsorce,value:bytes}"); };
  EXPECT_NE(told(misspelt).find("WARNING: flow f: \"ipsorce\" is not a flow key, but ipsource is one"),
            std::string::npos);
  EXPECT_EQ(told(misspelt), "") << "nothing changed";
  EXPECT_EQ(told([&] { return put(Kind::flow, "g", "{keys:'group:ipsource:none',value:bytes}"); }), "")
      << "the group may come later";
  EXPECT_NE(
      told([&] { return put(Kind::flow, "e", "{value:bytes,aggMode:edge}"); }).find("flow e: aggMode edge counts"),
      std::string::npos);
  EXPECT_NE(told([&] { return put(Kind::threshold, "b", "{metric:f,value:1,byflow:true}"); }).find("byFlow is one"),
            std::string::npos);
  const std::string file = told([&] {
    return load(
        "{flows:{h:{keys:'group:ipsource:a,map:vlan:b',value:bytes}},groups:{a:{}},"
        "thresholds:{t:{metric:hh,value:1},u:{metric:'1.h',value:1},v:{metric:ifinoctets,value:1}}}");
  });
  EXPECT_NE(file.find("flow h: there is no map \"b\""), std::string::npos) << file;
  EXPECT_NE(file.find("threshold t: \"hh\" is neither a flow"), std::string::npos) << file;
  EXPECT_EQ(file.find("group \"a\""), std::string::npos) << file;
  EXPECT_EQ(file.find("threshold u"), std::string::npos) << file;
  EXPECT_EQ(file.find("threshold v"), std::string::npos) << file;
}

TEST_F(Store, HintsAreAnsweredAgainEachTime) {
  const Hints misspelt{"\"ipsorce\" is not a flow key, but ipsource is one"};
  EXPECT_EQ(hints(Kind::flow, "{keys:ipsorce,value:bytes}"), misspelt);
  EXPECT_EQ(hints(Kind::flow, "{keys:ipsorce,value:bytes}"), misspelt) << "nothing changed, and it is still misspelt";
  EXPECT_EQ(hints(Kind::flow, "{keys:ipsource,value:bytes}"), Hints{});
  EXPECT_EQ(hints(Kind::forwarding, "{address:'192.0.2.1',prot:6343}"),
            Hints{"\"prot\" is not a member and is ignored; port is one"});
  EXPECT_EQ(hints(Kind::group, "{a:['10.0.0.0/8']}"), Hints{});
}

TEST_F(Store, HintsOnWhatIsNotThere) {
  const auto ofKey = [&](const std::string& key) { return hints(Kind::flow, "{value:bytes,keys:'" + key + "'}"); };
  EXPECT_EQ(ofKey("group:ipsource:g"), Hints{"there is no group \"g\": until one is set, nothing is in it"});
  EXPECT_EQ(ofKey("map:vlan:m"), Hints{"there is no map \"m\": until one is set, nothing is in it"});
  ASSERT_TRUE(put(Kind::group, "g", "{}"));
  ASSERT_TRUE(put(Kind::map, "m", "{}"));
  EXPECT_EQ(ofKey("group:ipsource:g,map:vlan:m"), Hints{});
  EXPECT_EQ(ofKey("country:ipsource"),
            Hints{"it looks up a database that is not there: property geo.country names its file"});
  EXPECT_EQ(ofKey("asn:ipsource"), Hints{"it looks up a database that is not there: property geo.asn names its file"});
  EXPECT_EQ(ofKey("oui:macsource:name"),
            Hints{"it looks up a database that is not there: property oui.names names its file"});
  EXPECT_EQ(ofKey("oui:macsource"), Hints{}) << "the number stands in the address";
  store.addTables({{{flow::LookupKind::country, "code"}, store.snapshot()->groups.find("g")->set.table}});
  EXPECT_EQ(ofKey("country:ipsource"), Hints{});
  EXPECT_EQ(ofKey("host:macsource:vir_host_nam").size(), 1U);
  EXPECT_EQ(ofKey("host:macsource:vir_host_name"), Hints{});
  EXPECT_EQ(ofKey("link:inputifindex").size(), 1U);
  EXPECT_EQ(hints(Kind::flow, "{value:bytes,aggMode:edge}"), Hints{flow::kNoTopologyHint});
  ASSERT_TRUE(store.putTopology(json::parseLenient("{nodes:{a:{agent:'10.0.0.1'}}}").value()));
  EXPECT_EQ(ofKey("link:inputifindex"), Hints{});
  EXPECT_EQ(hints(Kind::flow, "{value:bytes,aggMode:edge}"), Hints{});
}

TEST_F(Store, HintsOfThresholds) {
  const auto of = [&](const std::string& members) { return hints(Kind::threshold, "{value:1," + members + "}"); };
  ASSERT_TRUE(put(Kind::flow, "talkers", "{keys:ipsource,value:bytes}"));
  EXPECT_EQ(of("metric:talkers,byFlow:true,filter:{ifspeed:['1e9']}"), Hints{});
  EXPECT_EQ(of("metric:'3.talkers'"), Hints{});
  EXPECT_EQ(of("metric:ifinoctets"), Hints{});
  EXPECT_EQ(of("metric:ifinoctet"),
            Hints{"\"ifinoctet\" is neither a flow nor a metric of counters, but ifinoctets is one: "
                  "the threshold fires when an application sends a metric of that name"});
  EXPECT_EQ(of("metric:talker"), Hints{"\"talker\" is neither a flow nor a metric of counters, but talkers is one: "
                                       "the threshold fires when an application sends a metric of that name"});
  EXPECT_TRUE(of("metric:'max:load_one'")
                  .at(0)
                  .starts_with("\"max:load_one\" is neither a flow nor a metric of counters, but load_one is one:"));
  EXPECT_EQ(
      of("metric:ifinoctets,filter:{ifsped:['1e9']}"),
      Hints{"\"ifsped\" is neither a flow nor a metric of counters, but ifspeed is one: until agents send a metric of "
            "that name, its filter lets nothing pass"});
  EXPECT_EQ(of("metric:ifinoctets,byFlow:true"),
            Hints{"byFlow has no effect: ifinoctets is a metric of counters, which has no flows"});
  EXPECT_EQ(of("metric:host_name"), Hints{"the values of host_name are texts, which are never above a limit"});
  EXPECT_EQ(of("metric:queue_depth").size(), 1U) << "that the threshold knows the name brings no metric";
  (void)names.intern("queue_depth", model::MetricNames::Origin::data);
  EXPECT_EQ(of("metric:queue_depth"), Hints{}) << "agents send it";
  ASSERT_TRUE(put(Kind::flow, "flood", "{value:bytes,aggMode:edge}"));
  EXPECT_EQ(of("metric:flood,filter:{ifspeed:['1e9']}"),
            Hints{"the filter has no effect: flows with aggMode edge belong to no data source"});
}

TEST_F(Store, CheckingSetsNothing) {
  const auto body = json::parseLenient("{metric:queue_depth,value:'5'}").value();
  const auto checked = store.check(Kind::threshold, body);
  ASSERT_TRUE(checked);
  EXPECT_EQ(checked->definition, R"({"metric":"queue_depth","value":5,"byFlow":false,"timeout":2})");
  EXPECT_EQ(checked->hints, put(Kind::threshold, "t", "{metric:queue_depth,value:5}").value()) << "as PUT answers them";
  store.remove(Kind::threshold, "t");
  const model::MetricId known = names.size();
  EXPECT_TRUE(store.check(Kind::threshold, json::parseLenient("{metric:another_one,value:1}").value()));
  EXPECT_EQ(names.size(), known) << "no name is remembered of it";
  EXPECT_EQ(store.check(Kind::threshold, json::parseLenient("{metric:x}").value()).error().attribute, "value");
  EXPECT_EQ(store.list(Kind::threshold), "{}");
}

TEST_F(Store, StrictlyHintsAreErrors) {
  constexpr auto kRefuse = Engine::OnHints::refuse;
  const auto refused = put(Kind::flow, "f", "{keys:'ipsorce,group:ipsource:g',value:bytes}", kRefuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "\"ipsorce\" is not a flow key, but ipsource is one (and 1 more hints)");
  EXPECT_FALSE(store.get(Kind::flow, "f"));
  EXPECT_TRUE(published.empty());
  EXPECT_TRUE(put(Kind::flow, "f", "{keys:ipsource,value:bytes}", kRefuse));
  const auto file = json::parseLenient(
      "{thresholds:{t:{metric:g,value:1}},flows:{g:{keys:'group:ipsource:a',value:bytes}},groups:{a:{}}}");
  EXPECT_TRUE(store.load(*file, kRefuse)) << "in whatever order they stand";
  const auto lacking =
      store.load(json::parseLenient("{flows:{h:{keys:'group:ipsource:b',value:bytes}}}").value(), kRefuse);
  ASSERT_FALSE(lacking);
  EXPECT_EQ(lacking.error().attribute, "flows.h");
  EXPECT_FALSE(store.get(Kind::flow, "h"));
}

TEST_F(Store, ErrorsNameTheAttributeAndThePlace) {
  const auto done = put(Kind::flow, "f", "{keys:'ipsource,nosuch:ipsource', value:bytes}");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().attribute, "keys");
  EXPECT_EQ(done.error().position, 9U);
  EXPECT_EQ(put(Kind::flow, "f", "{keys:ipsource}").error().attribute, "value");
  EXPECT_EQ(put(Kind::flow, "f", "{value:bytes, filter:'ipsource='}").error().attribute, "filter");
  EXPECT_EQ(put(Kind::flow, "f", "{value:bytes, aggMode:most}").error().attribute, "aggMode");
  EXPECT_EQ(put(Kind::threshold, "t", "{metric:m}").error().attribute, "value");
  EXPECT_EQ(all(), "{}{}{}{}{}");
  EXPECT_TRUE(published.empty());
}

TEST_F(Store, PublishesWhatChangedAndNothingElse) {
  ASSERT_TRUE(put(Kind::flow, "f", "{value:bytes}"));
  ASSERT_TRUE(put(Kind::threshold, "t", "{metric:'3.f', value:1}"));
  ASSERT_EQ(published.size(), 2U);
  const Definitions& d = *published.back();
  ASSERT_EQ(d.flows.size(), 1U);
  ASSERT_EQ(d.thresholds.size(), 1U);
  EXPECT_EQ(d.thresholds.begin()->metric, "f");
  EXPECT_EQ(d.thresholds.begin()->dataSource, "3");
  EXPECT_EQ(store.snapshot(), published.back());
  ASSERT_TRUE(put(Kind::flow, "f", "{value:bytes}"));
  ASSERT_TRUE(put(Kind::threshold, "t", "{metric:'3.f', value:1.0, timeout:'2'}"));
  store.remove(Kind::flow, "nosuch");
  store.remove(Kind::threshold, "nosuch");
  EXPECT_EQ(published.size(), 2U);
  ASSERT_TRUE(put(Kind::flow, "f", "{value:frames}"));
  EXPECT_EQ(published.size(), 3U);
  EXPECT_EQ(published[2]->flows.begin()->slot, published[1]->flows.begin()->slot);
  EXPECT_NE(published[2]->flows.begin()->generation, published[1]->flows.begin()->generation);
}

TEST_F(Store, SlotsAreUsedAgainWithNewGenerations) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(put(Kind::flow, name, "{value:bytes}"));
  const auto generation = published.back()->flows.find("b")->generation;
  store.remove(Kind::flow, "b");
  ASSERT_TRUE(put(Kind::flow, "d", "{value:bytes}"));
  const Definitions& d = *published.back();
  EXPECT_EQ(d.flowSlots, 3U);
  EXPECT_EQ(d.flows.find("d")->compiled->name(), "d");
  EXPECT_EQ(d.flows.find("d")->slot, 1U);
  EXPECT_GT(d.flows.find("d")->generation, generation);
}

TEST_F(Store, Removed) {
  ASSERT_TRUE(load("{flows:{f:{value:bytes}}, thresholds:{t:{metric:f,value:1}}, groups:{g:{}}, maps:{m:{}}}"));
  for (const auto& [kind, name] :
       {std::pair{Kind::flow, "f"}, {Kind::threshold, "t"}, {Kind::group, "g"}, {Kind::map, "m"}}) {
    EXPECT_TRUE(store.get(kind, name));
    store.remove(kind, name);
    EXPECT_FALSE(store.get(kind, name));
  }
  EXPECT_EQ(all(), "{}{}{}{}{}");
  EXPECT_TRUE(published.back()->flows.empty());
  EXPECT_TRUE(published.back()->thresholds.empty());
}

TEST_F(Store, LoadTakesAllOfAFile) {
  ASSERT_TRUE(put(Kind::flow, "before", "{value:bytes}"));
  const auto done = load(
      "{flows:{elephant:{keys:'ipsource,ipdestination',value:bytes}}, "
      "thresholds:{big:{metric:elephant,value:1250000}}, groups:{g:{a:['10.0.0.0/8']}}, "
      "maps:{m:{web:[80]}}, topology:{links:{},nodes:{s1:{agent:'10.0.0.1'}}}}");
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_TRUE(store.get(Kind::flow, "before"));
  EXPECT_TRUE(store.get(Kind::flow, "elephant"));
  EXPECT_TRUE(store.get(Kind::threshold, "big"));
  EXPECT_TRUE(store.get(Kind::group, "g"));
  EXPECT_TRUE(store.get(Kind::map, "m"));
  EXPECT_EQ(store.topology(), R"({"links":{},"nodes":{"s1":{"agent":"10.0.0.1"}}})");
  EXPECT_EQ(published.size(), 2U) << "one snapshot for the whole file";
  EXPECT_TRUE(load("{}"));
  EXPECT_TRUE(load("{flows:null, topology:null}"));
}

TEST_F(Store, LoadTakesNothingOfAFileWithAFault) {
  ASSERT_TRUE(put(Kind::flow, "before", "{value:bytes}"));
  const std::string was = all();
  const std::size_t count = published.size();
  struct Case {
    const char* file;
    const char* attribute;
  };
  static constexpr Case kCases[] = {
      {"[]", ""},
      {"{flow:{}}", "flow"},
      {"{flows:[]}", "flows"},
      {"{flows:{good:{value:bytes},bad:{keys:'nosuch:x',value:bytes}}}", "flows.bad.keys"},
      {"{flows:{good:{value:bytes}},thresholds:{bad:{metric:x}}}", "thresholds.bad.value"},
      {"{flows:{good:{value:bytes}},thresholds:{bad:5}}", "thresholds.bad"},
      {"{groups:{good:{a:['10.0.0.0/8']},bad:{a:['10.0.0.0/99']}}}", "groups.bad.a"},
      {"{maps:{bad:[]}}", "maps.bad"},
      {"{flows:{good:{value:bytes}},topology:[]}", "topology"},
      {"{flows:{good:{value:bytes}},topology:{links:[]}}", "topology.links"},
      {"{flows:{good:{value:bytes}},topology:{links:{l:{node1:a,port1:b,node2:c}}}}", "topology.links.l.port2"},
      {"{flows:{'':{value:bytes}}}", "flows..name"},
  };
  for (const Case& c : kCases) {
    const auto done = load(c.file);
    ASSERT_FALSE(done) << c.file;
    EXPECT_EQ(done.error().attribute, c.attribute) << c.file << ' ' << done.error().text();
    EXPECT_EQ(all(), was) << c.file;
  }
  EXPECT_EQ(published.size(), count);
  EXPECT_EQ(load("{flows:{bad:{keys:'ipsource,nosuch:x',value:bytes}}}").error().position, 9U);
}

TEST_F(Store, Topology) {
  EXPECT_TRUE(store.putTopology(json::parseLenient("{links:{}, extra:{tag:1}}").value()));
  EXPECT_EQ(store.topology(), R"({"links":{},"extra":{"tag":1}})") << "unknown members are kept";
  for (const char* bad : {"[]", "{links:[]}", "{nodes:5}", "'x'", "{a:1}"}) {
    EXPECT_FALSE(store.putTopology(json::parseLenient(bad).value())) << bad;
  }
  EXPECT_EQ(store.topology(), R"({"links":{},"extra":{"tag":1}})");
  EXPECT_EQ(published.back()->topology->json(), store.topology());
  EXPECT_EQ(load("{topology:{link:{}}}").error().attribute, "topology");
  EXPECT_TRUE(store.putTopology(json::parseLenient("{}").value()));
  EXPECT_EQ(store.topology(), "{}");
}

TEST_F(Store, LimitsOnTheNumberOfDefinitions) {
  for (std::size_t i = 0; i < SetKind::kMost; ++i) ASSERT_TRUE(put(Kind::map, "m" + std::to_string(i), "{}"));
  EXPECT_FALSE(put(Kind::map, "one more", "{}"));
  EXPECT_TRUE(put(Kind::map, "m5", "{a:[1]}")) << "replacing is fine";
  store.remove(Kind::map, "m7");
  EXPECT_TRUE(put(Kind::map, "one more", "{}"));

  boost::json::object file;
  boost::json::object& flows = file["flows"].emplace_object();
  for (std::size_t i = 0; i < FlowKind::kMost; ++i) {
    flows["f" + std::to_string(i)] = json::parseLenient("{value:bytes}").value();
  }
  ASSERT_TRUE(store.load(file));
  const auto refused = put(Kind::flow, "one more", "{value:bytes}");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().attribute, "name");
  EXPECT_TRUE(put(Kind::flow, "f5", "{value:frames}"));
  EXPECT_EQ(published.back()->flows.size(), FlowKind::kMost);
  flows["one more"] = json::parseLenient("{value:bytes}").value();
  EXPECT_FALSE(store.load(file));

  file.clear();
  boost::json::object& thresholds = file["thresholds"].emplace_object();
  for (std::size_t i = 0; i < ThresholdKind::kMost; ++i) {
    thresholds["t" + std::to_string(i)] = json::parseLenient("{metric:m,value:1}").value();
  }
  ASSERT_TRUE(store.load(file));
  EXPECT_FALSE(put(Kind::threshold, "one more", "{metric:m,value:1}"));
}

TEST_F(Store, ThresholdThatCannotBeWatchedIsRefused) {
  ASSERT_TRUE(put(Kind::threshold, "before", "{metric:temp, value:1}"));
  for (std::size_t i = 0; i < model::MetricNames::kMaxDynamic; ++i) {
    (void)names.intern("m" + std::to_string(i), model::MetricNames::Origin::user);
  }
  const auto metric = put(Kind::threshold, "late", "{metric:queue_length, value:1}");
  ASSERT_FALSE(metric);
  EXPECT_EQ(metric.error().attribute, "metric");
  EXPECT_NE(metric.error().message.find("\"queue_length\""), std::string::npos) << metric.error().message;
  const auto filter = put(Kind::threshold, "late", "{metric:temp, value:1, filter:{room:'a*'}}");
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().attribute, "filter");
  EXPECT_FALSE(store.get(Kind::threshold, "late"));
  ASSERT_TRUE(put(Kind::threshold, "late", "{metric:'3.temp', value:1, filter:{ifspeed:10}}")) << "known names";
  EXPECT_EQ(published.back()->thresholds.find("late")->slot, 1U) << "what was refused took none";
  const auto tooLong = put(Kind::threshold, "long", "{metric:" + std::string(300, 'x') + ", value:1}");
  ASSERT_FALSE(tooLong);
  EXPECT_NE(tooLong.error().message.find("256"), std::string::npos);
}

TEST_F(Store, Forwarding) {
  ASSERT_TRUE(put(Kind::forwarding, "a", "{address:'192.0.2.1'}"));
  ASSERT_TRUE(put(Kind::forwarding, "b", "{address:'2001:DB8::1',port:'7000',agents:'10.0.0.1,10.0.0.2'}"));
  EXPECT_EQ(store.list(Kind::forwarding),
            R"({"a":{"address":"192.0.2.1","port":6343},)"
            R"("b":{"address":"2001:db8::1","port":7000,"agents":["10.0.0.1","10.0.0.2"]}})");
  EXPECT_EQ(store.get(Kind::forwarding, "a"), R"({"address":"192.0.2.1","port":6343})");
  EXPECT_EQ(published.back()->forwarding.size(), 2U);
  const auto before = published.size();
  ASSERT_TRUE(put(Kind::forwarding, "a", "{address:'192.0.2.1',port:6343}"));
  EXPECT_EQ(published.size(), before) << "identical: nothing happens";
  store.remove(Kind::forwarding, "a");
  EXPECT_EQ(published.back()->forwarding.size(), 1U);
  EXPECT_EQ(store.get(Kind::forwarding, "a"), std::nullopt);
  EXPECT_EQ(put(Kind::forwarding, "x", "{}").error().attribute, "address");
  EXPECT_EQ(put(Kind::forwarding, "x", "{address:'collector.example'}").error().attribute, "address");
  EXPECT_EQ(put(Kind::forwarding, "x", "{address:'192.0.2.1',port:0}").error().attribute, "port");
  EXPECT_EQ(put(Kind::forwarding, "x", "{address:'192.0.2.1',port:65536}").error().attribute, "port");
  EXPECT_EQ(put(Kind::forwarding, "x", "{address:'192.0.2.1',agents:[leaf1]}").error().attribute, "agents");
  EXPECT_TRUE(load("{forwarding:{c:{address:'192.0.2.3'}}}"));
  EXPECT_TRUE(store.get(Kind::forwarding, "c"));
}

TEST_F(Store, HiddenDefinitionsAreInForceAndSeenByNobody) {
  const std::string name = std::string(1, kHiddenMark) + "1";
  ASSERT_TRUE(store.putHidden(name, flow::Definition::fromJson(json::parseLenient("{value:bytes}").value()).value()));
  ASSERT_EQ(published.back()->flows.size(), 1U);
  EXPECT_TRUE(published.back()->flows.begin()->hidden);
  EXPECT_EQ(store.list(Kind::flow), "{}");
  EXPECT_EQ(store.get(Kind::flow, name), std::nullopt);
  EXPECT_FALSE(put(Kind::flow, name, "{value:bytes}")) << "no user can have such a name";
  store.remove(Kind::flow, name);
  EXPECT_TRUE(published.back()->flows.empty());
}

}  // namespace
}  // namespace weir::engine
