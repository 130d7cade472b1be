// Partial results as octets: what is decoded merges as what was encoded, and hostile octets are refused.
#include <boost/json/parse.hpp>
#include <random>

#include "query/active_flows_query.h"
#include "query/agent_metrics_query.h"
#include "query/agents_query.h"
#include "query/analyzer_query.h"
#include "query/dump_query.h"
#include "query/encoded.h"
#include "query/flow_keys_query.h"
#include "query/flow_locations_query.h"
#include "query/flow_value_query.h"
#include "query/health_query.h"
#include "query/host_locations_query.h"
#include "query/link_ends_query.h"
#include "query/metric_names_query.h"
#include "query/metric_query.h"
#include "query/table_query.h"
#include "query/topology_status_query.h"
#include "query_test.h"

namespace weir::query {
namespace {

/// Fills plain values with whatever they may hold. A callable for fields().
class Filler {
 public:
  explicit Filler(std::uint32_t seed) : random_(seed) {}
  template <class... T>
  void operator()(T&... values) {
    (fill(values), ...);
  }
  std::size_t below(std::size_t end) { return random_() % end; }

 private:
  template <std::unsigned_integral T>
  void fill(T& value) {
    value = static_cast<T>((std::uint64_t{random_()} << 32 | random_()) >> below(64));
  }
  void fill(bool& value) { value = below(2) == 1; }
  void fill(std::int64_t& value) { value = 1'000 * kSecond - static_cast<std::int64_t>(below(500)) * kMillisecond; }
  void fill(double& value) { value = static_cast<double>(below(20)) / (1 + static_cast<double>(below(7))); }
  void fill(std::string& text) {
    text.clear();
    for (std::size_t n = below(6); n > 0; --n) text += "ab\n\"\xff\0"[below(6)];
  }
  void fill(IpAddress& address) {
    address = {};
    const char* const texts[] = {"10.0.0.1", "10.0.0.2", "FE80::1", "::"};
    if (const std::size_t i = below(5); i < 4) address = *IpAddress::parse(texts[i]);
  }
  void fill(wire::DataSource& source) {
    source = {static_cast<std::uint32_t>(below(3)), static_cast<std::uint32_t>(below(3))};
  }
  void fill(flow::ValueCells::Reading& reading) { (*this)(reading.value, reading.weight); }
  void fill(model::SequenceCounts& counts) {
    (*this)(counts.lost, counts.outOfOrder, counts.duplicates, counts.restarts);
  }
  void fill(std::monostate&) {}
  template <HasFields T>
  void fill(T& value) {
    T::fields(value, *this);
  }
  template <class A, class B>
  void fill(std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (below(2) == 1) fill(value.emplace());
  }
  template <class... T>
  void fill(std::variant<T...>& value) {
    const std::size_t index = below(sizeof...(T));
    std::size_t i = 0;
    ((i++ == index ? fill(value.template emplace<T>()) : void()), ...);
  }
  template <class T, std::size_t n>
  void fill(std::array<T, n>& values) {
    for (T& value : values) fill(value);
  }
  template <class T>
  void fill(std::vector<T>& values) {
    values.clear();
    for (std::size_t n = below(4); n > 0; --n) fill(values.emplace_back());
  }
  template <class Set>
    requires requires(Set& set) { set.insert(typename Set::key_type()); }
  void fill(Set& values) {
    values.clear();
    for (std::size_t n = below(4); n > 0; --n) {
      typename Set::key_type value{};
      fill(value);
      values.insert(std::move(value));
    }
  }
  template <class K, class V>
  void fill(std::map<K, V>& values) {
    values.clear();
    for (std::size_t n = below(4); n > 0; --n) {
      std::pair<K, V> entry{};
      fill(entry);
      values.insert(std::move(entry));
    }
  }

  std::minstd_rand random_;
};

class NoEngine final : public EngineView {
 public:
  EngineState state() const override { return {}; }
  EngineFigures figures(std::uint64_t) override { return {}; }
  std::vector<CountsNothing> countNothing(const std::vector<Uncounted>&, const std::vector<Uncounted>&) const override {
    return {};
  }
};

class EncodingTest : public QueryTest {
 protected:
  EncodingTest() {
    topology("{nodes:{a:{agent:'10.0.0.1'}},links:{ab:{node1:a,port1:x,node2:b,port2:y}}}");
    definition_ = *flow::CompiledDefinition::compile(
        "f", *flow::Definition::fromJson(
                 boost::json::parse(R"({"keys":"ipsource,tcpsourceport","value":"bytes","values":"avg:ipttl"})")));
  }

  template <class Question>
  auto prepare(const Question& question) {
    Context asked = context();
    asked.engine = &engine_;
    asked.flow = [this](std::string_view) { return definition_; };
    return Question::Query::prepare(question, asked).value();
  }

  template <class Query>
  static std::string merged(const Query& query, typename Query::Partial a, typename Query::Partial b) {
    query.merge(a, std::move(b));
    auto result = query.finish(std::move(a));
    if (!result) return result.error().error.text();
    std::string out;
    if constexpr (std::is_same_v<Query, LinkEndsQuery>) {
      for (const auto& end : result->ends) out += end.at ? end.at->agent.text() + std::to_string(end.at->ifIndex) : "-";
    } else if constexpr (std::is_same_v<Query, AnalyzerQuery>) {
      Encoder encoder(out);
      encoder(result->shards);
    } else {
      out = jsonOf(*result);
    }
    return out;
  }

  /// `adjust` makes of any values such as the query has.
  template <class Question, class Adjust>
  void test(const Question& question, Adjust&& adjust) {
    using Query = typename Question::Query;
    const Query query = prepare(question);
    for (std::uint32_t seed = 1; seed < 300; ++seed) {
      Filler filler(seed);
      typename Query::Partial a{}, b{};
      filler(a, b);
      adjust(a, filler);
      adjust(b, filler);
      const std::string octetsA = encode<Query>(a), octetsB = encode<Query>(b);
      const auto decodedA = decode(query, octetsA), decodedB = decode(query, octetsB);
      ASSERT_TRUE(decodedA) << decodedA.error().text();
      ASSERT_TRUE(decodedB) << decodedB.error().text();
      EXPECT_EQ(encode<Query>(*decodedA), octetsA) << seed;
      EXPECT_EQ(merged(query, *decodedA, *decodedB), merged(query, a, b)) << seed;
      expectDamageIsHarmless(query, octetsA, filler);
      if (HasFailure()) return;
    }
  }
  template <class Question>
  void test(const Question& question) {
    test(question, [](auto&, auto&) {});
  }

  template <class Query>
  static void expectDamageIsHarmless(const Query& query, const std::string& octets, Filler& filler) {
    EXPECT_FALSE(decode(query, std::string_view(octets).substr(0, filler.below(octets.size()))));
    EXPECT_FALSE(decode(query, octets + '\0'));
    std::string damaged = octets;
    damaged[filler.below(damaged.size())] ^= static_cast<char>(1 << filler.below(8));
    if (auto decoded = decode(query, damaged)) (void)merged(query, *decoded, *decoded);
  }

  static void nameAll(RecordList& list, Filler& filler) {
    const std::uint32_t one = list.names.placeOf("one"), other = list.names.placeOf("other");
    for (SourceRecords& source : list.sources) {
      for (Record& record : source.records) record.name = filler.below(2) == 0 ? one : other;
    }
  }

  NoEngine engine_;
  std::shared_ptr<const flow::CompiledDefinition> definition_;
};

TEST_F(EncodingTest, Metric) {
  test(MetricQuestion{"ALL", "max:a,sum:a,any:b,iqr:c"}, [](MetricQuery::Partial& partial, Filler& filler) {
    if (partial.summaries.empty()) return;
    partial.summaries.resize(4);
    for (const std::size_t i : {0U, 2U}) partial.summaries[i].numbers.clear();
    for (const std::size_t i : {1U, 3U}) partial.summaries[i].chosen.reset();
    for (auto& summary : partial.summaries) summary.count = 1 + filler.below(3);
  });
}

TEST_F(EncodingTest, Dump) {
  test(DumpQuestion{"ALL", "ALL"}, nameAll);
}

TEST_F(EncodingTest, Table) {
  const auto threeColumns = [](RecordList& rows, Filler& filler) {
    for (SourceRecords& row : rows.sources) row.records.resize(3);
    nameAll(rows, filler);
  };
  test(TableQuestion{"ALL", "a,sort:b,c"}, threeColumns);
  test(TableQuestion{"ALL", "a,sort:b:-2,c"}, threeColumns);
}

TEST_F(EncodingTest, AgentMetrics) {
  test(AgentMetricsQuestion{"x"},
       [](AgentMetricsQuery::Partial& partial, Filler& filler) { nameAll(partial.records, filler); });
}

TEST_F(EncodingTest, MetricNames) {
  test(MetricNamesQuestion{},
       [](MetricNamesQuery::Partial& partial, Filler&) { partial.newest.resize(partial.names.size()); });
}

TEST_F(EncodingTest, ActiveFlows) {
  const auto adjust = [&](ActiveFlowsQuery::Partial& partial, Filler& filler) {
    for (FlowContribution& part : partial.flows) {
      part.key.assign(definition_->keySize(), static_cast<char>(filler.below(3)));
      part.values.resize(2);
    }
  };
  for (const char* mode : {"max", "sum", "core"}) test(ActiveFlowsQuestion{"ALL", "f", 3, 0, mode}, adjust);
}

TEST_F(EncodingTest, TheOthers) {
  test(AgentsQuestion{});
  test(FlowKeysQuestion{});
  test(FlowValueQuestion{"a", "1.f"});
  test(FlowLocationsQuestion{"ALL", "f"});
  test(HostLocationsQuestion{});
  test(LinkEndsQuestion{"ab"});
  test(TopologyStatusQuestion{});
  test(AnalyzerQuestion{});
  test(HealthQuestion{});
}

TEST_F(EncodingTest, NumbersAreBigEndianBehindAHead) {
  DumpQuery::Partial partial;
  SourceRecords source;
  source.key.agent = address("10.0.0.1");
  source.key.source = {2, 1};
  source.records.push_back({partial.names.placeOf("m"), 258, 1.0, {}});
  partial.sources.push_back(source);
  using namespace std::string_literals;
  EXPECT_EQ(encode<DumpQuery>(partial),
            "weirq\2"s
            "\0\0\0\4dump"s
            "\0\0\0\1"s
            "\0\0\0\1m"s  // names
            "\0\0\0\1"s
            "\4\x0a\0\0\1"s  // the agent's address
            "\0"s            // and no sender
            "\0"s
            "\0\0\0\2\0\0\0\1"s
            "\0\0\0\0"s  // the data source
            "\0\0\0\0"s  // it has no other names
            "\0\0\0\1"s
            "\0\0\0\0"s
            "\0\0\0\0\0\0\1\2"s  // a record
            "\1\x3f\xf0\0\0\0\0\0\0"s
            "\0\0\0\0"s);
}

TEST_F(EncodingTest, WhatCannotBeMergedIsRefused) {
  const auto why = [&](const auto& query, std::string_view octets) {
    const auto decoded = decode(query, octets);
    return decoded ? std::string("nothing") : decoded.error().message;
  };
  const DumpQuery dump = prepare(DumpQuestion{"ALL", "ALL"});
  const MetricQuery metric = prepare(MetricQuestion{"ALL", "a,b"});
  const ActiveFlowsQuery active = prepare(ActiveFlowsQuestion{"ALL", "f"});
  EXPECT_EQ(why(dump, ""), "expected a partial result of weir");
  EXPECT_EQ(why(dump, "weirq"), "expected a partial result of weir");
  EXPECT_EQ(why(dump, encode<MetricQuery>({})), "expected the partial result of another question");
  std::string next = encode<DumpQuery>({});
  next[5] = 3;
  EXPECT_EQ(why(dump, next), "expected version 2 of partial results, not 3");
  const std::string other = "the partial result is of another question or of other definitions";
  RecordList list;
  list.sources.emplace_back().records.emplace_back().name = 1;
  EXPECT_EQ(why(dump, encode<DumpQuery>(list)), other) << "a record without a name";
  MetricQuery::Partial one;
  one.summaries.emplace_back();
  EXPECT_EQ(why(metric, encode<MetricQuery>(one)), other) << "of one metric, not two";
  EXPECT_EQ(why(active, encode<ActiveFlowsQuery>({.flows = {{"short", {}, {}, {{1, 1}, {1, 1}}}}})), other);
  const std::string key(definition_->keySize(), '\0');
  EXPECT_EQ(why(active, encode<ActiveFlowsQuery>({.flows = {{key, {}, {}, {{1, 1}, {1, 1}}}}})), "nothing");
  EXPECT_EQ(why(active, encode<ActiveFlowsQuery>({.flows = {{key, {}, {}, {{1, 1}}}}})), other) << "too few values";
  EXPECT_EQ(why(active, encode<ActiveFlowsQuery>({.flows = {{key, {}, {}, {{1e200, 1}, {1, 1}}}}})), other);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(why(active, encode<ActiveFlowsQuery>({.flows = {{key, {}, {}, {{nan, 1}, {1, 1}}}}})),
            "the partial result is damaged");
  list.sources[0].records[0] = {0, std::numeric_limits<Nanos>::min(), 1.0, {}};
  (void)list.names.placeOf("m");
  EXPECT_EQ(why(dump, encode<DumpQuery>(list)), "the partial result is damaged") << "no such time";
}

TEST_F(EncodingTest, ALengthAloneTakesNoMemory) {
  const FlowLocationsQuery query = prepare(FlowLocationsQuestion{"ALL", "f"});
  std::string octets = encode<FlowLocationsQuery>({});
  octets.replace(octets.size() - 4, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(decode(query, octets));
  octets += std::string(1'000, '\0');
  EXPECT_FALSE(decode(query, octets));
}

}  // namespace
}  // namespace weir::query
