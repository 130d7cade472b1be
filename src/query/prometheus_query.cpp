#include "query/prometheus_query.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace weir::query {

namespace {

constexpr std::uint32_t kPortClass = 0, kVirtualClass = 3;

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string sanitised(std::string_view name) {
  std::string out(name);
  std::ranges::replace_if(out, [](char c) { return !isNameCharacter(c); }, '_');
  return out;
}

void addLabel(std::string& labels, std::string_view name, std::string_view value) {
  labels.append(labels.empty() ? "" : ",").append(name).append("=\"");
  const auto* at = reinterpret_cast<const unsigned char*>(value.data());
  for (const auto* end = at + value.size(); at < end;) {
    const std::size_t octets = utf8Length(at, end);
    if (octets == 0) {  // readers refuse what is not UTF-8
      labels += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    if (*at == '\n') {
      labels += "\\n";
    } else {
      if (*at == '\\' || *at == '"') labels += '\\';
      labels.append(reinterpret_cast<const char*>(at), octets);
    }
    at += octets;
  }
  labels += '"';
}

/// A name that no numbered data source has (metrics.md 10), and that stays itself as a label: else a hostile agent
/// could make a series stand twice.
bool isCustomName(std::string_view name) {
  const auto* at = reinterpret_cast<const unsigned char*>(name.data());
  if (name.empty() || !((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z')) return false;
  for (const auto* end = at + name.size(); at < end;) {
    const std::size_t octets = utf8Length(at, end);
    if (octets == 0) return false;
    at += octets;
  }
  return true;
}

/// `field` of a name whose fields stand between underscores.
std::string_view fieldOf(std::string_view name, unsigned field) {
  for (; field > 0; --field) {
    const auto end = name.find('_');
    if (end == std::string_view::npos) return {};
    name.remove_prefix(end + 1);
  }
  return name.substr(0, name.find('_'));
}

/// `<service>.<25 characters>.<25 characters>`: the service, else empty.
std::string_view swarmService(std::string_view name) {
  constexpr std::size_t kId = 25;
  const std::size_t tail = 2 * (kId + 1);
  if (name.size() <= tail) return {};
  const std::string_view ids = name.substr(name.size() - tail);
  const auto isId = [](std::string_view id) { return id[0] == '.' && id.find('.', 1) == std::string_view::npos; };
  return isId(ids.substr(0, kId + 1)) && isId(ids.substr(kId + 1)) ? name.substr(0, name.size() - tail)
                                                                   : std::string_view();
}

/// False: a container that only holds the network of a pod, which nobody wants to see.
bool addVirtualLabels(std::string& labels, std::string_view name) {
  if (name.starts_with("k8s_POD_")) return false;
  if (name.starts_with("k8s_")) {
    addLabel(labels, "k8s_name", fieldOf(name, 1));
    addLabel(labels, "k8s_namespace", fieldOf(name, 3));
  } else if (const auto service = swarmService(name); !service.empty()) {
    addLabel(labels, "swarm_name", service);
  } else {
    addLabel(labels, "vir_host", name);
  }
  return true;
}

bool textOf(const model::CounterState* counters, model::MetricId id, model::MetricValue& value) {
  return counters != nullptr && id != model::kNoMetric && counters->value(id, value) && value.isText;
}

}  // namespace

/// Writes the lines of one data source.
class PrometheusQuery::Writer {
 public:
  Writer(const PrometheusQuery& query, Partial& partial, Lines& lines, std::string labels)
      : query_(query), partial_(partial), lines_(lines), labels_(std::move(labels)) {}

  void line(model::MetricId id, const model::MetricValue& value) {
    if (value.isText || id == model::kNoMetric) return;
    const auto [name, fresh] = partial_.names.try_emplace(id);
    if (fresh) name->second = query_.exported_.prefix + sanitised(query_.names_->name(id));
    if (isTwice(id, name->second)) return;
    std::string& out = lines_.text;
    out.append(name->second).append("{").append(labels_).append("} ");
    appendJsonNumber(out, value.number);
    out += '\n';
    lines_.lines.push_back({id, static_cast<std::uint32_t>(out.size())});
  }

 private:
  /// Asked for twice, or two names that look alike once they are sanitised. All of a table's are fine as they are.
  [[nodiscard]] bool isTwice(model::MetricId id, const std::string& name) {
    const bool listed = !query_.metrics_.all;
    altered_ = altered_ || name.size() != query_.exported_.prefix.size() + query_.names_->name(id).size() ||
               !name.ends_with(query_.names_->name(id));
    if (!listed && !altered_) return false;
    return std::ranges::any_of(lines_.lines, [&](const Lines::Line& line) {
      return line.metric == id || (altered_ && partial_.names.at(line.metric) == name);
    });
  }

  const PrometheusQuery& query_;
  Partial& partial_;
  Lines& lines_;
  std::string labels_;
  bool altered_ = false;
};

PrometheusQuery::PrometheusQuery(AgentSelector agents, MetricList metrics, Filter filter,
                                 const model::MetricNames& names, std::shared_ptr<const model::Topology> topology,
                                 ExportNames exported)
    : agents_(std::move(agents)),
      metrics_(std::move(metrics)),
      filter_(std::move(filter)),
      names_(&names),
      topology_(std::move(topology)),
      exported_(std::move(exported)),
      hostName_(names.find("host_name")),
      ifName_(names.find("ifname")),
      virtualHost_(names.find("vir_host_name")) {
  exported_.prefix = sanitised(exported_.prefix);
  // A name may not begin with a digit.
  if (exported_.prefix.empty() || (exported_.prefix[0] >= '0' && exported_.prefix[0] <= '9')) {
    exported_.prefix.insert(exported_.prefix.begin(), '_');
  }
}

void PrometheusQuery::visit(const SourceView& view, Partial& partial) const {
  if (view.counters == nullptr || !agents_.matches(view) || !filter_.passes(view)) return;
  const bool numbered = view.customSource.empty();
  if (!numbered && !isCustomName(view.customSource)) return;
  std::string labels, source;
  addLabel(labels, "agent", view.agent.text());
  appendSourceText(source, view);
  addLabel(labels, "datasource", source);
  model::MetricValue text;
  if (textOf(view.host, hostName_, text)) {
    addLabel(labels, "host", text.text());
  } else {
    model::PortNames agent;  // and none of its ports: the node, if it is the only one
    agent.agent = view.agent;
    if (const auto node = topology_->nodeAt(agent); !node.empty()) addLabel(labels, "host", node);
  }
  if (numbered && view.source.cls == kPortClass && textOf(view.counters, ifName_, text)) {
    addLabel(labels, "ifname", text.text());
  }
  if (numbered && view.source.cls == kVirtualClass && textOf(view.counters, virtualHost_, text) &&
      !addVirtualLabels(labels, text.text())) {
    return;
  }
  Lines lines;
  // The next data source is likely to need as much as the last one.
  if (!partial.sources.empty()) lines.text.reserve(partial.sources.back().text.size() + 64);
  Writer writer(*this, partial, lines, std::move(labels));
  if (metrics_.all) {
    view.counters->forEach([&](model::MetricId id, const model::MetricValue& value) { writer.line(id, value); });
  } else {
    for (const MetricItem& item : metrics_.items) {
      model::MetricValue value;
      if (item.source && !item.source->matches(view)) continue;
      if (view.counters->value(item.metric.id, value)) writer.line(item.metric.id, value);
    }
  }
  if (lines.lines.empty()) return;
  lines.key = keyOf(view);
  partial.sources.push_back(std::move(lines));
}

void PrometheusQuery::merge(Partial& into, Partial&& from) {
  into.names.merge(from.names);
  std::move(from.sources.begin(), from.sources.end(), std::back_inserter(into.sources));
}

std::string PrometheusQuery::write(Partial partial) const {
  std::ranges::sort(partial.sources, {}, &Lines::key);
  // Places of the lines of each metric, metrics by name.
  std::map<std::string_view, std::vector<std::string_view>> metrics;
  std::size_t octets = 0;
  for (const Lines& lines : partial.sources) {
    std::size_t begin = 0;
    for (const Lines::Line& line : lines.lines) {
      metrics[partial.names.at(line.metric)].push_back(std::string_view(lines.text).substr(begin, line.end - begin));
      begin = line.end;
    }
    octets += lines.text.size();
  }
  std::string out;
  out.reserve(octets + (exported_.types ? metrics.size() * 64 : 0));
  for (const auto& [name, lines] : metrics) {
    if (exported_.types) out.append("# TYPE ").append(name).append(" gauge\n");
    for (const std::string_view line : lines) out += line;
  }
  return out;
}

}  // namespace weir::query
