#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/client.h"
#include "http/client_connection.h"

/// One question of a client and its answer. For the client only.
namespace weir::http {

/// What exchanges share with their client.
struct ClientContext {
  boost::asio::io_context& io;
  ClientOptions options;
  MakeClientTransport transport;
  /// A connection to `origin` that waits, or nullptr.
  std::function<std::shared_ptr<ClientConnection>(const std::string& origin)> take;
  std::function<void(std::shared_ptr<ClientConnection>)> keep;
};

class ClientExchange : public ClientConnection::Exchange, public std::enable_shared_from_this<ClientExchange> {
 public:
  ClientExchange(ClientContext& context, ClientRequest request, Client::Done done);

  void start();
  /// Not answered any more.
  void cancel();

  void onProgress() override;
  void onOctets(std::string_view octets) override;
  void onEnd(boost::system::error_code ec) override;

 private:
  using Steady = std::chrono::steady_clock;
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

  void open();
  void connect();
  void use(std::shared_ptr<ClientConnection> connection);
  void prepareParser();
  /// One step of the parser; false when it wants more, or all is over.
  bool parse();
  /// Codings and lengths that leave the end of the answer open.
  [[nodiscard]] bool isDoubtful() const;
  void onAnswer();
  bool followRedirect(const ClientAnswer& answer);
  bool again();
  void await(std::chrono::milliseconds longest);
  void armTimer();
  void fail(std::string what);
  void finish(Expected<ClientAnswer> answer);

  ClientContext& context_;
  ClientRequest request_;
  Client::Done done_;
  Url url_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;  // while it is being connected
  boost::asio::steady_timer timer_;
  Steady::time_point deadline_, end_;
  const char* waitingFor_ = "";
  std::shared_ptr<ClientConnection> connection_;
  bool reused_ = false;  // the connection had an exchange before
  bool armed_ = false;   // the timer runs
  std::optional<Parser> parser_;
  boost::beast::flat_buffer in_;
  unsigned redirects_ = 0, interim_ = 0;
};

}  // namespace weir::http
