#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::api {

/// How the HTTP server is set up. A plain value, filled from the properties by apps (system-properties.md).
struct Options {
  std::string hostname;       ///< http.hostname: name or address to bind to; empty: all, IPv4 and IPv6
  std::uint16_t port = 8008;  ///< http.port; 0 lets the system choose
  bool log = false;           ///< http.log: a line for each request
  bool html = true;           ///< http.html: the status page
  bool rest = true;           ///< http.rest: off only together with html, which lives on it
  bool readOnly = false;      ///< http.readonly: whatever changes something answers 403
  /// http.origins: origins whose pages may change something, as https://noc.example.
  std::vector<std::string> origins;
  /// http.hosts and the names of this machine: under these, pages of this server may change something.
  std::vector<std::string> hosts;
  std::string redirect = "./html/index.html";  ///< http.html.redirect: where `/` leads
  unsigned jsonIndent = 0;                     ///< http.json.indent: blanks a level, 0 to 16; 0 is compact
  std::string metricPrefix = "sflow_";         ///< prometheus.metric.prefix
  bool metricTypes = false;                    ///< prometheus.type: a # TYPE line before each metric
  std::string version = "0.1-1";               ///< what /version answers: major.minor-build
  /// No property sets it. More connections are answered 503; lowered to what the limit of open files allows.
  std::size_t maxConnections = 4096;

  // Bounds of a request (rest-api.md 1.1) and real-time waits; tests shorten them.
  std::size_t headerBytes = std::size_t{16} << 10;      ///< request line and headers: beyond 414 or 431
  std::size_t bodyBytes = std::size_t{64} << 20;        ///< beyond: 413
  std::size_t allBodiesBytes = std::size_t{256} << 20;  ///< of all requests being received: beyond 503
  std::chrono::milliseconds headerTimeout{30'000};      ///< from the first octet of a request to the end of its headers
  std::chrono::milliseconds bodyTimeout{30'000};        ///< without an octet of the body arriving
  std::chrono::milliseconds wholeBodyTimeout{600'000};  ///< for all of the body
  std::chrono::milliseconds idleTimeout{120'000};       ///< between requests
  std::chrono::milliseconds writeTimeout{60'000};       ///< without an octet of the answer leaving
  std::chrono::milliseconds lingerTimeout{5'000};       ///< after our last octet, until the client closes
};

}  // namespace weir::api
