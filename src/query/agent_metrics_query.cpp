#include "query/agent_metrics_query.h"

#include <algorithm>

#include "query/source_metrics.h"

namespace weir::query {

namespace {

/// Writes the members of a data source, separated by commas.
class MemberWriter {
 public:
  explicit MemberWriter(const NameTable& names) : names_(names) {}
  [[nodiscard]] const std::string& textOf(const SourceRecords& source) {
    out_.clear();
    name_ = sourceText(source.key) + '.';
    const std::size_t prefix = name_.size();
    for (const Record& record : source.records) {
      if (!out_.empty()) out_ += ',';
      name_.resize(prefix);
      name_ += names_.list()[record.name];
      appendJsonString(out_, name_);
      out_ += ':';
      appendValue(out_, record);
    }
    return out_;
  }

 private:
  const NameTable& names_;
  std::string out_, name_;
};

}  // namespace

AgentMetricsQuery::AgentMetricsQuery(const AgentMetricsQuestion& question, const Context& context)
    : agent_(question.agent),
      address_(AgentId::parse(question.agent)),
      selector_(AgentSelector::single(question.agent, context.topology)),
      names_(context.names) {}

bool AgentMetricsQuery::visit(ShardView& shard, Partial& partial) const {
  if (address_ && shard.hasAgent(*address_)) partial.known = true;
  return shard.eachSource([&](const SourceView& source) { visit(source, partial); });
}

void AgentMetricsQuery::visit(const SourceView& source, Partial& partial) const {
  if (!selector_.matches(source)) return;
  partial.known = true;
  SourceRecords found;
  found.key = keyOf(source);
  addCounters(source, *names_, found, partial.records);
  addFlows(source, false, found, partial.records);
  partial.records.sources.push_back(std::move(found));
}

void AgentMetricsQuery::merge(Partial& into, Partial&& from) {
  into.known = into.known || from.known;
  into.records.append(std::move(from.records));
}

Outcome<AgentMetricsResult> AgentMetricsQuery::finish(Partial&& partial) const {
  if (!partial.known) return notFound("there is no agent \"" + agent_ + "\"");
  AgentMetricsResult result{std::move(partial.records)};
  std::vector<SourceRecords>& sources = result.records.sources;
  MemberWriter writer(result.records.names);
  sortSources(sources, [&](const SourceRecords& source) { return writer.textOf(source); });
  const auto other = std::ranges::find_if(
      sources, [&](const SourceRecords& source) { return source.key.agent != sources.front().key.agent; });
  sources.erase(other, sources.end());
  return result;
}

void AgentMetricsResult::writeJson(JsonWriter& json) const {
  MemberWriter writer(records.names);
  json.beginObject();
  for (const SourceRecords& source : records.sources) {
    if (!source.records.empty()) json.raw(writer.textOf(source));
  }
  json.endObject();
}

}  // namespace weir::query
