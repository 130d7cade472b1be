#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "config/properties.h"

namespace weir::config {

/// The engine's settings, typed and checked, fixed at start. Names and units as in docs/properties.md.
struct EngineSettings {
  std::uint16_t sflowPort = 6343;
  IpAddress sflowAddress;                      ///< none: all
  std::size_t receiveBufferBytes = 16U << 20;  ///< of each socket; 16 to 1000 MiB
  std::string captureFile;                     ///< empty: listen
  double replaySpeed = 1;                      ///< capture seconds a second; infinity: as fast as possible
  bool replayLoop = false;
  std::string defineFile;                           ///< empty: none
  bool strictHints = false;                         ///< hints.strict
  std::vector<std::string> countryFiles, asnFiles;  ///< of both families
  std::string vendorFile;                           ///< empty: none
  std::string dnsServers;                           ///< comma separated; empty: those of the system
  unsigned shards = 1;                              ///< 1 to 64
  std::size_t eventsKept = 1000;
  std::size_t flowsKept = 1000;
  std::uint16_t httpPort = 8008;
  std::string httpHost;  ///< IP address or host name; empty: all addresses
  std::vector<std::string> httpOrigins, httpHosts;
  bool httpReadOnly = false;
  bool httpRest = true;  ///< false only where http.html is off too
  bool httpHtml = true;
  bool httpLog = false;
  unsigned jsonIndent = 0;  ///< 0: compact
};

/// Default of workers.number: the cores this process may use, at most 4.
[[nodiscard]] unsigned defaultShards();

/// The first fatal problem of Properties::check(), or the settings.
[[nodiscard]] Expected<EngineSettings> settingsFrom(const Properties& properties);

}  // namespace weir::config
