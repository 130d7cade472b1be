#include "engine/host_metrics.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <set>

#include "base/json_writer.h"
#include "engine/cursor.h"
#include "flow/form.h"
#include "wire/field.h"

namespace weir::engine {

namespace {

class HostTable final : public flow::Lookup {
 public:
  void add(std::uint64_t mac, const std::string& value) { values_.try_emplace(mac, value); }

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override {
    if (key.forms.at(key.value.form).type != flow::Type::mac) return false;
    const auto it = values_.find(loadBe48(key.value.data));
    if (it == values_.end()) return false;
    result.data = reinterpret_cast<const std::uint8_t*>(it->second.data());
    result.size = static_cast<std::uint16_t>(it->second.size());
    return true;
  }

 private:
  boost::unordered_flat_map<std::uint64_t, std::string> values_;
};

std::string textOf(const model::MetricValue& value) {
  if (value.isText) return std::string(value.text());
  std::string text;
  appendJsonNumber(text, value.number);
  return text;
}

}  // namespace

bool collectHosts(Shard& shard, const std::vector<std::string>& metrics, const model::MetricNames& names,
                  std::vector<HostRow>& rows, Cursor& cursor) {
  std::vector<model::MetricId> ids;
  for (const std::string& metric : metrics) ids.push_back(names.find(metric));
  return visitEachSource(shard, cursor, [&](const AgentState& agent, const DataSourceState* source, const auto*) {
    if (source == nullptr || source->macs == nullptr || rows.size() >= kMaxRowsOfShard) return;
    HostRow row{0, agent.id, source->id, {}};
    for (const model::MetricId id : ids) {
      model::MetricValue value;
      row.values.push_back(id != model::kNoMetric && source->counters.value(id, value) ? textOf(value) : "");
    }
    if (std::all_of(row.values.begin(), row.values.end(), [](const auto& text) { return text.empty(); })) return;
    for (const std::uint64_t mac : *source->macs) {
      row.mac = mac;
      rows.push_back(row);
    }
  });
}

std::vector<std::string> wantedHostMetrics(const Definitions& definitions) {
  std::set<std::string> wanted;
  for (const FlowEntry& flow : definitions.flows) {
    for (const flow::LookupName& name : flow.compiled->lookups()) {
      if (name.kind == flow::LookupKind::host) wanted.insert(name.name);
    }
  }
  return {wanted.begin(), wanted.end()};
}

flow::LookupTables hostTables(const std::vector<HostRow>& rows, const std::vector<std::string>& metrics) {
  flow::LookupTables tables;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    auto table = std::make_shared<HostTable>();
    for (const HostRow& row : rows) {
      if (!row.values[i].empty()) table->add(row.mac, row.values[i]);
    }
    tables[{flow::LookupKind::host, metrics[i]}] = std::move(table);
  }
  return tables;
}

}  // namespace weir::engine
