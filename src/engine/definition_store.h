#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "engine/definitions.h"
#include "engine/engine.h"
#include "enrich/named_set.h"
#include "model/metric_names.h"

namespace weir::engine {

/// What users defined: flows, thresholds, groups, maps, the topology. Validates, keeps the texts that GET answers,
/// gives slots and generations, and publishes immutable snapshots. The lock owns the data. Thread: any.
class DefinitionStore {
 public:
  /// `publish` is called under the lock with each new snapshot, so snapshots arrive in order.
  using Publish = std::function<void(std::shared_ptr<const Definitions>)>;
  /// The engine's clock: the time of an update.
  using Now = std::function<Nanos()>;
  /// `names` must outlive the store.
  DefinitionStore(model::MetricNames& names, Publish publish, Now now)
      : names_(names), publish_(std::move(publish)), now_(std::move(now)) {}

  [[nodiscard]] Expected<void> put(Engine::Kind kind, std::string_view name, const boost::json::value& body);
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

  /// All of a definitions file
  /// (`{"flows":{…},"thresholds":{…},"groups":{…},"maps":{…},"forwarding":{…},"topology":{…}}` in the REST shapes), or
  /// nothing of it: the error names the definition.
  [[nodiscard]] Expected<void> load(const boost::json::value& file);

  static constexpr std::size_t kMaxFlows = 1'000;
  static constexpr std::size_t kMaxThresholds = 10'000;
  static constexpr std::size_t kMaxSets = 10'000;  ///< groups and maps
  static constexpr std::size_t kMaxForwarding = 64;
  static constexpr std::size_t kMaxName = 256;

 private:
  struct StoredSet {
    enrich::NamedSet set;
    Nanos updated = 0;
  };
  struct Content {
    std::map<std::string, FlowEntry, std::less<>> flows;
    std::map<std::string, ThresholdEntry, std::less<>> thresholds;
    std::map<std::string, StoredSet, std::less<>> groups, maps;
    std::map<std::string, Forwarding, std::less<>> forwarding;
    std::shared_ptr<const model::Topology> topology = std::make_shared<model::Topology>();
    std::uint32_t flowSlots = 0, thresholdSlots = 0, generation = 0;
    std::set<std::uint32_t> freeFlowSlots, freeThresholdSlots;
  };

  Expected<bool> putInto(Content& content, Engine::Kind kind, std::string_view name, const boost::json::value& body);
  Expected<void> putSet(Content& content, Engine::Kind kind, std::string_view name, enrich::NamedSet set);
  Expected<bool> putFlow(Content& content, std::string_view name, flow::Definition definition);
  Expected<bool> putThreshold(Content& content, std::string_view name, const boost::json::value& body);
  Expected<void> expectMetric(std::string_view name, const char* attribute);
  static Expected<bool> putForwarding(Content& content, std::string_view name, const boost::json::value& body);
  static bool lacksTopology(const Content& content, const FlowEntry& flow);
  static void tellWhatIsMissing(const Content& content);
  void publish();
  [[nodiscard]] std::shared_ptr<const flow::Lookup> lookup(const flow::LookupName& name) const;

  model::MetricNames& names_;
  Publish publish_;
  Now now_;
  mutable std::mutex mutex_;
  Content content_;
  flow::LookupTables databases_;
  std::shared_ptr<const Definitions> snapshot_ = std::make_shared<Definitions>();
};

}  // namespace weir::engine
