#include "api/records.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "api/figures.h"

namespace weir::api {

namespace {

constexpr bool kOptional = false;

constexpr MemberDoc kError[] = {
    {"error", "text", "The mistake, and what was expected."},
    {"attribute", "text", "The attribute or parameter with the mistake.", kOptional},
    {"position", "count", "Position of the mistake in the text of the attribute or in the body, in characters from 0.",
     kOptional},
};

constexpr MemberDoc kAnalyzer[] = {
    {"version", "text", "major.minor-build."},
    {"updateAvailable", "boolean", "Always false: weir does not check for updates."},
};  // and its figures

constexpr MemberDoc kLicense[] = {
    {"license", "LicenseTerms", "The terms."},
    {"analyzer", "LicenseUse", "The use that license terms would refer to."},
};
constexpr MemberDoc kLicenseTerms[] = {
    {"type", "text", "`open source`: no limits."},
    {"license", "text", "Apache-2.0."},
    {"product", "text", "weir."},
};
constexpr MemberDoc kLicenseUse[] = {
    {"host", "text", "Name of this machine."},
    {"bps", "number", "sFlow arriving now, bits per second."},
};

constexpr MemberDoc kHealth[] = {
    {"now", "count", "The engine's clock in milliseconds since 1970; in a replay the clock of the capture."},
    {"replay", "boolean", "Telemetry comes from a capture or the demo."},
    {"demo", "boolean", "The telemetry is simulated (`--demo`)."},
    {"replayFinished", "boolean", "The capture has ended."},
    {"port", "count", "UDP port for sFlow, 0 when none is open."},
    {"shards", "count", "Threads that receive sFlow."},
};  // its figures stand between
constexpr MemberDoc kHealthLists[] = {
    {"drops", "Drops", "Drops by reason."},
    {"agentsWithFaults", "AgentFaults[]", ""},
    {"listeners", "Listener[]", "What hears of events, flow records and changed definitions."},
    {"thresholdsAtBound", "ThresholdAtBound[]", "Thresholds by flow that had more flows above their limit than room."},
    {"suspendedFlows", "SuspendedFlow[]",
     "Flow definitions that were suspended: regular expressions that take too long."},
    {"sharedAgentAddresses", "SharedAgentAddress[]", "Agent addresses that several devices have, in the last hour."},
    {"countNothing", "CountsNothing[]", "Definitions that counted nothing so far, though samples came; the first 100."},
};
constexpr MemberDoc kCountsNothing[] = {
    {"kind", "text", "flow or threshold."},
    {"name", "text", ""},
    {"reasons", "text[]", "Its hints, or how many samples came that it does not count."},
};
constexpr MemberDoc kListener[] = {
    {"name", "text", ""},
    {"waiting", "count", "News in its mailbox."},
    {"told", "count", "News that it has handled."},
    {"lost", "count", "News that found its mailbox full."},
};
constexpr MemberDoc kAgentFaults[] = {{"agent", "text", "Name of the agent."}};  // and its figures
constexpr MemberDoc kFigure[] = {
    {"owner", "text", "What counts it: shard, agent, engine, IPFIX exporter, HTTP server."},
    {"name", "text", "Its name there."},
    {"kind", "text", "`counter`, which never falls, or `gauge`."},
    {"unit", "text", ""},
    {"help", "text", "What N of them mean, to be written behind the number."},
    {"analyzer", "text[]", "Its names in /analyzer/json.", kOptional},
    {"prometheus", "text[]", "Its names in /prometheus/analyzer/txt.", kOptional},
    {"health", "text", "Its name in /health/json.", kOptional},
    {"drops", "text", "Its name in `drops` of /health/json.", kOptional},
    {"agentsWithFaults", "text", "Its name in `agentsWithFaults` of /health/json.", kOptional},
    {"severity", "text", "Of what stands in `drops`: `bad` or `warn`; absent where another one of them contains it.",
     kOptional},
};
constexpr MemberDoc kSuspendedFlow[] = {
    {"name", "text", ""},
    {"suspended", "boolean", "Now, for samples of one agent or of all."},
    {"suspensions", "count", ""},
    {"skippedSamples", "count", "Samples that the definition did not look at."},
};
constexpr MemberDoc kSharedAgentAddress[] = {
    {"agent", "text", "The address, and the agent of that name."},
    {"sender", "text", "Where the datagrams of that agent come from."},
    {"others", "text[]", "The other devices, each as the name of its agent: the address, `@` and the sender."},
};
constexpr MemberDoc kThresholdAtBound[] = {
    {"thresholdID", "text", ""},
    {"refusedFlows", "count", "Flows above the limit that had no event: as many larger ones were above it."},
    {"displacedFlows", "count", "Flows that were forgotten for much larger ones; they may have a second event."},
};

constexpr MemberDoc kAgent[] = {
    {"sFlowDatagramSource", "text[]", "Senders of its datagrams, the first few."},
    {"firstSeen", "count", "Milliseconds ago."},
    {"lastSeen", "count", "Milliseconds ago."},
    {"uptime", "count", "Uptime of the agent in milliseconds."},
    {"sFlowDatagramsReceived", "count", ""},
    {"sFlowDatagramsLost", "count", "By sequence number, as the next two."},
    {"sFlowDatagramsOutOfOrder", "count", ""},
    {"sFlowDatagramsDuplicates", "count", ""},
    {"sFlowFlowSamples", "count", ""},
    {"sFlowFlowLostSamples", "count", ""},
    {"sFlowFlowOutOfOrderSamples", "count", ""},
    {"sFlowFlowDuplicateSamples", "count", ""},
    {"sFlowFlowDatasources", "count", "Data sources that send flow samples."},
    {"sFlowFlowDrops", "count", "Samples that the agent reports as dropped."},
    {"sFlowCounterSamples", "count", ""},
    {"sFlowCounterLostSamples", "count", ""},
    {"sFlowCounterOutOfOrderSamples", "count", ""},
    {"sFlowCounterDuplicateSamples", "count", ""},
    {"sFlowCounterDatasources", "count", ""},
    {"sFlowNotificationSamples", "count", "Notifications of dropped packets."},
    {"sFlowNotificationLostSamples", "count", ""},
    {"sFlowNotificationOutOfOrderSamples", "count", ""},
    {"sFlowNotificationDuplicateSamples", "count", ""},
    {"sFlowNotificationDatasources", "count", ""},
    {"sFlowNotificationDrops", "count", ""},
};

constexpr MemberDoc kMetricSummary[] = {
    {"metricName", "text", "As requested, with operation and data source."},
    {"metricN", "count", "Number of values summarised."},
    {"metricValue", "number|text", "Absent when nothing matched.", kOptional},
    {"agent", "text", "Of the value, with max, min and any.", kOptional},
    {"dataSource", "text", "Of the value.", kOptional},
    {"lastUpdate", "count", "Of the value, milliseconds ago.", kOptional},
    {"lastUpdateMin", "count", "Age of the newest value.", kOptional},
    {"lastUpdateMax", "count", "Age of the oldest value.", kOptional},
    {"topKeys", "TopKey[]", "Of a flow metric, largest first.", kOptional},
    {"quartiles", "Quartiles", "With med, q1, q2, q3 and iqr.", kOptional},
};
constexpr MemberDoc kQuartiles[] = {
    {"min", "number", ""}, {"q1", "number", ""}, {"med", "number", ""}, {"q3", "number", ""}, {"max", "number", ""},
};
constexpr MemberDoc kMetric[] = {
    {"agent", "text", "Address."},
    {"dataSource", "text", "ifIndex, or class.index."},
    {"metricName", "text", "Without its data source."},
    {"metricValue", "number|text", "Absent in a `null:` column without a value.", kOptional},
    {"lastUpdate", "count", "Milliseconds ago.", kOptional},
    {"topKeys", "TopKey[]", "Of a flow metric, largest first.", kOptional},
};
constexpr MemberDoc kTopKey[] = {
    {"key", "text", "Parts of the key, joined by the definition's fs."},
    {"value", "number", "Per second, now."},
    {"lastUpdate", "count", "Milliseconds ago."},
    {"values", "number[]", "Additional values of the definition.", kOptional},
};

constexpr MemberDoc kFlowBody[] = {
    {"value", "text",
     "What is counted: bytes, frames, a numeric key, or a function of one: avg:ipttl, count:ipsource."},
    {"keys", "text|text[]", "Flow keys and key functions, a comma list or an array; none: one total.", kOptional},
    {"values", "text|text[]", "Additional values.", kOptional},
    {"filter", "text", "Filter for samples.", kOptional},
    {"n", "number|text", "Largest flows kept for each data source, 5 to 1,000; 5.", kOptional},
    {"t", "number|text", "Smoothing time in seconds, 0.2 to 600; 2.", kOptional},
    {"fs", "text", "Separator of the parts of a key; a comma.", kOptional},
    {"log", "boolean|text", "Finished flows go into the flow log; false.", kOptional},
    {"flowStart", "boolean|text", "Log a flow when it begins instead; false.", kOptional},
    {"activeTimeout", "number|text", "Seconds after which a record of an active flow is logged; 60.", kOptional},
    {"dropped", "boolean|text", "Count notifications of dropped packets instead of samples; false.", kOptional},
    {"ipfixCollectors", "text|text[]", "Collectors for flow records as IPFIX, host or host:port; none.", kOptional},
    {"aggMode", "text",
     "AGENT: one table of flows per agent; edge: one for all packets that enter the topology; default: one per data "
     "source.",
     kOptional},
};
constexpr MemberDoc kFlow[] = {
    {"keys", "text", "A comma list."},
    {"value", "text", ""},
    {"values", "text", "A comma list.", kOptional},
    {"filter", "text", "", kOptional},
    {"n", "count", ""},
    {"t", "number", ""},
    {"fs", "text", ""},
    {"log", "boolean", ""},
    {"flowStart", "boolean", ""},
    {"activeTimeout", "number", ""},
    {"dropped", "boolean", "", kOptional},
    {"ipfixCollectors", "text[]", "As given.", kOptional},
    {"aggMode", "text", "", kOptional},
};
constexpr MemberDoc kActiveFlow[] = {
    {"key", "text", "Parts of the key, joined by the definition's fs."},
    {"value", "number", "Per second, now."},
    {"flowN", "count", "Number of data sources with this flow."},
    {"agent", "text", "Where it is largest."},
    {"dataSource", "text", "Where it is largest."},
    {"node", "text", "That agent's node in the topology, else its host name.", kOptional},
    {"port", "text", "Name of that port.", kOptional},
    {"link", "text", "Link of the topology that ends at that port.", kOptional},
    {"values", "number[]", "Additional values of the definition.", kOptional},
};
constexpr MemberDoc kFlowValue[] = {
    {"agent", "text", ""},   {"dataSource", "text", ""},
    {"key", "text", ""},     {"lastUpdate", "count", "Milliseconds ago."},
    {"value", "number", ""},
};
constexpr MemberDoc kFlowLocation[] = {
    {"agent", "text", ""},
    {"dataSource", "text", ""},
    {"key", "text", ""},
    {"value", "number", ""},
};
constexpr MemberDoc kTopologyStatus[] = {
    {"nodes", "count", "In the topology."},
    {"links", "count", ""},
    {"unmonitoredNodes", "text[]", "Nodes without an agent."},
    {"unmonitoredLinks", "text[]", "Links without an agent at either end."},
    {"linksWithOneEnd", "text[]", "Links with an agent at one end only."},
    {"linksDown", "text[]", "Links with an end that is down."},
    {"hostAgents", "count", "Agents that are hosts at the edge of the topology: servers that send sFlow."},
    {"unknownAgents", "text[]", "Addresses of other agents that are not in the topology."},
};
constexpr MemberDoc kHostLocation[] = {
    {"mac", "text", "Twelve hex digits."},
    {"node", "text", "Of the topology.", kOptional},
    {"port", "text", "Its name.", kOptional},
    {"agent", "text", ""},
    {"ifindex", "text", ""},
    {"vlan", "text", "If packets are tagged or the agent reports the VLAN.", kOptional},
    {"ipaddress", "text", "Address of the host; absent for a router.", kOptional},
    {"ip6address", "text", "", kOptional},
    {"lastUpdate", "count", "Milliseconds since the last packet of the host."},
};
constexpr MemberDoc kLinkEnd[] = {
    {"node", "text", ""},
    {"port", "text", ""},
    {"agent", "text", "If this end sends telemetry.", kOptional},
    {"ifindex", "text", "", kOptional},
    {"metrics", "MetricSummary[]", "One for each requested metric."},
};
constexpr MemberDoc kFlowRecord[] = {
    {"flowID", "count", "Increasing over all flows."},
    {"name", "text", "Of the definition."},
    {"agent", "text", ""},
    {"dataSource", "text", ""},
    {"flowKeys", "text", "Parts of the key, joined by the definition's fs."},
    {"value", "number", "Total of the record, not a rate."},
    {"start", "count", "Milliseconds since 1970."},
    {"end", "count", "Milliseconds since 1970."},
    {"values", "number[]", "Additional values of the definition.", kOptional},
};
constexpr MemberDoc kFlowExplained[] = {
    {"definition", "Flow", "With defaults filled in."},
    {"keys", "KeyExplained[]", ""},
    {"value", "text", "What is counted."},
    {"values", "text[]", "Additional values."},
    {"filter", "FilterExplained", "Absent when there is none.", kOptional},
    {"program", "text[]", "The compiled program, a line a step."},
    {"hints", "text[]", "Probable mistakes: misspelt names, values that never occur, ignored members."},
    {"example", "FlowExample", "What it counts now."},
};
constexpr MemberDoc kThresholdExplained[] = {
    {"definition", "Threshold", "With defaults filled in."},
    {"hints", "text[]", "Probable mistakes: no such metric, byFlow on a counter, members that are ignored."},
};
constexpr MemberDoc kHints[] = {
    {"hints", "text[]", "Probable mistakes in body and parameters."},
};
constexpr MemberDoc kKeyExplained[] = {
    {"key", "text", "As written."},
    {"types", "text[]", "Possible types of its value; none: it never has a value."},
};
constexpr MemberDoc kFilterExplained[] = {
    {"all", "FilterExplained[]", "True if all of them are true.", kOptional},
    {"any", "FilterExplained[]", "True if one of them is true.", kOptional},
    {"left", "text", "A comparison: the key or key function.", kOptional},
    {"operator", "text", "= != ~ !~", kOptional},
    {"right", "text[]", "The values or patterns.", kOptional},
};
constexpr MemberDoc kFlowExample[] = {
    {"seconds", "number", "Duration of the count, on the engine's clock."},
    {"flows", "ActiveFlow[]", "The largest flows; data sources combined by max."},
    {"total", "count", "Number of flows that there are."},
    {"leftOut", "count", "Number of these that are not shown."},
    {"note", "text", "Reason why there are no flows.", kOptional},
};

constexpr MemberDoc kThresholdBody[] = {
    {"metric", "text", "Metric or flow; a data source prefix limits it to that data source."},
    {"value", "number|text", "The limit, in the unit of the metric."},
    {"filter", "{any}", "Filter for data sources: metric → values, with wildcards.", kOptional},
    {"byFlow", "boolean|text", "An event for each flow above the limit; false.", kOptional},
    {"timeout", "number|text", "Seconds below the limit before it may fire again; 2.", kOptional},
};
constexpr MemberDoc kThreshold[] = {
    {"metric", "text", ""},
    {"value", "number", ""},
    {"byFlow", "boolean", ""},
    {"timeout", "number", "Seconds."},
    {"filter", "{text[]}", "", kOptional},
};
constexpr MemberDoc kEvent[] = {
    {"eventID", "count", "Increases by 1 over all thresholds."},
    {"timestamp", "count", "Milliseconds since 1970."},
    {"thresholdID", "text", "Name of the threshold."},
    {"metric", "text", "Without data source."},
    {"threshold", "number", "The limit."},
    {"value", "number", "What crossed it."},
    {"agent", "text", ""},
    {"dataSource", "text", ""},
    {"node", "text", "The agent's node in the topology, else its host name.", kOptional},
    {"port", "text", "Name of the port.", kOptional},
    {"link", "text", "Link of the topology that ends at the port.", kOptional},
    {"flowKey", "text", "Of a flow metric: the flow.", kOptional},
    {"values", "number[]", "Additional values of the flow.", kOptional},
};

constexpr MemberDoc kTopology[] = {
    {"links", "{Link}", "Name → link.", kOptional},
    {"nodes", "{Node}", "Name → node; without nodes, the names that agents report are used.", kOptional},
};
constexpr MemberDoc kLink[] = {
    {"node1", "text", "", kOptional},
    {"port1", "text", "", kOptional},
    {"node2", "text", "", kOptional},
    {"port2", "text", "", kOptional},
};
constexpr MemberDoc kNode[] = {
    {"agent", "text", "sFlow agent address.", kOptional},
    {"ports", "{any}", "Name → {ifindex, …}.", kOptional},
};
constexpr MemberDoc kForwarding[] = {
    {"address", "text", "Address to send datagrams to."},
    {"port", "count", "UDP port; 6343."},
    {"agents", "text[]", "Only datagrams of these agents.", kOptional},
};
constexpr MemberDoc kForwardingBody[] = {
    {"address", "text", "Address to send datagrams to."},
    {"port", "number|text", "UDP port; 6343.", kOptional},
    {"agents", "text|text[]", "Only datagrams of these agents; all.", kOptional},
};
constexpr MemberDoc kScript[] = {{"alive", "boolean", ""}};
constexpr MemberDoc kApp[] = {{"scripts", "text[]", ""}, {"entry", "text", "Path of its pages.", kOptional}};

/// The members of an answer: its figures stand between the others.
std::vector<MemberDoc> joined(std::span<const MemberDoc> first, const std::vector<MemberDoc>& figures,
                              std::span<const MemberDoc> last = {}) {
  std::vector<MemberDoc> members(first.begin(), first.end());
  members.insert(members.end(), figures.begin(), figures.end());
  members.insert(members.end(), last.begin(), last.end());
  return members;
}

std::vector<RecordDoc> allRecords() {
  static const std::vector<MemberDoc> analyzer = joined(kAnalyzer, figureMembers(&Figure::analyzer));
  static const std::vector<MemberDoc> health = joined(kHealth, figureMembers(&Figure::health), kHealthLists);
  static const std::vector<MemberDoc> drops = figureMembers(&Figure::drops);
  static const std::vector<MemberDoc> agentFaults = joined(kAgentFaults, agentFigureMembers());
  return {
      {"Error", "Body of every error answer.", kError},
      {"Analyzer", "Counters count from the start of the program.", analyzer},
      {"License", "", kLicense},
      {"LicenseTerms", "", kLicenseTerms},
      {"LicenseUse", "", kLicenseUse},
      {"Health", "Counters count from the start of the program.", health},
      {"Drops", "Counters count from the start of the program.", drops},
      {"AgentFaults", "Those of its faults that are above 0.", agentFaults},
      {"Figure", "A counter or gauge of the program itself.", kFigure},
      {"Listener", "", kListener},
      {"ThresholdAtBound", "", kThresholdAtBound},
      {"SuspendedFlow", "", kSuspendedFlow},
      {"SharedAgentAddress", "", kSharedAgentAddress},
      {"CountsNothing", "", kCountsNothing},
      {"Agent", "What is known of one sFlow agent.", kAgent},
      {"MetricSummary", "One summary statistic.", kMetricSummary},
      {"Quartiles", "", kQuartiles},
      {"Metric", "One value of one data source.", kMetric},
      {"TopKey", "One of the largest flows of a flow metric.", kTopKey},
      {"FlowBody", "A flow definition; other members are ignored.", kFlowBody, true},
      {"Flow", "A flow definition, defaults filled in.", kFlow},
      {"FlowExplained", "", kFlowExplained},
      {"KeyExplained", "", kKeyExplained},
      {"FilterExplained", "Either all, or any, or a comparison.", kFilterExplained},
      {"FlowExample", "", kFlowExample},
      {"ActiveFlow", "", kActiveFlow},
      {"FlowValue", "", kFlowValue},
      {"FlowLocation", "", kFlowLocation},
      {"FlowRecord", "A flow that ended, or began with flowStart.", kFlowRecord},
      {"ThresholdBody", "A threshold; other members are ignored.", kThresholdBody, true},
      {"Threshold", "A threshold, defaults filled in.", kThreshold},
      {"ThresholdExplained", "", kThresholdExplained},
      {"Hints", "With the parameter hints=yes.", kHints},
      {"Event", "A threshold was crossed.", kEvent},
      {"Topology", "Returned as it was set.", kTopology, true},
      {"TopologyStatus", "", kTopologyStatus},
      {"HostLocation", "", kHostLocation},
      {"LinkEnd", "", kLinkEnd},
      {"Link", "", kLink, true},
      {"Node", "", kNode, true},
      {"ForwardingBody", "A relay; other members are ignored.", kForwardingBody, true},
      {"Forwarding", "A relay of the datagrams received.", kForwarding},
      {"Script", "", kScript, true},
      {"App", "", kApp},
  };
}

struct PlainType {
  std::string_view name, schema;
};
constexpr PlainType kPlain[] = {
    {"text", R"({"type":"string"})"},
    {"integer", R"({"type":"integer"})"},
    {"count", R"({"type":"integer","minimum":0})"},
    {"number", R"({"type":"number"})"},
    {"boolean", R"({"type":"boolean"})"},
    {"any", "{}"},
};

}  // namespace

std::span<const RecordDoc> records() {
  static const std::vector<RecordDoc> kRecords = allRecords();
  return kRecords;
}

const RecordDoc* findRecord(std::string_view name) {
  const auto found = std::ranges::find(records(), name, &RecordDoc::name);
  return found == records().end() ? nullptr : &*found;
}

void writeSchema(JsonWriter& json, std::string_view type) {
  if (type.starts_with('{') && type.ends_with('}')) {
    json.beginObject().member("type", "object").key("additionalProperties");
    writeSchema(json, type.substr(1, type.size() - 2));
    json.endObject();
  } else if (const auto bar = type.find('|'); bar != std::string_view::npos) {
    json.beginObject().key("anyOf").beginArray();
    writeSchema(json, type.substr(0, bar));
    writeSchema(json, type.substr(bar + 1));
    json.endArray().endObject();
  } else if (type.ends_with("[]")) {
    json.beginObject().member("type", "array").key("items");
    writeSchema(json, type.substr(0, type.size() - 2));
    json.endObject();
  } else if (const auto* plain = std::ranges::find(kPlain, type, &PlainType::name); plain != std::end(kPlain)) {
    json.raw(plain->schema);
  } else {
    json.beginObject().member("$ref", "#/components/schemas/" + std::string(type)).endObject();
  }
}

void writeSchema(JsonWriter& json, const RecordDoc& record) {
  json.beginObject().member("type", "object");
  if (!record.doc.empty()) json.member("description", record.doc);
  json.key("required").beginArray();
  for (const MemberDoc& member : record.members) {
    if (member.required) json.string(member.name);
  }
  json.endArray();
  json.key("properties").beginObject();
  for (const MemberDoc& member : record.members) {
    json.key(member.name);
    if (member.doc.empty()) {
      writeSchema(json, member.type);
      continue;
    }
    // A schema is an object: the description joins it.
    std::string schema;
    JsonWriter own(schema);
    writeSchema(own, member.type);
    std::string described = R"({"description":)";
    appendJsonString(described, member.doc);
    if (schema.size() > 2)
      described += "," + schema.substr(1);
    else
      described += "}";
    json.raw(described);
  }
  json.endObject();
  json.member("additionalProperties", record.open);
  json.endObject();
}

}  // namespace weir::api
