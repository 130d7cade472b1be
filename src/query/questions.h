#pragma once
#include <variant>

#include "query/active_flows_question.h"
#include "query/agent_metrics_question.h"
#include "query/agents_question.h"
#include "query/analyzer_question.h"
#include "query/dump_question.h"
#include "query/flow_keys_question.h"
#include "query/flow_locations_question.h"
#include "query/flow_value_question.h"
#include "query/health_question.h"
#include "query/host_locations_question.h"
#include "query/link_ends_question.h"
#include "query/metric_names_question.h"
#include "query/metric_question.h"
#include "query/table_question.h"
#include "query/topology_status_question.h"

namespace weir::query {

/// Everything that the engine can be asked.
using AnyAsked = std::variant<Asked<AgentsQuestion>, Asked<MetricNamesQuestion>, Asked<AgentMetricsQuestion>,
                              Asked<MetricQuestion>, Asked<TableQuestion>, Asked<DumpQuestion>, Asked<FlowKeysQuestion>,
                              Asked<ActiveFlowsQuestion>, Asked<FlowValueQuestion>, Asked<FlowLocationsQuestion>,
                              Asked<HostLocationsQuestion>, Asked<LinkEndsQuestion>, Asked<TopologyStatusQuestion>,
                              Asked<AnalyzerQuestion>, Asked<HealthQuestion>>;

}  // namespace weir::query
