#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "event/flow_armings.h"

namespace weir::engine {

/// How an engine is set up. A plain value, filled from the properties by apps.
struct Settings {
  unsigned shards = 2;  ///< workers.number, 1 … 64
  // live
  bool live = true;           ///< open the sFlow port (off with a capture or the demo)
  IpAddress address;          ///< sflow.address; none: all
  std::uint16_t port = 6343;  ///< sflow.port; 0 lets the system choose
  std::size_t receiveBufferBytes = std::size_t{16} << 20;
  // replay
  std::string captureFile;            ///< sflow.file
  std::optional<double> speed = 1.0;  ///< sflow.file.speed; nothing: as fast as it goes
  bool loop = false;                  ///< sflow.file.loop
  bool demo = false;                  ///< what is replayed is simulated; only told to clients
  // what flow keys are looked up in (docs/enrichment.md)
  std::vector<std::string> countryFiles;  ///< geo.country, geo.country6
  std::vector<std::string> asnFiles;      ///< geo.asn, geo.asn6
  std::string vendorFile;                 ///< oui.names
  std::string dnsServers;   ///< dns.servers; empty: those of the system. In replay asked for collectors only
  bool exportFlows = true;  ///< send flow records to ipfixCollectors; `weir replay` does not
  bool strict = false;  ///< hints.strict: a definitions file with hints is refused
  // bounds
  std::size_t eventsKept = 1000;  ///< events.max
  std::size_t flowsKept = 1000;   ///< flows.max
  std::size_t answerBytes = 0;    ///< what questions in the making may hold together; 0: what this machine affords
  std::string version = "0.1-1";
};

/// Bounds on what strangers can make an engine remember. They belong to an agent, or are far above any real network:
/// no result of a real agent depends on who shares its shard. At a bound of the shard, agents that can best be spared
/// give way (agent_ageing.cpp).
struct Limits {
  static constexpr std::size_t kAgents = 65'536;  ///< of a shard
  static constexpr std::size_t kSourcesOfAgent = 16'384;
  static constexpr std::size_t kSources = 131'072;  ///< of a shard
  static constexpr std::size_t kSubAgentsOfAgent = 64;
  static constexpr std::size_t kSendersShown = 8;  ///< sFlowDatagramSource of one agent
  /// Flows above one byFlow threshold at one data source; smaller ones give way.
  static constexpr std::size_t kArmingsOfSource = event::FlowArmings::kMaxFlows;
  /// Octets of the tables of such flows at all data sources of an agent: at the bound each keeps its size.
  static constexpr std::size_t kArmingBytesOfAgent = std::size_t{4} << 20;
  static constexpr std::size_t kCustomSourcesOfAgent = 1'024;  ///< rtmetric data sources
};

}  // namespace weir::engine
