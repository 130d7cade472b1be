#include "engine/definition_store.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/rate_limit.h"

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

constexpr unsigned kMostTold = 100;

/// In the log, of hints that come fast on one another the first ones.
void tellHints(const Engine::Hints& lines) {
  static RateLimit limit(kMostTold, 60 * kSecond);
  for (const std::string& line : lines) {
    if (limit.admit(monotonicNow()).admitted) log::warning(line);
  }
}

/// The same hints, each with the definition that it is on.
template <class Kind>
Engine::Hints linesOf(std::string_view name, const Engine::Hints& hints) {
  Engine::Hints lines;
  for (const std::string& hint : hints) lines.push_back(fmt::format("{} {}: {}", Kind::kWord, name, hint));
  return lines;
}

/// What a strict engine answers.
Error refusal(const Engine::Hints& hints) {
  const std::string more = hints.size() == 1 ? "" : fmt::format(" (and {} more hints)", hints.size() - 1);
  return {hints.front() + more, {}, {}};
}

/// An error in a definition of a file.
Error within(std::string_view section, std::string_view name, Error error) {
  error.attribute =
      std::string(section) + "." + std::string(name) + (error.attribute.empty() ? "" : "." + error.attribute);
  return error;
}

std::shared_ptr<const flow::LookupTables> lookupsOf(const Definitions& definitions) {
  auto tables = std::make_shared<flow::LookupTables>();
  for (const FlowEntry& flow : definitions.flows) {
    for (const flow::LookupName& wanted : flow.compiled->lookups()) {
      if (auto table = tableOf(definitions, wanted)) tables->emplace(wanted, std::move(table));
    }
  }
  return tables;
}

template <class Kind>
struct Loaded {
  std::string name;
  typename Kind::Entry entry;
};

template <class Kind>
Expected<std::vector<Loaded<Kind>>> readSection(const boost::json::object& file, DefinitionReading& reading) {
  std::vector<Loaded<Kind>> read;
  const auto* section = file.if_contains(Kind::kSection);
  if (section == nullptr || section->is_null()) return read;
  if (!section->is_object()) return fail("expected an object of names and definitions", std::string(Kind::kSection));
  for (const auto& [name, body] : section->get_object()) {
    auto ok = checkName(name);
    auto entry = ok ? Kind::read(name, body, reading) : std::unexpected(std::move(ok.error()));
    if (!entry) return std::unexpected(within(Kind::kSection, name, std::move(entry.error())));
    read.push_back({name, std::move(*entry)});
  }
  return read;
}

}  // namespace

template <class Kind>
Expected<Engine::Hints> DefinitionStore::putOne(std::string_view name, const boost::json::value& body,
                                                Engine::OnHints onHints) {
  if (auto ok = checkName(name); !ok) return std::unexpected(std::move(ok.error()));
  auto entry = Kind::read(name, body, reading_);
  if (!entry) return std::unexpected(std::move(entry.error()));
  Engine::Hints hints = entry->hints, told = entry->hints;
  for (HintAround& hint : hintsAround(*entry, *snapshot(), reading_.names)) {
    // What another definition may bring is told to the client only.
    if (!hint.awaited) told.push_back(hint.text);
    hints.push_back(std::move(hint.text));
  }
  if (onHints == Engine::OnHints::refuse && !hints.empty()) return std::unexpected(refusal(hints));
  {
    const std::lock_guard lock(mutex_);
    auto changed = content_.tables.template of<Kind>().put(name, std::move(*entry));
    if (!changed) return std::unexpected(std::move(changed.error()));
    if (!*changed) return hints;
    publish(lookupsAfter<Kind>(), {{Kind::kKind, std::string(name)}});
  }
  tellHints(linesOf<Kind>(name, told));
  return hints;
}

Expected<Engine::Hints> DefinitionStore::put(Engine::Kind kind, std::string_view name, const boost::json::value& body,
                                             Engine::OnHints onHints) {
  Expected<Engine::Hints> done;
  AllTables::with(kind, [&]<class Kind>(Kind) { done = putOne<Kind>(name, body, onHints); });
  return done;
}

template <class Kind>
Expected<Engine::Checked> DefinitionStore::checkOne(const boost::json::value& body) const {
  model::MetricNames expected;  // what is only checked needs no place among the names that are remembered
  DefinitionReading reading{expected, reading_.now, reading_.ownPort.load()};
  auto entry = Kind::read("", body, reading);
  if (!entry) return std::unexpected(std::move(entry.error()));
  Engine::Checked checked;
  JsonWriter json(checked.definition);
  Kind::write(json, *entry);
  for (HintAround& hint : hintsAround(*entry, *snapshot(), reading_.names))
    entry->hints.push_back(std::move(hint.text));
  checked.hints = std::move(entry->hints);
  return checked;
}

Expected<Engine::Checked> DefinitionStore::check(Engine::Kind kind, const boost::json::value& body) const {
  Expected<Engine::Checked> done;
  AllTables::with(kind, [&]<class Kind>(Kind) { done = checkOne<Kind>(body); });
  return done;
}

Expected<void> DefinitionStore::putHidden(const std::string& name, flow::Definition definition) {
  auto entry = FlowKind::compile(name, std::move(definition));
  if (!entry) return std::unexpected(std::move(entry.error()));
  const std::lock_guard lock(mutex_);
  auto changed = content_.tables.of<FlowKind>().put(name, std::move(*entry));
  if (!changed) return std::unexpected(std::move(changed.error()));
  publish(Lookups::changed);
  return {};
}

void DefinitionStore::remove(Engine::Kind kind, std::string_view name) {
  const std::lock_guard lock(mutex_);
  AllTables::with(kind, [&]<class Kind>(Kind) {
    if (!content_.tables.of<Kind>().remove(name)) return;
    std::vector<DefinitionChanged> changes;
    if (!isHiddenName(name)) changes.push_back({Kind::kKind, std::string(name)});
    publish(lookupsAfter<Kind>(), changes);
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
  publish(Lookups::same, {{std::nullopt, {}}});
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

void DefinitionStore::addTables(flow::LookupTables tables) {
  const std::lock_guard lock(mutex_);
  tables.insert(content_.databases->begin(), content_.databases->end());
  content_.databases = std::make_shared<const flow::LookupTables>(std::move(tables));
  publish(Lookups::changed);
}

std::shared_ptr<const Definitions> DefinitionStore::snapshotOf(const Content& content, Lookups lookups) const {
  auto fresh = std::make_shared<Definitions>();
  const AllTables& tables = content.tables;
  fresh->flows = tables.of<FlowKind>().entries();
  fresh->thresholds = tables.of<ThresholdKind>().entries();
  fresh->groups = tables.of<GroupKind>().entries();
  fresh->maps = tables.of<MapKind>().entries();
  fresh->forwarding = tables.of<ForwardingKind>().entries();
  fresh->flowSlots = tables.of<FlowKind>().slots();
  fresh->thresholdSlots = tables.of<ThresholdKind>().slots();
  fresh->topology = content.topology;
  fresh->databases = content.databases;
  fresh->lookups = lookups == Lookups::same ? snapshot_->lookups : lookupsOf(*fresh);
  return fresh;
}

void DefinitionStore::publish(Lookups lookups, const std::vector<DefinitionChanged>& changes) {
  install(snapshotOf(content_, lookups), changes);
}

void DefinitionStore::install(std::shared_ptr<const Definitions> snapshot,
                              const std::vector<DefinitionChanged>& changes) {
  snapshot_ = std::move(snapshot);
  publish_(snapshot_);
  if (!tell_) return;
  for (const DefinitionChanged& change : changes) tell_(change);
}

Expected<Engine::Hints> DefinitionStore::load(const boost::json::value& file, Engine::OnHints onHints) {
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
  AllTables::each([&]<class Kind>(Kind) {
    if (!done) return;
    auto section = readSection<Kind>(*object, reading_);
    if (!section) return void(done = std::unexpected(std::move(section.error())));
    changes.emplace_back([read = std::move(*section)](Content& content) mutable -> Expected<void> {
      for (auto& [name, entry] : read) {
        auto changed = content.tables.of<Kind>().put(name, std::move(entry));
        if (!changed) return std::unexpected(within(Kind::kSection, name, std::move(changed.error())));
      }
      return {};
    });
  });
  if (!done) return std::unexpected(std::move(done.error()));
  if (const auto* body = object->if_contains("topology"); body != nullptr && !body->is_null()) {
    auto topology = model::Topology::fromJson(*body);
    if (!topology) {
      Error error = topology.error();
      error.attribute = error.attribute.empty() ? "topology" : "topology." + error.attribute;
      return std::unexpected(std::move(error));
    }
    changes.emplace_back([read = std::move(*topology)](Content& content) mutable -> Expected<void> {
      content.topology = std::move(read);
      return {};
    });
  }
  Engine::Hints lines;
  std::vector<DefinitionChanged> changed;
  {
    const std::lock_guard lock(mutex_);
    Content loaded = content_;
    for (auto& change : changes) {
      if (auto ok = change(loaded); !ok) return std::unexpected(std::move(ok.error()));
    }
    const auto fresh = snapshotOf(loaded, Lookups::changed);
    AllTables::each([&]<class Kind>(Kind) {
      using Entry = typename Kind::Entry;
      const auto look = [&](const Entry*, const Entry* entry) {
        changed.push_back({Kind::kKind, entry->name});
        if (lines.size() >= kMostTold || !done) return;
        Engine::Hints hints = entry->hints;
        for (HintAround& hint : hintsAround(*entry, *fresh, reading_.names)) hints.push_back(std::move(hint.text));
        if (hints.empty()) return;
        if (onHints == Engine::OnHints::refuse) {
          done = std::unexpected(within(Kind::kSection, entry->name, refusal(hints)));
        }
        for (std::string& line : linesOf<Kind>(entry->name, hints)) lines.push_back(std::move(line));
      };
      EntryList<Entry>::eachChange(content_.tables.of<Kind>().entries(), loaded.tables.of<Kind>().entries(), look);
    });
    if (!done) return std::unexpected(std::move(done.error()));
    if (loaded.topology != content_.topology) changed.push_back({std::nullopt, {}});
    content_ = std::move(loaded);
    install(fresh, changed);
  }
  tellHints(lines);
  return lines;
}

}  // namespace weir::engine
