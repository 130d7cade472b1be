#include "api/records.h"

#include <algorithm>
#include <iterator>

namespace weir::api {

namespace {

constexpr bool kOptional = false;

constexpr MemberDoc kError[] = {
    {"error", "text", "What is wrong, and what was expected."},
    {"attribute", "text", "The attribute or parameter at fault.", kOptional},
    {"position", "count", "0-based character in the text of that attribute, or of the body.", kOptional},
};

constexpr MemberDoc kAnalyzer[] = {
    {"version", "text", "major.minor-build."},
    {"updateAvailable", "boolean", "Always false: nobody is asked."},
    {"uptime", "count", "Milliseconds since the start."},
    {"sFlowAgents", "count", "Agents known."},
    {"sFlowBytesReceived", "count", "Octets of UDP payload."},
    {"sFlowDatagramsReceived", "count", "Good and bad ones, replayed ones too."},
    {"sFlowDatagramsDiscarded", "count", "Lost at the sockets because the program was too slow."},
    {"sFlowParseErrors", "count", "Datagrams with anything malformed in them."},
    {"sFlowUnsupportedVersion", "count", "Datagrams of a version other than 2, 4 and 5."},
    {"flowsGenerated", "count", "Records ever put into the flow log."},
    {"flowsLost", "count", "Always 0."},
    {"eventsGenerated", "count", "Events ever put into the event log."},
    {"eventsLost", "count", "Always 0."},
    {"ipfixMessagesSent", "count", "Datagrams of IPFIX, templates included."},
    {"ipfixRecordsSent", "count", "Flow records in them, once for each collector."},
    {"ipfixRecordsLost", "count", "Not sent: a collector without address, records faster than the network takes them."},
    {"httpConnectionsCurrent", "count", "Connections open."},
    {"httpConnectionsTotal", "count", "Connections ever accepted."},
    {"httpMessagesReceived", "count", "Requests."},
    {"httpMessagesSent", "count", "Answers."},
    {"httpBytesReceived", "count", "Octets."},
    {"httpBytesSent", "count", "Octets."},
    {"httpStreamsCurrent", "count", "Streams open."},
    {"httpStreamsCut", "count", "Streams ended because their reader was too slow."},
    {"availableProcessors", "count", "Cores."},
    {"heapMax", "count", "Octets of memory that the machine has."},
    {"heapUsed", "count", "Octets of memory that the process holds."},
    {"threadCount", "count", "Threads."},
    {"threadDaemonCount", "count", "The same: there is one kind of thread."},
    {"threadTotalStartedCount", "count", "The same."},
    {"gcCount", "count", "Always 0."},
    {"gcTime", "count", "Always 0."},
    {"cpuTime", "count", "Milliseconds of processor time."},
    {"cpuLoadProcess", "number", "Part of the machine's processors in use by this process, 0 to 1."},
    {"cpuLoadSystem", "number", "The same by all processes."},
    {"memTotal", "count", "Octets."},
    {"memFree", "count", "Octets."},
};

constexpr MemberDoc kLicense[] = {
    {"license", "LicenseTerms", "The terms."},
    {"analyzer", "LicenseUse", "What they would apply to."},
};
constexpr MemberDoc kLicenseTerms[] = {
    {"type", "text", "`open source`: there is nothing to buy and no limit."},
    {"license", "text", "Apache-2.0."},
    {"product", "text", "weir."},
};
constexpr MemberDoc kLicenseUse[] = {
    {"host", "text", "Name of this machine."},
    {"bps", "number", "sFlow arriving now, bits per second."},
};

constexpr MemberDoc kHealth[] = {
    {"now", "count", "The engine's clock, milliseconds since 1970: in a replay the capture's."},
    {"replay", "boolean", "Telemetry comes from a capture or the demo."},
    {"demo", "boolean", "It is the demo: nothing of it is real."},
    {"replayFinished", "boolean", "The capture is at its end."},
    {"port", "count", "UDP port for sFlow, 0 when none is open."},
    {"shards", "count", "Threads that take telemetry."},
    {"agents", "count", ""},
    {"dataSources", "count", ""},
    {"datagrams", "count", ""},
    {"bytes", "count", ""},
    {"flowSamples", "count", ""},
    {"counterSamples", "count", ""},
    {"discardSamples", "count", ""},
    {"forwardedDatagrams", "count", "Sent on by /forwarding."},
    {"flowTableBytes", "count", "Memory of the flow tables."},
    {"drops", "{count}", "What was dropped, by reason."},
    {"agentsWithFaults", "AgentFaults[]", ""},
    {"listeners", "Listener[]", "What hears of events, flow records and changed definitions."},
    {"thresholdsAtBound", "ThresholdAtBound[]", "Thresholds by flow that had more flows above their limit than room."},
};
constexpr MemberDoc kListener[] = {
    {"name", "text", ""},
    {"waiting", "count", "News in its mailbox."},
    {"told", "count", "News that it has handled."},
    {"lost", "count", "News that found its mailbox full."},
};
constexpr MemberDoc kAgentFaults[] = {{"agent", "text", "Its address; the other members count its faults."}};
constexpr MemberDoc kThresholdAtBound[] = {
    {"thresholdID", "text", ""},
    {"refusedFlows", "count", "Flows above the limit that had no event: as many larger ones were above it."},
    {"displacedFlows", "count", "Flows that were forgotten for much larger ones; they may have a second event."},
};

constexpr MemberDoc kAgent[] = {
    {"sFlowDatagramSource", "text[]", "Where its datagrams came from, the first few."},
    {"firstSeen", "count", "Milliseconds ago."},
    {"lastSeen", "count", "Milliseconds ago."},
    {"uptime", "count", "Of the agent, milliseconds."},
    {"sFlowDatagramsReceived", "count", ""},
    {"sFlowDatagramsLost", "count", "By sequence number, as the three behind it."},
    {"sFlowDatagramsOutOfOrder", "count", ""},
    {"sFlowDatagramsDuplicates", "count", ""},
    {"sFlowFlowSamples", "count", ""},
    {"sFlowFlowLostSamples", "count", ""},
    {"sFlowFlowOutOfOrderSamples", "count", ""},
    {"sFlowFlowDuplicateSamples", "count", ""},
    {"sFlowFlowDatasources", "count", "Data sources that send flow samples."},
    {"sFlowFlowDrops", "count", "Samples that the agent dropped, as it says."},
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
    {"metricName", "text", "As asked for, operation and data source included."},
    {"metricN", "count", "Values that were summarised."},
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
    {"key", "text", "Key parts, joined by the definition's fs."},
    {"value", "number", "Per second, now."},
    {"lastUpdate", "count", "Milliseconds ago."},
    {"values", "number[]", "Additional values of the definition.", kOptional},
};

constexpr MemberDoc kFlowBody[] = {
    {"value", "text",
     "What is counted: bytes, frames, a numeric key, or a function of one: avg:ipttl, count:ipsource."},
    {"keys", "text|text[]", "Flow keys and key functions, a comma list or an array; none: one total.", kOptional},
    {"values", "text|text[]", "Additional values.", kOptional},
    {"filter", "text", "Which samples count.", kOptional},
    {"n", "number|text", "Largest flows kept for each data source, 5 to 1,000; 5.", kOptional},
    {"t", "number|text", "Smoothing time in seconds, 0.2 to 600; 2.", kOptional},
    {"fs", "text", "What joins key parts; a comma.", kOptional},
    {"log", "boolean|text", "Finished flows go into the flow log; false.", kOptional},
    {"flowStart", "boolean|text", "Log a flow when it begins instead; false.", kOptional},
    {"activeTimeout", "number|text", "Seconds after which a flow that goes on is logged; 60.", kOptional},
    {"dropped", "boolean|text", "Count notifications of dropped packets instead of samples; false.", kOptional},
    {"ipfixCollectors", "text|text[]", "Where to send flow records as IPFIX, host or host:port; nowhere.", kOptional},
    {"aggMode", "text",
     "AGENT or edge: one table of flows for an agent, or for all that enters the topology; for each data source.",
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
    {"key", "text", "Key parts, joined by the definition's fs."},
    {"value", "number", "Per second, now."},
    {"flowN", "count", "Data sources that see it."},
    {"agent", "text", "Where it is largest."},
    {"dataSource", "text", "Where it is largest."},
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
    {"unmonitoredNodes", "text[]", "No agent tells of them."},
    {"unmonitoredLinks", "text[]", "No agent tells of either end."},
    {"linksWithOneEnd", "text[]", "Telemetry comes from one end only."},
    {"linksDown", "text[]", "An end says that it is down."},
    {"hostAgents", "count", "Agents that are no node, but hosts at its edge: servers that send sFlow."},
    {"unknownAgents", "text[]", "Addresses of other agents that are no node."},
};
constexpr MemberDoc kHostLocation[] = {
    {"mac", "text", "Twelve hex digits."},
    {"node", "text", "Of the topology.", kOptional},
    {"port", "text", "Its name.", kOptional},
    {"agent", "text", ""},
    {"ifindex", "text", ""},
    {"vlan", "text", "Where packets are tagged, or the agent says it.", kOptional},
    {"ipaddress", "text", "That the host has; absent of a router.", kOptional},
    {"ip6address", "text", "", kOptional},
    {"lastUpdate", "count", "Milliseconds since it was heard."},
};
constexpr MemberDoc kLinkEnd[] = {
    {"node", "text", ""},
    {"port", "text", ""},
    {"agent", "text", "Where telemetry comes from this end.", kOptional},
    {"ifindex", "text", "", kOptional},
    {"metrics", "MetricSummary[]", "One for each that was asked for."},
};
constexpr MemberDoc kFlowRecord[] = {
    {"flowID", "count", "Increasing over all flows."},
    {"name", "text", "Of the definition."},
    {"agent", "text", ""},
    {"dataSource", "text", ""},
    {"flowKeys", "text", "Key parts, joined by the definition's fs."},
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
    {"hints", "text[]",
     "What is legal but hardly meant: misspelt names, values that never occur, members that are not read."},
    {"example", "FlowExample", "What it counts now."},
};
constexpr MemberDoc kKeyExplained[] = {
    {"key", "text", "As written."},
    {"types", "text[]", "What its values can be; none: it never has a value."},
};
constexpr MemberDoc kFilterExplained[] = {
    {"all", "FilterExplained[]", "Holds when all of them do.", kOptional},
    {"any", "FilterExplained[]", "Holds when one of them does.", kOptional},
    {"left", "text", "A comparison: the key or key function.", kOptional},
    {"operator", "text", "= != ~ !~", kOptional},
    {"right", "text[]", "The values or patterns.", kOptional},
};
constexpr MemberDoc kFlowExample[] = {
    {"seconds", "number", "How long was counted, by the engine's clock."},
    {"flows", "ActiveFlow[]", "The largest, all data sources merged by max."},
    {"note", "text", "Why there is nothing to show.", kOptional},
};

constexpr MemberDoc kThresholdBody[] = {
    {"metric", "text", "Metric or flow; a data source before it limits it to that one."},
    {"value", "number|text", "The limit, in the unit of the metric."},
    {"filter", "{any}", "Metric → values, wildcards allowed; of the data source.", kOptional},
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
    {"flowKey", "text", "Of a flow metric: the flow.", kOptional},
    {"values", "number[]", "Additional values of the flow.", kOptional},
};

constexpr MemberDoc kTopology[] = {
    {"links", "{Link}", "Name → link.", kOptional},
    {"nodes", "{Node}", "Name → node; where it is missing, names are those that agents report.", kOptional},
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
    {"address", "text", "Where datagrams are sent to: an address."},
    {"port", "count", "UDP port; 6343."},
    {"agents", "text[]", "Only datagrams of these agents.", kOptional},
};
constexpr MemberDoc kForwardingBody[] = {
    {"address", "text", "Where datagrams are sent to: an address."},
    {"port", "number|text", "UDP port; 6343.", kOptional},
    {"agents", "text|text[]", "Only datagrams of these agents; all.", kOptional},
};
constexpr MemberDoc kScript[] = {{"alive", "boolean", ""}};
constexpr MemberDoc kApp[] = {{"scripts", "text[]", ""}, {"entry", "text", "Path of its pages.", kOptional}};

constexpr RecordDoc kRecords[] = {
    {"Error", "The body of every refusal.", kError},
    {"Analyzer", "Counters count from the start of the program.", kAnalyzer},
    {"License", "", kLicense},
    {"LicenseTerms", "", kLicenseTerms},
    {"LicenseUse", "", kLicenseUse},
    {"Health", "Counters count from the start of the program.", kHealth},
    {"AgentFaults", "", kAgentFaults, true},
    {"Listener", "", kListener},
    {"ThresholdAtBound", "", kThresholdAtBound},
    {"Agent", "What is known of one sFlow agent.", kAgent},
    {"MetricSummary", "One summary statistic.", kMetricSummary},
    {"Quartiles", "", kQuartiles},
    {"Metric", "One value of one data source.", kMetric},
    {"TopKey", "One of the largest flows of a flow metric.", kTopKey},
    {"FlowBody", "A flow definition as people write it; other members are ignored.", kFlowBody, true},
    {"Flow", "A flow definition, defaults filled in.", kFlow},
    {"FlowExplained", "", kFlowExplained},
    {"KeyExplained", "", kKeyExplained},
    {"FilterExplained", "Either all, or any, or a comparison.", kFilterExplained},
    {"FlowExample", "", kFlowExample},
    {"ActiveFlow", "", kActiveFlow},
    {"FlowValue", "", kFlowValue},
    {"FlowLocation", "", kFlowLocation},
    {"FlowRecord", "A flow that ended, or began with flowStart.", kFlowRecord},
    {"ThresholdBody", "A threshold as people write it; other members are ignored.", kThresholdBody, true},
    {"Threshold", "A threshold, defaults filled in.", kThreshold},
    {"Event", "A threshold was crossed.", kEvent},
    {"Topology", "Kept and answered as it was put.", kTopology, true},
    {"TopologyStatus", "", kTopologyStatus},
    {"HostLocation", "", kHostLocation},
    {"LinkEnd", "", kLinkEnd},
    {"Link", "", kLink, true},
    {"Node", "", kNode, true},
    {"ForwardingBody", "A relay as people write it; other members are ignored.", kForwardingBody, true},
    {"Forwarding", "A relay of the datagrams received.", kForwarding},
    {"Script", "", kScript, true},
    {"App", "", kApp},
};

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
  return kRecords;
}

const RecordDoc* findRecord(std::string_view name) {
  const auto* found = std::ranges::find(kRecords, name, &RecordDoc::name);
  return found == std::end(kRecords) ? nullptr : found;
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
