#include "query/flow_keys_query.h"

#include <algorithm>

#include "query/records.h"

namespace weir::query {

bool FlowKeysQuery::visit(ShardView& shard, Partial& partial) const {
  for (auto& [name, seen] : shard.flowKeys()) partial.insert_or_assign(std::move(name), seen);
  return true;
}

void FlowKeysQuery::merge(Partial& into, Partial&& from) {
  for (const auto& [name, seen] : from) {
    const auto [at, added] = into.emplace(name, seen);
    if (!added) at->second = std::max(at->second, seen);
  }
}

void FlowKeysResult::writeJson(JsonWriter& json) const {
  json.beginObject();
  for (const auto& [name, seen] : newest) json.member(name, ageMs(asked, seen));
  json.endObject();
}

}  // namespace weir::query
