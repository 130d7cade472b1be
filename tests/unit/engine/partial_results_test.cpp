// Two engines, each with half of the agents: their merged partial results are the answers of one with all.
#include <gtest/gtest.h>

#include "ingest/shard.h"
#include "query/encoded.h"
#include "support/captures.h"
#include "support/engine_runner.h"

namespace weir::engine {
namespace {

const char* const kDefinitions =
    "{flows:{pairs:{keys:'ipsource,ipdestination',value:bytes},total:{value:frames},"
    "texts:{keys:'stack,null:vlan:none,or:tcpsourceport:udpsourceport',value:bytes},"
    "wide:{keys:'macsource,macdestination',value:bytes,aggMode:agent},"
    "sizes:{keys:ipdestination,value:'avg:bytes',values:'bytes,count:ipsource,max:bytes'}},"
    "topology:{nodes:{leaf1:{agent:'192.168.0.11',ports:{p4:{ifindex:4}}},spine:{agent:'192.168.0.12'}},"
    "links:{up:{node1:leaf1,port1:p4,node2:spine,port2:swp37},fabric:{node1:leaf1,port1:swp1,node2:spine1,port2:swp1},"
    "dark:{node1:leaf9,port1:p1,node2:spine,port2:p99}}}}";

struct Halves {
  std::shared_ptr<test::Capture> all = std::make_shared<test::Capture>(), one = all, other = all;

  explicit Halves(test::Capture capture) {
    one = std::make_shared<test::Capture>();
    other = std::make_shared<test::Capture>();
    for (const auto& datagram : capture) {
      const bool first = ingest::shardOfDatagram(datagram.payload, datagram.sender, 2) == 0;
      (first ? one : other)->push_back(datagram);
    }
    *all = std::move(capture);
  }
};

class PartialResults : public testing::TestWithParam<unsigned> {
 protected:
  void start(test::Capture capture) {
    const Halves halves(std::move(capture));
    ASSERT_FALSE(halves.one->empty());
    ASSERT_FALSE(halves.other->empty());
    for (auto [engine, part] : {std::pair(&all, halves.all), {&one, halves.one}, {&other, halves.other}}) {
      *engine = test::replayEngine(part, kDefinitions, GetParam());
      ASSERT_TRUE((*engine)->start());
      (*engine)->waitForReplay();
    }
    now = all->now();
  }

  template <class Question>
  std::string partial(Engine& engine, Question question) {
    std::promise<query::Outcome<std::string>> promise;
    auto octets = promise.get_future();
    engine.askPartial(now, std::move(question), [&](auto outcome) { promise.set_value(std::move(outcome)); });
    return octets.get().value_or("");
  }
  /// The result of `first` with the partial result of `second`.
  template <class Question>
  query::Outcome<typename Question::Result> together(Engine& first, Engine& second, Question question) {
    std::promise<query::Outcome<typename Question::Result>> promise;
    auto result = promise.get_future();
    first.askWith({partial(second, question)}, now, question,
                  [&](auto outcome) { promise.set_value(std::move(outcome)); });
    return result.get();
  }

  /// `write` makes text of an outcome.
  template <class Question, class Write>
  void expectSame(const Question& question, Write&& write) {
    const std::string whole = write(test::outcome(*all, question));
    EXPECT_EQ(test::difference(whole, write(together(*one, *other, question))), "") << Question::kName;
    EXPECT_EQ(test::difference(whole, write(together(*other, *one, question))), "") << Question::kName;
    octets += whole.size();
  }
  template <class Question>
  void expectSame(const Question& question) {
    expectSame(question,
               [](const auto& outcome) { return outcome ? query::jsonOf(*outcome) : outcome.error().error.text(); });
  }

  void expectAllQuestions() {
    expectSame(query::AgentsQuestion{});
    expectSame(query::AgentsQuestion{{"TOPOLOGY"}});
    expectSame(query::MetricNamesQuestion{});
    expectSame(query::FlowKeysQuestion{});
    for (const char* agent : {"192.168.0.11", "10.0.0.1", "leaf1", "host1", "nosuch"}) {
      expectSame(query::AgentMetricsQuestion{agent});
    }
    for (const char* agents : {"ALL", "TOPOLOGY", "EDGE", "CORE", "192.168.0.11;spine"}) {
      expectSame(query::MetricQuestion{agents, "max:ifinoctets,sum:ifinoctets,any:ifname,med:ifspeed,pairs,sum:total"});
      expectSame(query::TableQuestion{agents, "ifname,sort:ifinoctets:-7,null:pairs"});
      expectSame(query::TableQuestion{agents, "sort:total,host_name"});
      expectSame(query::DumpQuestion{agents, "ALL"});
      expectSame(query::DumpQuestion{agents, "ifinoctets,sizes", {{"ifspeed", "10000000000"}}});
      for (const char* mode : {"max", "sum", "edge", "core"}) {
        for (const char* flow : {"pairs", "total", "texts", "wide", "sizes", "nosuch"}) {
          expectSame(query::ActiveFlowsQuestion{agents, flow, 1'000, 0, mode});
        }
      }
      for (const char* flow : {"pairs", "texts", "wide"}) expectSame(query::FlowLocationsQuestion{agents, flow});
      expectSame(query::HostLocationsQuestion{"", agents});
    }
    expectSame(query::DumpQuestion{"ALL", "ALL", {}, false, true},
               [](const auto& outcome) { return outcome->prometheusText({"weir_", true}); });
    const auto flows = test::outcome(*all, query::FlowLocationsQuestion{"ALL", "pairs"}).value();
    ASSERT_FALSE(flows.locations.empty());
    for (const query::FlowLocation& flow : flows.locations) {
      expectSame(query::FlowValueQuestion{flow.agent.text(), query::sourceText(flow.source) + ".pairs", flow.key});
    }
    expectSame(query::TopologyStatusQuestion{});
    for (const char* link : {"up", "dark", "fabric", "nosuch"}) {
      expectSame(query::LinkEndsQuestion{link}, [](const auto& outcome) {
        if (!outcome) return outcome.error().error.text();
        std::string text;
        for (const auto& end : outcome->ends) {
          text += end.node + end.port + (end.at ? end.at->agent.text() + std::to_string(end.at->ifIndex) : "-");
        }
        return text;
      });
    }
    // Of the engine itself each tells its own; what its shards counted adds up.
    const auto counted = [](const auto& outcome) {
      std::string text;
      query::Encoder encoder(text);
      const auto add = [&](query::ShardFigures shards) {
        shards.flowTableBytes = 0;  // memory is taken in large pieces
        encoder(shards);
      };
      if constexpr (requires { outcome->faulty; }) {
        add(outcome->counted.shards);
        encoder(outcome->faulty);
      } else {
        add(outcome->shards);
      }
      return text;
    };
    expectSame(query::AnalyzerQuestion{}, counted);
    expectSame(query::HealthQuestion{}, counted);
    EXPECT_GT(octets, 10'000U);
  }

  std::unique_ptr<OwnedEngine> all, one, other;
  Nanos now = 0;
  std::size_t octets = 0;
};

TEST_P(PartialResults, OfTheSimulatedFabric) {
  start(test::simulate(30));
  if (!HasFatalFailure()) expectAllQuestions();
}

TEST_P(PartialResults, OfACapture) {
  const auto path = test::capturePath("ecmp.pcap");
  if (!path) GTEST_SKIP() << "no captures";
  start(test::readCapture(*path));
  if (!HasFatalFailure()) expectAllQuestions();
}

TEST_P(PartialResults, OfOtherQuestionsAreRefused) {
  start(test::simulate(1));
  ASSERT_FALSE(HasFatalFailure());
  std::promise<query::Outcome<query::DumpResult>> promise;
  one->askWith({partial(*other, query::AgentsQuestion{})}, now, query::DumpQuestion{"ALL", "ALL"},
               [&](auto outcome) { promise.set_value(std::move(outcome)); });
  const auto outcome = promise.get_future().get();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().reason, query::Refusal::Reason::invalid);
}

INSTANTIATE_TEST_SUITE_P(Shards, PartialResults, testing::Values(1U, 3U));

}  // namespace
}  // namespace weir::engine
