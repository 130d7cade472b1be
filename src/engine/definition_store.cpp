#include "engine/definition_store.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/rate_limit.h"
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

/// The lines of the log that say what is legal but hardly meant.
template <class Kind>
void addLines(std::vector<std::string>& lines, std::string_view name, const std::vector<std::string>& hints) {
  for (const std::string& hint : hints) lines.push_back(fmt::format("{} {}: {}", Kind::kWord, name, hint));
}

/// Of lines that come fast on one another the first ones.
void tell(const std::vector<std::string>& lines) {
  static RateLimit limit(100, 60 * kSecond);
  for (const std::string& line : lines) {
    if (limit.admit(monotonicNow()).admitted) log::warning(line);
  }
}

bool lacksTopology(const model::Topology& topology, const FlowEntry& flow) {
  return flow.compiled->definition().scope == flow::CacheScope::edge && topology.empty();
}

/// An error in a definition of a file.
Error within(std::string_view section, std::string_view name, Error error) {
  error.attribute =
      std::string(section) + "." + std::string(name) + (error.attribute.empty() ? "" : "." + error.attribute);
  return error;
}

template <class Kind>
struct Named {
  std::string name;
  Prepared<typename Kind::Entry> definition;
};

template <class Kind>
Expected<std::vector<Named<Kind>>> readSection(const boost::json::object& file, DefinitionReading& reading) {
  std::vector<Named<Kind>> read;
  const auto* section = file.if_contains(Kind::kSection);
  if (section == nullptr || section->is_null()) return read;
  if (!section->is_object()) return fail("expected an object of names and definitions", std::string(Kind::kSection));
  for (const auto& [name, body] : section->get_object()) {
    auto ok = checkName(name);
    auto definition = ok ? Kind::read(name, body, reading) : std::unexpected(std::move(ok.error()));
    if (!definition) return std::unexpected(within(Kind::kSection, name, std::move(definition.error())));
    read.push_back({name, std::move(*definition)});
  }
  return read;
}

}  // namespace

template <class Kind>
Expected<void> DefinitionStore::putOne(std::string_view name, const boost::json::value& body) {
  if (auto ok = checkName(name); !ok) return ok;
  auto prepared = Kind::read(name, body, reading_);
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  {
    const std::lock_guard lock(mutex_);
    auto& table = content_.tables.template of<Kind>();
    auto changed = table.put(name, std::move(prepared->entry));
    if (!changed) return std::unexpected(std::move(changed.error()));
    if (!*changed) return {};
    if constexpr (std::is_same_v<Kind, FlowKind>) {
      if (lacksTopology(*content_.topology, *table.find(name))) prepared->hints.emplace_back(flow::kNoTopologyHint);
    }
    publish({{Kind::kKind, std::string(name)}});
  }
  std::vector<std::string> lines;
  addLines<Kind>(lines, name, prepared->hints);
  tell(lines);
  return {};
}

Expected<void> DefinitionStore::put(Engine::Kind kind, std::string_view name, const boost::json::value& body) {
  Expected<void> done;
  AllTables::with(kind, [&]<class Kind>(Kind) { done = putOne<Kind>(name, body); });
  return done;
}

Expected<void> DefinitionStore::putHidden(const std::string& name, flow::Definition definition) {
  auto entry = FlowKind::compile(name, std::move(definition));
  if (!entry) return std::unexpected(std::move(entry.error()));
  const std::lock_guard lock(mutex_);
  auto changed = content_.tables.of<FlowKind>().put(name, std::move(*entry));
  if (!changed) return std::unexpected(std::move(changed.error()));
  publish();
  return {};
}

void DefinitionStore::remove(Engine::Kind kind, std::string_view name) {
  const std::lock_guard lock(mutex_);
  AllTables::with(kind, [&]<class Kind>(Kind) {
    if (!content_.tables.of<Kind>().remove(name)) return;
    if (isHiddenName(name)) return publish();
    publish({{Kind::kKind, std::string(name)}});
  });
}

std::optional<std::string> DefinitionStore::get(Engine::Kind kind, std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::optional<std::string> text;
  AllTables::with(kind, [&]<class Kind>(Kind) { text = content_.tables.of<Kind>().get(name); });
  return text;
}

std::string DefinitionStore::list(Engine::Kind kind) const {
  const std::lock_guard lock(mutex_);
  std::string text;
  AllTables::with(kind, [&]<class Kind>(Kind) { text = content_.tables.of<Kind>().list(); });
  return text;
}

Expected<void> DefinitionStore::putTopology(const boost::json::value& body) {
  auto topology = model::Topology::fromJson(body);
  if (!topology) return std::unexpected(topology.error());
  const std::lock_guard lock(mutex_);
  content_.topology = std::move(*topology);
  publish({{std::nullopt, {}}});
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
  const auto setOf = [&](const auto& sets) {
    const SetKind::Entry* const found = sets.find(name.name);
    return found == nullptr ? nullptr : found->set.table;
  };
  if (name.kind == flow::LookupKind::group) return setOf(content_.tables.of<GroupKind>());
  if (name.kind == flow::LookupKind::map) return setOf(content_.tables.of<MapKind>());
  const auto it = databases_.find(name);
  return it == databases_.end() ? nullptr : it->second;
}

void DefinitionStore::addTables(flow::LookupTables tables) {
  const std::lock_guard lock(mutex_);
  databases_.merge(tables);
  publish();
}

void DefinitionStore::publish(const std::vector<DefinitionChanged>& changes) {
  auto fresh = std::make_shared<Definitions>();
  const auto& flows = content_.tables.of<FlowKind>();
  const auto& thresholds = content_.tables.of<ThresholdKind>();
  for (const auto& [name, entry] : flows.entries()) {
    fresh->flows.push_back(*entry);
    for (const flow::LookupName& wanted : entry->compiled->lookups()) {
      if (auto table = lookup(wanted)) fresh->lookups.emplace(wanted, std::move(table));
    }
  }
  for (const auto& [name, entry] : thresholds.entries()) fresh->thresholds.push_back(*entry);
  for (const auto& [name, entry] : content_.tables.of<ForwardingKind>().entries()) {
    fresh->forwarding.push_back(entry->forwarding);
  }
  fresh->flowSlots = flows.slots();
  fresh->thresholdSlots = thresholds.slots();
  fresh->topology = content_.topology;
  snapshot_ = std::move(fresh);
  publish_(snapshot_);
  if (!tell_) return;
  for (const DefinitionChanged& change : changes) tell_(change);
}

Expected<void> DefinitionStore::load(const boost::json::value& file) {
  const auto* object = file.if_object();
  if (object == nullptr)
    return fail("expected an object with flows, thresholds, groups, maps, forwarding and topology");
  for (const auto& [name, value] : *object) {
    bool known = name == "topology";
    AllTables::each([&]<class Kind>(Kind) { known = known || name == Kind::kSection; });
    if (!known) return fail("expected flows, thresholds, groups, maps, forwarding or topology", std::string(name));
  }
  // Everything is read before the lock is taken; each section then waits as what puts it into the tables.
  Expected<void> done;
  std::vector<std::move_only_function<Expected<void>(Content&)>> changes;
  std::vector<std::string> lines;
  std::vector<DefinitionChanged> changed;
  AllTables::each([&]<class Kind>(Kind) {
    if (!done) return;
    auto section = readSection<Kind>(*object, reading_);
    if (!section) return void(done = std::unexpected(std::move(section.error())));
    changes.emplace_back([&lines, &changed, read = std::move(*section)](Content& content) mutable -> Expected<void> {
      for (auto& [name, definition] : read) {
        const auto isNew = content.tables.of<Kind>().put(name, std::move(definition.entry));
        if (!isNew) return std::unexpected(within(Kind::kSection, name, isNew.error()));
        if (!*isNew) continue;
        addLines<Kind>(lines, name, definition.hints);
        changed.push_back({Kind::kKind, name});
      }
      return {};
    });
  });
  if (!done) return done;
  if (const auto* body = object->if_contains("topology"); body != nullptr && !body->is_null()) {
    auto topology = model::Topology::fromJson(*body);
    if (!topology) {
      Error error = topology.error();
      error.attribute = error.attribute.empty() ? "topology" : "topology." + error.attribute;
      return std::unexpected(std::move(error));
    }
    changes.emplace_back([&changed, read = std::move(*topology)](Content& content) mutable -> Expected<void> {
      content.topology = std::move(read);
      changed.push_back({std::nullopt, {}});
      return {};
    });
  }
  std::vector<std::string> missing;
  {
    const std::lock_guard lock(mutex_);
    Content loaded = content_;
    for (auto& change : changes) {
      if (auto ok = change(loaded); !ok) return ok;
    }
    content_ = std::move(loaded);
    missing = whatIsMissing(content_);
    publish(changed);
  }
  tell(lines);
  for (const std::string& line : missing) log::warning(line);
  return {};
}

/// A file is read as a whole, so what its definitions name should be there, other than with single ones, which may come
/// in any order.
std::vector<std::string> DefinitionStore::whatIsMissing(const Content& content) {
  std::vector<std::string> lines;
  const auto& flows = content.tables.of<FlowKind>();
  for (const auto& [name, flow] : flows.entries()) {
    if (lacksTopology(*content.topology, *flow)) addLines<FlowKind>(lines, name, {flow::kNoTopologyHint});
    for (const flow::LookupName& wanted : flow->compiled->lookups()) {
      const bool isGroup = wanted.kind == flow::LookupKind::group;
      if (!isGroup && wanted.kind != flow::LookupKind::map) continue;
      const bool there = isGroup ? content.tables.of<GroupKind>().find(wanted.name) != nullptr
                                 : content.tables.of<MapKind>().find(wanted.name) != nullptr;
      if (there) continue;
      addLines<FlowKind>(lines, name,
                         {fmt::format("there is no {} \"{}\": until one is set, nothing is in it",
                                      isGroup ? "group" : "map", wanted.name)});
    }
  }
  for (const auto& [name, threshold] : content.tables.of<ThresholdKind>().entries()) {
    if (flows.find(threshold->metric) != nullptr) continue;
    if (model::metricTable().find(threshold->metric) != model::kNoMetric) continue;
    addLines<ThresholdKind>(
        lines, name,
        {fmt::format("\"{}\" is neither a flow nor a metric of counters: it fires when an application "
                     "sends a metric of that name",
                     threshold->metric)});
  }
  return lines;
}

}  // namespace weir::engine
