#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/definition_hints.h"
#include "engine/definition_kinds.h"
#include "engine/definition_table.h"
#include "engine/definitions.h"
#include "engine/engine.h"
#include "engine/news.h"
#include "model/metric_names.h"

namespace weir::engine {

/// What users defined: a table for each kind, and the topology. Reads and compiles before it takes its lock, keeps the
/// texts that GET answers, and publishes immutable snapshots. The lock owns the data. Thread: any.
class DefinitionStore {
 public:
  /// `publish` is called under the lock with each new snapshot, so snapshots arrive in order.
  using Publish = std::function<void(std::shared_ptr<const Definitions>)>;
  /// The engine's clock: the time of an update.
  using Now = std::function<Nanos()>;
  /// Called under the lock for each definition that users changed, after the snapshot with the change is published.
  using Tell = std::function<void(const DefinitionChanged&)>;
  /// `names` must outlive the store.
  DefinitionStore(model::MetricNames& names, Publish publish, Now now, Tell tell = {})
      : reading_{names, std::move(now)}, publish_(std::move(publish)), tell_(std::move(tell)) {}

  /// As Engine::put.
  [[nodiscard]] Expected<Engine::Hints> put(Engine::Kind kind, std::string_view name, const boost::json::value& body,
                                            Engine::OnHints onHints = Engine::OnHints::accept);
  /// As Engine::check.
  [[nodiscard]] Expected<Engine::Checked> check(Engine::Kind kind, const boost::json::value& body) const;
  void remove(Engine::Kind kind, std::string_view name);
  [[nodiscard]] std::optional<std::string> get(Engine::Kind kind, std::string_view name) const;
  [[nodiscard]] std::string list(Engine::Kind kind) const;
  [[nodiscard]] Expected<void> putTopology(const boost::json::value& body);
  /// A definition that only the engine itself sees; `name` begins with kHiddenMark. remove() forgets it.
  [[nodiscard]] Expected<void> putHidden(const std::string& name, flow::Definition definition);
  [[nodiscard]] std::string topology() const;
  [[nodiscard]] std::shared_ptr<const Definitions> snapshot() const;

  /// Tables that are there from the start: of databases.
  void addTables(flow::LookupTables tables);
  /// The UDP port of the engine, which relays to this machine must not name; 0: none.
  void setOwnPort(std::uint16_t port) { reading_.ownPort = port; }

  /// All of a definitions file
  /// (`{"flows":{…},"thresholds":{…},"groups":{…},"maps":{…},"forwarding":{…},"topology":{…}}` in the REST shapes), or
  /// nothing of it: the error names the definition. A file is read as a whole, so what its definitions name should be
  /// there afterwards: otherwise that is a hint, too. Answers the first hints, each with its definition.
  [[nodiscard]] Expected<Engine::Hints> load(const boost::json::value& file,
                                             Engine::OnHints onHints = Engine::OnHints::accept);

  static constexpr std::size_t kMaxName = 256;

 private:
  template <class... Kinds>
  struct Tables : std::tuple<DefinitionTable<Kinds>...> {
    template <class Kind>
    auto& of() {
      return std::get<DefinitionTable<Kind>>(*this);
    }
    template <class Kind>
    const auto& of() const {
      return std::get<DefinitionTable<Kind>>(*this);
    }
    /// Calls visit(Kind()) for each kind, in this order.
    template <class Visit>
    static void each(Visit&& visit) {
      (visit(Kinds()), ...);
    }
    /// The same for one of them.
    template <class Visit>
    static void with(Engine::Kind kind, Visit&& visit) {
      ((Kinds::kKind == kind ? visit(Kinds()) : void()), ...);
    }
  };
  /// In the order in which a file is read.
  using AllTables = Tables<GroupKind, MapKind, FlowKind, ThresholdKind, ForwardingKind>;
  struct Content {
    AllTables tables;
    std::shared_ptr<const model::Topology> topology = std::make_shared<model::Topology>();
    std::shared_ptr<const flow::LookupTables> databases = std::make_shared<flow::LookupTables>();
  };

  template <class Kind>
  Expected<Engine::Checked> checkOne(const boost::json::value& body) const;
  template <class Kind>
  Expected<Engine::Hints> putOne(std::string_view name, const boost::json::value& body, Engine::OnHints onHints);
  /// Whether the tables that flows look things up in may be others than in the last snapshot.
  enum class Lookups : bool { same, changed };
  template <class Kind>
  static constexpr Lookups lookupsAfter() {
    const bool own = std::is_same_v<Kind, ThresholdKind> || std::is_same_v<Kind, ForwardingKind>;
    return own ? Lookups::same : Lookups::changed;
  }
  [[nodiscard]] std::shared_ptr<const Definitions> snapshotOf(const Content& content, Lookups lookups) const;
  void publish(Lookups lookups, const std::vector<DefinitionChanged>& changes = {});
  void install(std::shared_ptr<const Definitions> snapshot, const std::vector<DefinitionChanged>& changes);

  DefinitionReading reading_;
  Publish publish_;
  Tell tell_;
  mutable std::mutex mutex_;
  Content content_;
  std::shared_ptr<const Definitions> snapshot_ = std::make_shared<Definitions>();
};

}  // namespace weir::engine
