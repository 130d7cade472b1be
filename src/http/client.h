#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "http/headers.h"
#include "http/transport.h"
#include "http/url.h"

namespace boost::asio {
class io_context;
}

namespace weir::http {

/// What a client asks for. Host, Content-Length, Connection and Accept-Encoding are the client's own.
struct ClientRequest {
  std::string url = {};
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string contentType = {};  ///< of the body; empty: not told
  std::string body = {};
};

struct ClientAnswer {
  unsigned status = 0;  ///< any from 200 on: also errors of the other side are answers
  Headers headers;
  std::string body;
};

/// Bounds of what a client waits for and holds.
struct ClientOptions {
  std::chrono::milliseconds connectTimeout{5'000};  ///< name and connection
  std::chrono::milliseconds idleTimeout{30'000};    ///< without an octet either way
  std::chrono::milliseconds wholeTimeout{60'000};   ///< for all of it, redirects included
  std::size_t headerBytes = std::size_t{64} << 10;
  std::size_t bodyBytes = std::size_t{16} << 20;  ///< of an answer, and again when it is unpacked
  unsigned redirects = 0;                         ///< that are followed; what comes after them is the answer
  bool gzip = false;                           ///< ask for compressed answers, and unpack them on the client's thread
  std::size_t keptConnections = 0;             ///< that wait for another request, of all hosts; the oldest gives way
  std::chrono::milliseconds keepTime{15'000};  ///< how long they wait
};

/// How a connection that was made becomes a transport; nullptr where the scheme of the URL has none.
using MakeClientTransport =
    std::function<std::unique_ptr<Transport>(boost::asio::ip::tcp::socket socket, const Url& url)>;
/// TCP for http, nothing for other schemes.
[[nodiscard]] std::unique_ptr<Transport> plainClientTransport(boost::asio::ip::tcp::socket socket, const Url& url);

/// Asks HTTP/1.1 servers, many at a time, without waiting (RFC 9110, RFC 9112). Names are resolved by a thread of the
/// io_context. Thread: the one that runs the io_context, for everything but construction.
class Client {
 public:
  using Id = std::uint64_t;
  /// Called once for each question, never from inside ask(). Error: one sentence that names the URL.
  using Done = std::function<void(Expected<ClientAnswer>)>;

  explicit Client(boost::asio::io_context& io, ClientOptions options = {},
                  MakeClientTransport transport = plainClientTransport);
  /// Ends what is under way; it is not answered.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Id ask(ClientRequest request, Done done);
  /// The question is not answered any more. Fine for one that was.
  void cancel(Id id);
  [[nodiscard]] std::size_t underWay() const;
  [[nodiscard]] std::size_t keptConnections() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace weir::http
