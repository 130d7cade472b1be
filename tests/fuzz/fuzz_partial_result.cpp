// Any octets as the partial result of another engine: what is accepted is merged and written.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "query/active_flows_query.h"
#include "query/agent_metrics_query.h"
#include "query/agents_query.h"
#include "query/dump_query.h"
#include "query/encoded.h"
#include "query/flow_keys_query.h"
#include "query/flow_locations_query.h"
#include "query/flow_value_query.h"
#include "query/health_query.h"
#include "query/host_locations_query.h"
#include "query/metric_names_query.h"
#include "query/metric_query.h"
#include "query/table_query.h"
#include "query/topology_status_query.h"

namespace {

using namespace weir;
using namespace weir::query;

class NoEngine final : public EngineView {
 public:
  EngineState state() const override { return {}; }
  EngineFigures figures(std::uint64_t) override { return {}; }
  std::vector<CountsNothing> countNothing(const std::vector<Uncounted>&, const std::vector<Uncounted>&) const override {
    return {};
  }
};

struct World {
  World() {
    // Keys of every shape: texts, choices, layers, addresses of either family, parts joined.
    const boost::json::value body = boost::json::parse(
        R"({"keys":"stack,uri:httpurl:host,or:ip6source:ipsource,if:vlan:1:ipsource:ip6source,concat:-:macsource:stack",)"
        R"("value":"bytes","values":"avg:ipttl,max:bytes"})");
    flow = flow::CompiledDefinition::compile("f", flow::Definition::fromJson(body).value()).value();
    context = {1'000'000'000 * kSecond, &names, std::make_shared<model::Topology>(), &engine,
               [this](std::string_view) { return flow; }};
  }
  model::MetricNames names;
  NoEngine engine;
  std::shared_ptr<const flow::CompiledDefinition> flow;
  Context context;
};

template <class Question>
void take(const Question& question, std::string body) {
  static const World world;
  using Query = typename Question::Query;
  const Query asked = Query::prepare(question, world.context).value();
  std::string octets;
  encodeHead(octets, Question::kName);
  auto partial = weir::query::decode(asked, octets + body);
  if (!partial) return;
  // It reads back as it was written.
  if (!weir::query::decode(asked, encode<Query>(*partial))) std::abort();
  auto copy = *partial;
  asked.merge(*partial, std::move(copy));
  const auto result = asked.finish(std::move(*partial));
  if (!result) return;
  (void)jsonOf(*result);
  if constexpr (requires { result->prometheusText({}); }) (void)result->prometheusText({});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)decodeHead(body, "dump");
  switch (*data % 13) {
    case 0:
      return take(MetricQuestion{"ALL", "max:a,sum:a,iqr:b"}, body), 0;
    case 1:
      return take(TableQuestion{"ALL", "a,sort:b:-2"}, body), 0;
    case 2:
      return take(DumpQuestion{"ALL", "ALL"}, body), 0;
    case 3:
      return take(AgentMetricsQuestion{"a"}, body), 0;
    case 4:
      return take(MetricNamesQuestion{}, body), 0;
    case 5:
      return take(AgentsQuestion{}, body), 0;
    case 6:
      return take(FlowKeysQuestion{}, body), 0;
    case 7:
      return take(ActiveFlowsQuestion{"ALL", "f", 10, 0, "core"}, body), 0;
    case 8:
      return take(FlowValueQuestion{"a", "1.f"}, body), 0;
    case 9:
      return take(FlowLocationsQuestion{"ALL", "f"}, body), 0;
    case 10:
      return take(HostLocationsQuestion{}, body), 0;
    case 11:
      return take(TopologyStatusQuestion{}, body), 0;
    default:
      return take(HealthQuestion{}, body), 0;
  }
}
