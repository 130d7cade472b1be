#include "engine/shard_lookups.h"

#include <utility>

namespace weir::engine {

std::vector<const flow::Lookup*> ShardLookups::of(const flow::CompiledDefinition& compiled) {
  std::vector<const flow::Lookup*> found;
  found.reserve(compiled.lookups().size());
  for (const flow::LookupName& name : compiled.lookups()) found.push_back(find(name));
  return found;
}

flow::LookupTables ShardLookups::setLearned(flow::LookupTables learned) {
  return std::exchange(learned_, std::move(learned));
}

const flow::Lookup* ShardLookups::find(const flow::LookupName& name) {
  if (name.kind == flow::LookupKind::dns) {
    if (namesAllowed_ && hostNames_ == nullptr) {
      hostNames_ = std::make_unique<enrich::DnsNames>();
      hostNames_->setTime(context_.now);
    }
    return hostNames_.get();
  }
  if (name.kind == flow::LookupKind::link) return &links_;
  if (name.kind == flow::LookupKind::node) return &nodes_;
  if (name.kind == flow::LookupKind::ifname) return &portNames_;
  const flow::LookupTables& tables = name.kind == flow::LookupKind::host ? learned_ : *context_.definitions->lookups;
  const auto it = tables.find(name);
  return it == tables.end() ? nullptr : it->second.get();
}

}  // namespace weir::engine
