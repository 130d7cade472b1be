#include "query/prometheus_text.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "model/metric_docs.h"
#include "model/metric_table.h"
#include "query/agents_question.h"
#include "query/dump_question.h"
#include "query/prometheus_writer.h"

namespace weir::query {

namespace {

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

/// A name that no numbered data source has, and that stays itself as a label: else a hostile agent
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

/// False: a container that only holds the network of a pod: it is left out.
bool addGuestLabels(std::string& labels, std::string_view name) {
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

/// A speed as people say it: 100M, 2.5G, 100G.
std::string speedText(double bitsPerSecond) {
  static constexpr std::pair<double, char> kPrefixes[] = {{1e12, 'T'}, {1e9, 'G'}, {1e6, 'M'}, {1e3, 'K'}};
  std::string text;
  for (const auto& [factor, prefix] : kPrefixes) {
    if (bitsPerSecond < factor) continue;
    appendJsonNumber(text, bitsPerSecond / factor);
    return text + prefix;
  }
  appendJsonNumber(text, bitsPerSecond);
  return text;
}

void addPortLabels(std::string& labels, const PortFacts& port) {
  addLabel(labels, "ifindex", std::to_string(port.ifIndex));
  if (port.speed > 0) addLabel(labels, "ifspeed", speedText(port.speed));
  if (!port.type.empty()) addLabel(labels, "iftype", port.type);
  if (!port.adminStatus.empty()) addLabel(labels, "ifadminstatus", port.adminStatus);
  if (!port.operStatus.empty()) addLabel(labels, "ifoperstatus", port.operStatus);
}

/// The labels of all lines of a data source. False: it has no lines.
bool addLabels(std::string& labels, const SourceRecords& source) {
  if (source.key.custom && !isCustomName(source.key.name)) return false;
  addLabel(labels, "agent", source.key.agent.text());
  addLabel(labels, "datasource", sourceText(source.key));
  if (source.names.host) addLabel(labels, "host", *source.names.host);
  if (source.names.port) addLabel(labels, "ifname", *source.names.port);
  if (source.names.facts) addPortLabels(labels, *source.names.facts);
  return !source.names.guest || addGuestLabels(labels, *source.names.guest);
}

/// The prefix of all names, which may not begin with a digit.
std::string prefixOf(const ExportNames& exported) {
  std::string prefix = sanitised(exported.prefix);
  if (prefix.empty() || (prefix[0] >= '0' && prefix[0] <= '9')) prefix.insert(prefix.begin(), '_');
  return prefix;
}

/// `name`: behind the prefix.
std::string helpOf(std::string_view name) {
  const model::MetricId id = model::metricTable().find(name);
  return id == model::kNoMetric ? "custom metric, unit as its sender has it" : model::metricHelp(id);
}

}  // namespace

void appendMetricHead(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help);
  out.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

PrometheusWriter::PrometheusWriter(const DumpResult& dump, const ExportNames& exported)
    : prefix_(prefixOf(exported)), described_(exported.described) {
  const RecordList& records = dump.records;
  std::vector<Samples*> byPlace;
  for (const std::string& name : records.names.list()) byPlace.push_back(&metrics_[prefix_ + sanitised(name)]);
  labels_.resize(records.sources.size());
  for (std::uint32_t i = 0; i < records.sources.size(); ++i) {
    if (!addLabels(labels_[i], records.sources[i])) continue;
    for (const Record& record : records.sources[i].records) {
      Samples& samples = *byPlace[record.name];
      const bool isTwice = !samples.empty() && samples.back().source == i;
      if (record.number() != nullptr && !isTwice) samples.push_back({i, *record.number()});
    }
    held_ += sizeof(std::string) + labels_[i].capacity();
  }
  constexpr std::size_t kNumber = 24;  // the longest, and what stands around it
  constexpr std::size_t kHead = 100;   // help, and what stands around it and the type
  std::erase_if(metrics_, [&](const auto& metric) { return metric.second.empty() || isLeftOut(metric.first); });
  for (const auto& [name, samples] : metrics_) {
    octets_ += 3 * name.size() + kHead;
    for (const Sample& sample : samples) octets_ += name.size() + labels_[sample.source].size() + kNumber;
    held_ += samples.capacity() * sizeof(Sample);
  }
  metric_ = metrics_.begin();
}

bool PrometheusWriter::isLeftOut(std::string_view name) const {
  return name.starts_with(kAnalyzerPrefix) || name == prefix_ + std::string(kLastDatagram);
}

bool PrometheusWriter::write(std::string& out, std::size_t about) {
  for (const std::size_t begin = out.size(); metric_ != metrics_.end(); ++metric_, sample_ = 0) {
    const auto& [name, samples] = *metric_;
    if (sample_ == 0 && described_) {
      appendMetricHead(out, name, "gauge", helpOf(std::string_view(name).substr(prefix_.size())));
    }
    while (sample_ < samples.size()) {
      const Sample& sample = samples[sample_++];
      out.append(name).append("{").append(labels_[sample.source]).append("} ");
      appendJsonNumber(out, sample.number);
      out += '\n';
      if (out.size() - begin >= about) return true;
    }
  }
  return false;
}

std::string DumpResult::prometheusText(const ExportNames& exported) const {
  PrometheusWriter writer(*this, exported);
  std::string out;
  out.reserve(writer.octets());
  while (writer.write(out, SIZE_MAX)) {
  }
  return out;
}

std::string AgentsResult::prometheusText(const ExportNames& exported) const {
  const std::string name = prefixOf(exported) + std::string(kLastDatagram);
  std::string out;
  if (exported.described && !agents.empty())
    appendMetricHead(out, name, "gauge", "time of the last datagram of the agent: seconds since 1970");
  for (const AgentRecord& record : agents) {
    std::string labels;
    addLabel(labels, "agent", record.agent.text());
    out.append(name).append("{").append(labels).append("} ");
    appendJsonNumber(out, static_cast<double>((record.lastSeen + timeOfDayOffset) / kMillisecond) / 1000);
    out += '\n';
  }
  return out;
}

}  // namespace weir::query
