#include "engine/definition_store.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

#include "base/log.h"
#include "base/rate_limit.h"
#include "engine/ipfix_export.h"
#include "flow/hints.h"
#include "model/metric_table.h"

namespace weir::engine {

namespace {

Expected<void> checkName(std::string_view name) {
  if (name.empty()) return fail("expected a name", "name");
  if (name.size() > DefinitionStore::kMaxName) return fail("expected a name of at most 256 characters", "name");
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (static_cast<unsigned char>(name[i]) < 0x20)
      return fail("control characters cannot be part of a name", "name", i);
  }
  return {};
}

/// A flow is a metric, too: its name must lead to it and to nothing else.
Expected<void> checkFlowName(const std::string& name) {
  if (name == "ALL") return fail("ALL means all flows or metrics, so it cannot be the name of one", "name");
  if (model::metricTable().find(name) != model::kNoMetric) {
    return fail("\"" + name +
                    "\" is a metric of counters, which a flow of this name would hide: take another name, such as \"" +
                    name + "_flow\"",
                "name");
  }
  return {};
}

/// Old scripts use such names and ask for active flows only.
void warnOfFlowName(const std::string& name) {
  if (name.find_first_of(".,;") == std::string::npos) return;
  log::warning("flow " + name +
               ": a name with '.', ',' or ';' cannot be asked for as a metric or watched by a "
               "threshold; its active flows and records can");
}

/// In the log, of those that come fast on one another the first ones.
void tellHint(const std::string& hint) {
  static RateLimit limit(100, 60 * kSecond);
  if (limit.admit(monotonicNow()).admitted) log::warning(hint);
}

void tellHints(const std::string& name, const boost::json::value& body, const flow::CompiledDefinition& compiled) {
  for (const std::string& hint : flow::hintsOf(body, compiled)) tellHint("flow " + name + ": " + hint);
}

bool isSet(Engine::Kind kind) {
  return kind == Engine::Kind::group || kind == Engine::Kind::map;
}

Expected<enrich::NamedSet> readSet(Engine::Kind kind, const boost::json::value& body) {
  return kind == Engine::Kind::group ? enrich::readGroup(body) : enrich::readMap(body);
}

std::uint32_t takeSlot(std::set<std::uint32_t>& free, std::uint32_t& count) {
  if (free.empty()) return count++;
  const std::uint32_t slot = *free.begin();
  free.erase(free.begin());
  return slot;
}

}  // namespace

Expected<bool> DefinitionStore::putFlow(Content& content, std::string_view name, flow::Definition definition) {
  if (auto ok = checkFlowName(std::string(name)); !ok) return std::unexpected(ok.error());
  const auto old = content.flows.find(name);
  if (old != content.flows.end() && old->second.compiled->definition() == definition) return false;
  if (old == content.flows.end() && content.flows.size() >= kMaxFlows) {
    return fail("there are already " + std::to_string(kMaxFlows) + " flow definitions", "name");
  }
  auto compiled = flow::CompiledDefinition::compile(std::string(name), std::move(definition));
  if (!compiled) return std::unexpected(compiled.error());
  const flow::Definition& d = (*compiled)->definition();
  FlowEntry entry;
  entry.slot = old != content.flows.end() ? old->second.slot : takeSlot(content.freeFlowSlots, content.flowSlots);
  entry.generation = ++content.generation;
  entry.hidden = isHiddenName(name);
  const flow::ValueCells* cells = (*compiled)->cells().empty() ? nullptr : &(*compiled)->cells();
  entry.cache = {(*compiled)->keySize(), d.n, d.t, cells, (*compiled)->valueIsCell()};
  entry.log.keySize = (*compiled)->keySize();
  entry.log.cells = cells;
  entry.log.idle = std::max(nanosFromSeconds(2 * d.t), 5 * kSecond);
  entry.log.active = nanosFromSeconds(d.activeTimeout);
  entry.log.flowStart = d.flowStart;
  entry.ipfix = ipfixExportOf(**compiled);
  entry.compiled = std::move(*compiled);
  content.flows.insert_or_assign(std::string(name), std::move(entry));
  if (!isHiddenName(name)) warnOfFlowName(std::string(name));
  return true;
}

/// A metric may come later than the threshold that looks at it, so its name is known from here on.
Expected<void> DefinitionStore::expectMetric(std::string_view name, const char* attribute) {
  if (name.empty()) return fail("expected the name of a metric or flow", attribute);
  if (name.size() > model::MetricNames::kMaxNameLength) {
    return fail("expected a name of at most " + std::to_string(model::MetricNames::kMaxNameLength) + " characters",
                attribute);
  }
  if (names_.intern(name, model::MetricNames::Origin::user) != model::kNoMetric) return {};
  return fail("cannot watch \"" + std::string(name) + "\": weir remembers no more than " +
                  std::to_string(model::MetricNames::kMaxDynamic) +
                  " names of metrics beside its own, and all are used until it starts anew",
              attribute);
}

Expected<bool> DefinitionStore::putThreshold(Content& content, std::string_view name, const boost::json::value& body) {
  auto threshold = event::Threshold::fromJson(body);
  if (!threshold) return std::unexpected(threshold.error());
  const auto old = content.thresholds.find(name);
  if (old != content.thresholds.end() && old->second.threshold == *threshold) return false;
  if (old == content.thresholds.end() && content.thresholds.size() >= kMaxThresholds) {
    return fail("there are already " + std::to_string(kMaxThresholds) + " thresholds", "name");
  }
  ThresholdEntry entry;
  entry.name = std::string(name);
  entry.metric = threshold->metric;
  if (const std::size_t dot = entry.metric.rfind('.'); dot != std::string::npos) {
    entry.dataSource = entry.metric.substr(0, dot);
    entry.metric.erase(0, dot + 1);
  }
  if (auto ok = expectMetric(entry.metric, "metric"); !ok) return std::unexpected(ok.error());
  Parameters conditions;
  for (const auto& [metric, accepted] : threshold->filter) {
    if (auto ok = expectMetric(metric, "filter"); !ok) return std::unexpected(ok.error());
    for (const std::string& text : accepted) conditions.emplace_back(metric, text);
  }
  auto filter = query::Filter::parse(conditions, names_);
  if (!filter) return std::unexpected(filter.error());
  entry.filter = std::move(*filter);
  entry.slot =
      old != content.thresholds.end() ? old->second.slot : takeSlot(content.freeThresholdSlots, content.thresholdSlots);
  entry.generation = ++content.generation;
  entry.threshold = std::move(*threshold);
  content.thresholds.insert_or_assign(std::string(name), std::move(entry));
  return true;
}

Expected<bool> DefinitionStore::putForwarding(Content& content, std::string_view name, const boost::json::value& body) {
  auto forwarding = Forwarding::fromJson(body);
  if (!forwarding) return std::unexpected(forwarding.error());
  const auto old = content.forwarding.find(name);
  if (old != content.forwarding.end() && old->second == *forwarding) return false;
  if (old == content.forwarding.end() && content.forwarding.size() >= kMaxForwarding) {
    return fail("there are already " + std::to_string(kMaxForwarding) + " relays", "name");
  }
  content.forwarding.insert_or_assign(std::string(name), std::move(*forwarding));
  return true;
}

Expected<bool> DefinitionStore::putInto(Content& content, Engine::Kind kind, std::string_view name,
                                        const boost::json::value& body) {
  if (auto ok = checkName(name); !ok) return std::unexpected(ok.error());
  if (kind == Engine::Kind::flow) {
    auto definition = flow::Definition::fromJson(body);
    if (!definition) return std::unexpected(definition.error());
    auto changed = putFlow(content, name, std::move(*definition));
    if (changed && *changed) tellHints(std::string(name), body, *content.flows.find(name)->second.compiled);
    return changed;
  }
  if (kind == Engine::Kind::forwarding) return putForwarding(content, name, body);
  if (kind == Engine::Kind::threshold) {
    auto changed = putThreshold(content, name, body);
    static constexpr std::string_view kMembers[] = {"metric", "value", "byFlow", "timeout", "filter"};
    if (changed && *changed) {
      for (const std::string& hint : flow::memberHints(body, kMembers)) {
        tellHint("threshold " + std::string(name) + ": " + hint);
      }
    }
    return changed;
  }
  auto set = readSet(kind, body);
  if (!set) return std::unexpected(std::move(set.error()));
  if (auto ok = putSet(content, kind, name, std::move(*set)); !ok) return std::unexpected(std::move(ok.error()));
  return true;
}

Expected<void> DefinitionStore::putSet(Content& content, Engine::Kind kind, std::string_view name,
                                       enrich::NamedSet set) {
  auto& sets = kind == Engine::Kind::group ? content.groups : content.maps;
  if (sets.size() >= kMaxSets && !sets.contains(name)) {
    return fail("there are already " + std::to_string(kMaxSets) + " of them", "name");
  }
  sets.insert_or_assign(std::string(name), StoredSet{std::move(set), now_()});
  return {};
}

Expected<void> DefinitionStore::put(Engine::Kind kind, std::string_view name, const boost::json::value& body) {
  if (isSet(kind)) {
    // A large set takes a while to read: nobody waits for it at the lock.
    if (auto ok = checkName(name); !ok) return ok;
    auto set = readSet(kind, body);
    if (!set) return std::unexpected(std::move(set.error()));
    const std::lock_guard lock(mutex_);
    if (auto ok = putSet(content_, kind, name, std::move(*set)); !ok) return ok;
    publish();
    return {};
  }
  const std::lock_guard lock(mutex_);
  auto changed = putInto(content_, kind, name, body);
  if (!changed) return std::unexpected(changed.error());
  if (!*changed) return {};
  if (kind == Engine::Kind::flow && lacksTopology(content_, content_.flows.find(name)->second)) {
    tellHint("flow " + std::string(name) + ": " + flow::kNoTopologyHint);
  }
  publish();
  return {};
}

Expected<void> DefinitionStore::putHidden(const std::string& name, flow::Definition definition) {
  const std::lock_guard lock(mutex_);
  auto changed = putFlow(content_, name, std::move(definition));
  if (!changed) return std::unexpected(changed.error());
  publish();
  return {};
}

void DefinitionStore::remove(Engine::Kind kind, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto drop = [&](auto& map, std::set<std::uint32_t>& free) {
    const auto it = map.find(name);
    if (it == map.end()) return;
    free.insert(it->second.slot);
    map.erase(it);
    publish();
  };
  const auto dropSet = [&](auto& map) {
    const auto it = map.find(name);
    if (it == map.end()) return;
    map.erase(it);
    publish();
  };
  switch (kind) {
    case Engine::Kind::flow:
      drop(content_.flows, content_.freeFlowSlots);
      break;
    case Engine::Kind::threshold:
      drop(content_.thresholds, content_.freeThresholdSlots);
      break;
    case Engine::Kind::group:
      dropSet(content_.groups);
      break;
    case Engine::Kind::map:
      dropSet(content_.maps);
      break;
    case Engine::Kind::forwarding:
      if (const auto it = content_.forwarding.find(name); it != content_.forwarding.end()) {
        content_.forwarding.erase(it);
        publish();
      }
      break;
  }
}

std::optional<std::string> DefinitionStore::get(Engine::Kind kind, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  JsonWriter json(out);
  if (kind == Engine::Kind::flow) {
    const auto it = content_.flows.find(name);
    if (it == content_.flows.end() || it->second.hidden) return std::nullopt;
    it->second.compiled->definition().writeJson(json);
    return out;
  }
  if (kind == Engine::Kind::threshold) {
    const auto it = content_.thresholds.find(name);
    if (it == content_.thresholds.end()) return std::nullopt;
    it->second.threshold.writeJson(json);
    return out;
  }
  if (kind == Engine::Kind::forwarding) {
    const auto it = content_.forwarding.find(name);
    if (it == content_.forwarding.end()) return std::nullopt;
    it->second.writeJson(json);
    return out;
  }
  const auto& sets = kind == Engine::Kind::group ? content_.groups : content_.maps;
  const auto it = sets.find(name);
  if (it == sets.end()) return std::nullopt;
  return it->second.set.json;
}

std::string DefinitionStore::list(Engine::Kind kind) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  JsonWriter json(out);
  json.beginObject();
  switch (kind) {
    case Engine::Kind::flow:
      for (const auto& [name, entry] : content_.flows) {
        if (!entry.hidden) entry.compiled->definition().writeJson(json.key(name));
      }
      break;
    case Engine::Kind::threshold:
      for (const auto& [name, entry] : content_.thresholds) entry.threshold.writeJson(json.key(name));
      break;
    case Engine::Kind::forwarding:
      for (const auto& [name, forwarding] : content_.forwarding) forwarding.writeJson(json.key(name));
      break;
    default:
      for (const auto& [name, stored] : kind == Engine::Kind::group ? content_.groups : content_.maps) {
        json.member(name, stored.updated / kMillisecond);
      }
  }
  json.endObject();
  return out;
}

Expected<void> DefinitionStore::putTopology(const boost::json::value& body) {
  auto topology = model::Topology::fromJson(body);
  if (!topology) return std::unexpected(topology.error());
  const std::lock_guard lock(mutex_);
  content_.topology = std::move(*topology);
  publish();
  return {};
}

std::string DefinitionStore::topology() const {
  const std::lock_guard lock(mutex_);
  return content_.topology->json();
}

std::shared_ptr<const Definitions> DefinitionStore::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::shared_ptr<const flow::Lookup> DefinitionStore::lookup(const flow::LookupName& name) const {
  if (name.kind == flow::LookupKind::group || name.kind == flow::LookupKind::map) {
    const auto& sets = name.kind == flow::LookupKind::group ? content_.groups : content_.maps;
    const auto it = sets.find(name.name);
    return it == sets.end() ? nullptr : it->second.set.table;
  }
  const auto it = databases_.find(name);
  return it == databases_.end() ? nullptr : it->second;
}

void DefinitionStore::addTables(flow::LookupTables tables) {
  const std::lock_guard lock(mutex_);
  databases_.merge(tables);
  publish();
}

void DefinitionStore::publish() {
  auto fresh = std::make_shared<Definitions>();
  for (const auto& [name, entry] : content_.flows) {
    fresh->flows.push_back(entry);
    for (const flow::LookupName& wanted : entry.compiled->lookups()) {
      if (auto table = lookup(wanted)) fresh->lookups.emplace(wanted, std::move(table));
    }
  }
  for (const auto& [name, entry] : content_.thresholds) fresh->thresholds.push_back(entry);
  for (const auto& [name, forwarding] : content_.forwarding) fresh->forwarding.push_back(forwarding);
  fresh->flowSlots = content_.flowSlots;
  fresh->thresholdSlots = content_.thresholdSlots;
  fresh->topology = content_.topology;
  snapshot_ = std::move(fresh);
  publish_(snapshot_);
}

Expected<void> DefinitionStore::load(const boost::json::value& file) {
  const auto* object = file.if_object();
  if (object == nullptr)
    return fail("expected an object with flows, thresholds, groups, maps, forwarding and topology");
  struct Section {
    const char* name;
    Engine::Kind kind;
  };
  static constexpr Section kSections[] = {{"groups", Engine::Kind::group},
                                          {"maps", Engine::Kind::map},
                                          {"flows", Engine::Kind::flow},
                                          {"thresholds", Engine::Kind::threshold},
                                          {"forwarding", Engine::Kind::forwarding}};
  for (const auto& [name, value] : *object) {
    const bool known = name == "topology" || std::any_of(std::begin(kSections), std::end(kSections),
                                                         [&](const Section& s) { return name == s.name; });
    if (!known) return fail("expected flows, thresholds, groups, maps, forwarding or topology", std::string(name));
  }
  const std::lock_guard lock(mutex_);
  Content loaded = content_;
  for (const Section& section : kSections) {
    const auto* value = object->if_contains(section.name);
    if (value == nullptr || value->is_null()) continue;
    const auto* definitions = value->if_object();
    if (definitions == nullptr) return fail("expected an object of names and definitions", section.name);
    for (const auto& [name, body] : *definitions) {
      auto ok = putInto(loaded, section.kind, name, body);
      if (ok) continue;
      Error error = ok.error();
      error.attribute =
          std::string(section.name) + "." + std::string(name) + (error.attribute.empty() ? "" : "." + error.attribute);
      return std::unexpected(std::move(error));
    }
  }
  if (const auto* body = object->if_contains("topology"); body != nullptr && !body->is_null()) {
    auto topology = model::Topology::fromJson(*body);
    if (!topology) {
      Error error = topology.error();
      error.attribute = error.attribute.empty() ? "topology" : "topology." + error.attribute;
      return std::unexpected(std::move(error));
    }
    loaded.topology = std::move(*topology);
  }
  content_ = std::move(loaded);
  tellWhatIsMissing(content_);
  publish();
  return {};
}

bool DefinitionStore::lacksTopology(const Content& content, const FlowEntry& flow) {
  return flow.compiled->definition().scope == flow::CacheScope::edge && content.topology->empty();
}

/// A file is read as a whole, so what its definitions name should be there, other than with single ones, which may come
/// in any order.
void DefinitionStore::tellWhatIsMissing(const Content& content) {
  for (const auto& [name, flow] : content.flows) {
    if (lacksTopology(content, flow)) log::warning("flow " + name + ": " + flow::kNoTopologyHint);
    for (const flow::LookupName& wanted : flow.compiled->lookups()) {
      const bool isGroup = wanted.kind == flow::LookupKind::group;
      if (!isGroup && wanted.kind != flow::LookupKind::map) continue;
      if ((isGroup ? content.groups : content.maps).contains(wanted.name)) continue;
      log::warning("flow " + name + ": there is no " + (isGroup ? "group" : "map") + " \"" + wanted.name +
                   "\": until one is set, nothing is in it");
    }
  }
  for (const auto& [name, threshold] : content.thresholds) {
    if (content.flows.contains(threshold.metric)) continue;
    if (model::metricTable().find(threshold.metric) != model::kNoMetric) continue;
    log::warning("threshold " + name + ": \"" + threshold.metric +
                 "\" is no flow and no metric of counters: it fires when somebody sends a metric of that name");
  }
}

}  // namespace weir::engine
