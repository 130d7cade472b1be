// What definitions look things up in, and what a shard hears of hosts for it.
#include "engine/host_metrics.h"
#include "engine/shard_runtime.h"

namespace weir::engine {

void Shard::adopt(flow::LookupTables learned) {
  // Keys that wait to be counted hold what they need.
  learned_.swap(learned);
  for (const auto& flow : flows_) findLookups(*flow);
}

void Shard::findLookups(FlowRuntime& flow) {
  flow.lookups.clear();
  for (const flow::LookupName& name : flow.compiled->lookups()) flow.lookups.push_back(lookup(name));
}

const flow::Lookup* Shard::lookup(const flow::LookupName& name) {
  if (name.kind == flow::LookupKind::dns) {
    if (namesAllowed_ && hostNames_ == nullptr) {
      hostNames_ = std::make_unique<enrich::DnsNames>();
      hostNames_->setTime(now_);
    }
    return hostNames_.get();
  }
  if (name.kind == flow::LookupKind::link) return &links_;
  if (name.kind == flow::LookupKind::node) return &nodes_;
  if (name.kind == flow::LookupKind::ifname) return &portNames_;
  const flow::LookupTables& tables = name.kind == flow::LookupKind::host ? learned_ : definitions_->lookups;
  const auto it = tables.find(name);
  return it == tables.end() ? nullptr : it->second.get();
}

void Shard::noteAdapters(DataSourceState& source, const wire::Sample& sample) {
  if (!readAdapters(sample, adapters_)) return;
  if (source.macs == nullptr) source.macs = std::make_unique<std::vector<std::uint64_t>>();
  *source.macs = adapters_;
}

}  // namespace weir::engine
