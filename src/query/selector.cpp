#include "query/selector.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_writer.h"
#include "query/context.h"
#include "query/port_view.h"

namespace weir::query {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool sameIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Calls item(text, position) for each part between separators that is not empty; stops when it answers false.
template <class Item>
void splitList(std::string_view text, Item&& item) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(",;", at), text.size());
    const std::string_view part = trimmed(text.substr(at, end - at));
    if (!part.empty() && !item(part, static_cast<std::size_t>(part.data() - text.data()))) return;
    at = end + 1;
  }
}

template <class Number>
std::optional<Number> wholeNumber(std::string_view text) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<wire::DataSource> parseSource(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == text.npos) {
    const auto index = wholeNumber<std::uint32_t>(text);
    return index ? std::optional(wire::DataSource{0, *index}) : std::nullopt;
  }
  const auto cls = wholeNumber<std::uint32_t>(text.substr(0, dot));
  const auto index = wholeNumber<std::uint32_t>(text.substr(dot + 1));
  return cls && index ? std::optional(wire::DataSource{*cls, *index}) : std::nullopt;
}

constexpr std::array<std::string_view, 12> kOperations = {"max", "min", "sum", "avg", "var", "sdev",
                                                          "med", "q1",  "q2",  "q3",  "iqr", "any"};

std::unexpected<Error> bad(std::string message, std::size_t position) {
  return fail(std::move(message), "metric", position);
}

// `sort:name`, `sort:name:n`, `sort:name:-`, `null:name`.
Expected<std::string_view> parseColumn(std::string_view text, std::size_t position, MetricItem& item) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return text;
  const std::string_view prefix = text.substr(0, colon);
  std::string_view rest = text.substr(colon + 1);
  if (prefix == "null") {
    item.optional = true;
    return rest;
  }
  if (prefix != "sort") return bad("expected a metric, `sort:metric:n` or `null:metric`", position);
  item.sort = true;
  if (const std::size_t second = rest.rfind(':'); second != rest.npos) {
    const std::string_view rows = rest.substr(second + 1);
    const auto limit = rows == "-" ? std::optional(-MetricItem::kAllRows) : wholeNumber<long>(rows);
    if (!limit)
      return bad("expected a whole number of rows, or a - for all, behind `sort:metric:`",
                 position + colon + 2 + second);
    item.limit = *limit;
    rest = rest.substr(0, second);
  }
  return rest;
}

Expected<std::string_view> parseOperation(std::string_view text, std::size_t position, ListKind kind,
                                          MetricItem& item) {
  if (kind == ListKind::table) return parseColumn(text, position, item);
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return text;
  if (kind == ListKind::dump) return bad("expected a metric without an operation", position);
  const auto* at = std::find(kOperations.begin(), kOperations.end(), text.substr(0, colon));
  if (at == kOperations.end())
    return bad("unknown operation; expected max, min, sum, avg, var, sdev, med, q1, q2, q3, iqr or any", position);
  item.operation = static_cast<Operation>(at - kOperations.begin());
  return text.substr(colon + 1);
}

}  // namespace

SourceKey keyOf(const SourceView& view) {
  SourceKey key;
  key.agent = view.agent;
  key.custom = !view.customSource.empty();
  if (key.custom) {
    key.name = view.customSource;
  } else {
    key.source = view.source;
  }
  return key;
}

namespace {
void appendNumber(std::string& out, std::uint32_t number) {
  char buffer[12];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}
void appendSource(std::string& out, const wire::DataSource& source) {
  if (source.cls != 0) {
    appendNumber(out, source.cls);
    out += '.';
  }
  appendNumber(out, source.index);
}
}  // namespace

std::string sourceText(const SourceKey& key) {
  return key.custom ? key.name : sourceText(key.source);
}

std::string sourceText(const wire::DataSource& source) {
  std::string out;
  appendSource(out, source);
  return out;
}

bool MetricRef::read(const SourceView& view, Value& out) const {
  out.isFlow = false;
  if (id != model::kNoMetric && view.counters != nullptr && view.counters->value(id, out.metric)) return true;
  if (view.flows == nullptr) return false;
  FlowMetric flow;
  if (!view.flows->flowMetric(name, false, flow)) return false;
  out.metric.setNumber(flow.value);
  out.metric.updated = flow.updated;
  out.isFlow = true;
  return true;
}

bool MetricRef::readHost(const SourceView& view, Nanos now, Value& out) const {
  static const model::MetricId kHostName = model::metricTable().find("host_name");
  out.isFlow = false;
  if (id == model::kNoMetric) return false;
  if (view.host != nullptr && view.host->value(id, out.metric)) return true;
  if (id != kHostName || view.topology == nullptr) return false;
  const PortView port(view);
  model::PortNames names = port.names();
  if (!port.isPort()) names.ifIndex = 0;  // the index of a host or container is no ifIndex
  const std::string_view node = view.topology->nodeAt(names);
  out.metric.setText(node);
  out.metric.updated = now;
  return !node.empty();
}

void AgentSelector::add(std::string_view item) {
  if (const auto agent = AgentId::parse(item)) {
    addresses_.push_back(*agent);
    return;
  }
  const AgentId agent = topology_->agentOfNode(item);
  if (agent != AgentId()) addresses_.push_back(agent);
  hostNames_.push_back(lowered(item));
}

Expected<AgentSelector> AgentSelector::parse(std::string_view text, std::shared_ptr<const model::Topology> topology) {
  AgentSelector selector;
  selector.topology_ = std::move(topology);
  bool any = false;
  splitList(text, [&](std::string_view item, std::size_t) {
    any = true;
    if (sameIgnoringCase(item, "ALL"))
      selector.all_ = true;
    else if (sameIgnoringCase(item, "TOPOLOGY"))
      selector.topologyAgents_ = true;
    else if (sameIgnoringCase(item, "EDGE"))
      selector.edge_ = true;
    else if (sameIgnoringCase(item, "CORE"))
      selector.core_ = true;
    else
      selector.add(item);
    return true;
  });
  if (!any) return fail("expected ALL, TOPOLOGY, EDGE, CORE, addresses or host names", "agent", 0);
  std::sort(selector.addresses_.begin(), selector.addresses_.end());
  std::sort(selector.hostNames_.begin(), selector.hostNames_.end());
  return selector;
}

AgentSelector AgentSelector::single(std::string_view text, std::shared_ptr<const model::Topology> topology) {
  AgentSelector selector;
  selector.topology_ = std::move(topology);
  selector.add(trimmed(text));
  return selector;
}

bool AgentSelector::matches(const SourceView& view) const {
  if (all_) return true;
  if (!addresses_.empty() && std::binary_search(addresses_.begin(), addresses_.end(), view.agent)) return true;
  if ((topologyAgents_ || edge_ || core_) && matchesTopology(view)) return true;
  if (hostNames_.empty() || view.host == nullptr) return false;
  static const model::MetricId hostName = model::metricTable().find("host_name");
  model::MetricValue name;
  return view.host->value(hostName, name) && name.isText &&
         std::binary_search(hostNames_.begin(), hostNames_.end(), lowered(name.text()));
}

bool AgentSelector::matchesTopology(const SourceView& view) const {
  const PortView port(view);
  const model::PortNames names = port.names();
  if (!topology_->hasAgent(names.agent, names.hostName)) return false;
  if (topologyAgents_) return true;
  return port.isPort() && (topology_->linkAt(names) != nullptr ? core_ : edge_);
}

bool includesPlace(const AgentSelector& selector, const SourceView& source, const FlowAtSource& flow) {
  if (selector.includesEdge()) return true;
  SourceView place = source;
  place.agent = flow.agent;
  place.source = flow.source;
  return selector.matches(place);
}

bool SourceRef::matches(const SourceView& view) const {
  if (!view.customSource.empty()) return view.customSource == text;
  return source && view.source == *source;
}

Expected<MetricList> MetricList::parse(std::string_view text, ListKind kind, const model::MetricNames& names) {
  MetricList list;
  std::optional<Error> error;
  bool sorted = false;
  splitList(text, [&](std::string_view part, std::size_t position) {
    if (kind == ListKind::dump && sameIgnoringCase(part, "ALL")) {
      list.all = true;
      return true;
    }
    MetricItem item;
    item.text = part;
    const auto rest = parseOperation(part, position, kind, item);
    if (!rest) {
      error = rest.error();
      return false;
    }
    std::string_view name = *rest;
    if (const std::size_t dot = name.rfind('.'); dot != name.npos) {
      SourceRef source{std::string(name.substr(0, dot)), parseSource(name.substr(0, dot))};
      if (source.text.empty()) {
        error = Error{"expected a data source before `.`", "metric", position};
        return false;
      }
      item.source = std::move(source);
      name = name.substr(dot + 1);
    }
    if (name.empty()) {
      error = Error{"expected the name of a metric", "metric", position};
      return false;
    }
    if (item.sort && std::exchange(sorted, true)) {
      error = Error{"expected one `sort:` at most", "metric", position};
      return false;
    }
    item.metric = {std::string(name), names.find(name)};
    list.items.push_back(std::move(item));
    return true;
  });
  if (error) return std::unexpected(*error);
  if (list.items.empty() && !list.all) return bad("expected the name of a metric", 0);
  return list;
}

Expected<Filter> Filter::parse(const Parameters& parameters, const model::MetricNames& names) {
  Filter filter;
  for (const auto& [name, value] : parameters) {
    if (name.empty()) return fail("expected the name of a metric before `=`", "filter", 0);
    auto at = std::find_if(filter.conditions_.begin(), filter.conditions_.end(),
                           [&name = name](const Condition& c) { return c.metric.name == name; });
    if (at == filter.conditions_.end()) at = filter.conditions_.insert(at, Condition{{name, names.find(name)}, {}});
    at->patterns.push_back({value, wholeNumber<double>(value)});
  }
  return filter;
}

Expected<Selection> Selection::parse(std::string_view agents, std::string_view metrics, const Parameters& filter,
                                     ListKind kind, const Context& context) {
  auto selector = AgentSelector::parse(agents, context.topology);
  if (!selector) return std::unexpected(selector.error());
  auto list = MetricList::parse(metrics, kind, *context.names);
  if (!list) return std::unexpected(list.error());
  auto conditions = Filter::parse(filter, *context.names);
  if (!conditions) return std::unexpected(conditions.error());
  return Selection{std::move(*selector), std::move(*list), std::move(*conditions)};
}

bool Filter::Pattern::matches(const model::MetricValue& value) const {
  if (value.isText) {
    if (wildcardMatch(text, value.text())) return true;
    if (!number) return false;
    const auto other = wholeNumber<double>(value.text());
    return other && *other == *number;
  }
  if (number) return *number == value.number;
  std::string shown;
  appendJsonNumber(shown, value.number);
  return wildcardMatch(text, shown);
}

bool Filter::passes(const SourceView& view) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    Value value;
    if (!condition.metric.read(view, value) && !condition.metric.readHost(view, 0, value)) return false;
    return std::any_of(condition.patterns.begin(), condition.patterns.end(),
                       [&](const Pattern& pattern) { return pattern.matches(value.metric); });
  });
}

bool wildcardMatch(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = pattern.npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace weir::query
