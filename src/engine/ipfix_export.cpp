#include "engine/ipfix_export.h"

#include <algorithm>

namespace weir::engine {

namespace {

constexpr const char* kOctets = "bytes";
constexpr const char* kFrames = "frames";

bool counts(const flow::Definition& definition, const char* what) {
  return definition.value == what || std::ranges::find(definition.values, what) != definition.values.end();
}

double totalOf(const flow::CompiledDefinition& compiled, const flow::FlowLogTable::Record& record, const char* what) {
  if (compiled.definition().value == what) return record.total;
  const auto& values = compiled.definition().values;
  const auto found = std::ranges::find(values, what);
  if (found == values.end()) return 0;
  return record.read(compiled.cells(), compiled.firstValue() + static_cast<std::size_t>(found - values.begin()));
}

}  // namespace

std::shared_ptr<const ipfix::FlowExport> ipfixExportOf(const flow::CompiledDefinition& compiled) {
  const flow::Definition& definition = compiled.definition();
  if (definition.ipfixCollectors.empty()) return nullptr;
  // What cannot be exported does not compile, so collectors and keys are in order.
  std::vector<ipfix::Collector> collectors;
  collectors.reserve(definition.ipfixCollectors.size());
  for (const std::string& text : definition.ipfixCollectors) {
    collectors.push_back(ipfix::Collector::parse(text).value());
  }
  std::vector<ipfix::FlowExport::Key> keys;
  const auto places = compiled.keyPlaces();
  keys.reserve(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    keys.push_back({ipfix::findKeyElement(definition.keys[i]), places[i].offset, places[i].width});
  }
  const ipfix::FlowExport::Counts counted{counts(definition, kOctets), counts(definition, kFrames), definition.dropped};
  return std::make_shared<const ipfix::FlowExport>(std::move(collectors), std::move(keys), counted,
                                                   definition.flowStart);
}

ipfix::Record ipfixRecordOf(const FlowEntry& flow, const IpAddress& agent, const wire::DataSource& source,
                            const flow::FlowLogTable::Record& record, Nanos timeOfDayOffset) {
  ipfix::FlowFacts facts;
  facts.key = record.key;
  facts.agent = agent;
  facts.dataSource = source.key();
  facts.start = record.start + timeOfDayOffset;
  facts.end = record.end + timeOfDayOffset;
  facts.octets = totalOf(*flow.compiled, record, kOctets);
  facts.frames = totalOf(*flow.compiled, record, kFrames);
  facts.reason = record.why;
  return {flow.ipfix, facts};
}

}  // namespace weir::engine
