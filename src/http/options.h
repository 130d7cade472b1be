#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "http/message.h"

namespace weir::http {

/// How a server is set up; a plain value.
struct ServerOptions {
  std::string hostname = {};              ///< name or address to bind to; empty: all, IPv4 and IPv6
  std::uint16_t port = 0;                 ///< 0 lets the system choose
  bool log = false;                       ///< a line for each request
  std::vector<std::string> origins = {};  ///< origins whose pages may change something, as https://noc.example
  std::vector<std::string> hosts = {};    ///< names of this server: under these, its own pages may change something
  /// Beyond, the connection that sent nothing for longest is closed, or the new one is answered 503 where all are being
  /// answered. Lowered to what the limit of open files allows.
  std::size_t maxConnections = 4096;
  /// Done to every answer that is held as a whole, before it is compressed; none: nothing. Thread: any.
  std::function<void(Response&)> filter = {};

  // Bounds of a request, and of real time; tests shorten them.
  std::size_t headerBytes = std::size_t{16} << 10;      ///< request line and headers: beyond 414 or 431
  std::size_t bodyBytes = std::size_t{64} << 20;        ///< beyond: 413
  std::size_t allBodiesBytes = std::size_t{256} << 20;  ///< of all requests being received: beyond 503
  /// Of all answers that were not read yet: beyond 503, or the end of a stream. One alone may be larger.
  std::size_t allAnswersBytes = std::size_t{256} << 20;
  std::chrono::milliseconds headerTimeout{30'000};      ///< from the first octet of a request to the end of its headers
  std::chrono::milliseconds bodyTimeout{30'000};        ///< without an octet of the body arriving
  std::chrono::milliseconds wholeBodyTimeout{600'000};  ///< for all of the body
  std::chrono::milliseconds idleTimeout{120'000};       ///< between requests
  std::chrono::milliseconds writeTimeout{60'000};       ///< without an octet of the answer leaving
  std::chrono::milliseconds lingerTimeout{5'000};       ///< after our last octet, until the client closes
};

}  // namespace weir::http
