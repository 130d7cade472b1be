#pragma once
#include <atomic>
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "engine/definition_table.h"
#include "engine/definitions.h"
#include "engine/engine.h"
#include "enrich/named_set.h"
#include "model/metric_names.h"

/// The kinds of definitions, all of one shape:
///   kKind, kSection     how the interface and a definitions file call it
///   kWord               one of them, in the log
///   kMost, kThem        how many there may be, and what the error calls them
///   Entry               a definition in force, Defined and more; name, slot and generation are the table's to set
///   read                body → entry with its hints. May take seconds: hold no lock meanwhile. Thread: any
///   same                the definition that is put is the one that is there
///   write, list         what GET of one, and of all, answers
namespace weir::engine {

/// What reading a definition needs beside its body.
struct DefinitionReading {
  model::MetricNames& names;
  std::function<Nanos()> now;             ///< the engine's clock
  std::atomic<std::uint16_t> ownPort{0};  ///< UDP port of the engine, which datagrams must not be relayed to; 0: none
};

struct FlowKind {
  using Entry = FlowEntry;
  static constexpr auto kKind = Engine::Kind::flow;
  static constexpr std::string_view kSection = "flows", kWord = "flow", kThem = "flow definitions";
  static constexpr std::size_t kMost = 1'000;
  [[nodiscard]] static Expected<Entry> read(std::string_view name, const boost::json::value& body,
                                            DefinitionReading& reading);
  /// Without hints.
  [[nodiscard]] static Expected<Entry> compile(std::string_view name, flow::Definition definition);
  [[nodiscard]] static bool same(const Entry& a, const Entry& b);
  static void write(JsonWriter& json, const Entry& entry);
  static void list(JsonWriter& json, const Entry& entry) { write(json, entry); }
};

struct ThresholdKind {
  using Entry = ThresholdEntry;
  static constexpr auto kKind = Engine::Kind::threshold;
  static constexpr std::string_view kSection = "thresholds", kWord = "threshold", kThem = "thresholds";
  static constexpr std::size_t kMost = 10'000;
  [[nodiscard]] static Expected<Entry> read(std::string_view name, const boost::json::value& body,
                                            DefinitionReading& reading);
  [[nodiscard]] static bool same(const Entry& a, const Entry& b) { return a.threshold == b.threshold; }
  static void write(JsonWriter& json, const Entry& entry) { entry.threshold.writeJson(json); }
  static void list(JsonWriter& json, const Entry& entry) { write(json, entry); }
};

/// Groups and maps: each PUT is an update, whatever it holds.
struct SetKind {
  using Entry = SetEntry;
  static constexpr std::string_view kThem = "of them";
  static constexpr std::size_t kMost = 10'000;
  [[nodiscard]] static bool same(const Entry&, const Entry&) { return false; }
  static void write(JsonWriter& json, const Entry& entry) { json.raw(entry.set.json); }
  static void list(JsonWriter& json, const Entry& entry) { json.integer(entry.updated / kMillisecond); }
};

struct GroupKind : SetKind {
  static constexpr auto kKind = Engine::Kind::group;
  static constexpr std::string_view kSection = "groups", kWord = "group";
  [[nodiscard]] static Expected<Entry> read(std::string_view name, const boost::json::value& body,
                                            DefinitionReading& reading);
};

struct MapKind : SetKind {
  static constexpr auto kKind = Engine::Kind::map;
  static constexpr std::string_view kSection = "maps", kWord = "map";
  [[nodiscard]] static Expected<Entry> read(std::string_view name, const boost::json::value& body,
                                            DefinitionReading& reading);
};

struct ForwardingKind {
  using Entry = ForwardingEntry;
  static constexpr auto kKind = Engine::Kind::forwarding;
  static constexpr std::string_view kSection = "forwarding", kWord = "forwarding", kThem = "relays";
  static constexpr std::size_t kMost = 64;
  [[nodiscard]] static Expected<Entry> read(std::string_view name, const boost::json::value& body,
                                            DefinitionReading& reading);
  [[nodiscard]] static bool same(const Entry& a, const Entry& b) { return a.forwarding == b.forwarding; }
  static void write(JsonWriter& json, const Entry& entry) { entry.forwarding.writeJson(json); }
  static void list(JsonWriter& json, const Entry& entry) { write(json, entry); }
};

}  // namespace weir::engine
