#include "http/client_exchange.h"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <iterator>
#include <utility>

#include "http/ascii.h"
#include "http/gzip.h"

namespace weir::http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr unsigned kMostInterim = 16;  // answers 1xx before the one that counts

constexpr std::string_view kOwnHeaders[] = {
    "Host",   "Content-Length", "Transfer-Encoding", "Connection",       "Content-Type", "Accept-Encoding",
    "Expect", "Upgrade",        "Keep-Alive",        "Proxy-Connection", "TE",           "Trailer"};

bool isToken(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool isFieldValue(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f); });
}

/// What is wrong with a request, so that no value of it can become a line of its own.
std::optional<std::string> requestFault(const ClientRequest& request) {
  if (!isToken(request.method) || request.method == "CONNECT") return "expected a method such as GET";
  for (const auto& [name, value] : request.headers) {
    if (!isToken(name)) return "expected the name of a header";
    if (!isFieldValue(value)) return "header " + name + " holds a line end or another control character";
    if (std::ranges::any_of(kOwnHeaders, [&](auto own) { return equalsIgnoringCase(own, name); })) {
      return "header " + name + " is set by the client itself";
    }
  }
  if (!isFieldValue(request.contentType)) return "the content type holds a control character";
  return std::nullopt;
}

/// May be sent twice (RFC 9110 section 9.2.2). Of a method that is not known here nothing is assumed.
bool isIdempotent(std::string_view method) {
  constexpr std::string_view kIdempotent[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"};
  return std::ranges::find(kIdempotent, method) != std::end(kIdempotent);
}

std::string requestHead(const ClientRequest& request, const Url& url, const ClientOptions& options) {
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.host();
  for (const auto& [name, value] : request.headers) out.append("\r\n").append(name).append(": ").append(value);
  if (!request.contentType.empty()) out.append("\r\nContent-Type: ").append(request.contentType);
  if (options.gzip) out += "\r\nAccept-Encoding: gzip";
  if (!request.body.empty() || !isIdempotent(request.method) || request.method == "PUT") {
    out.append("\r\nContent-Length: ").append(std::to_string(request.body.size()));
  }
  return out.append(options.keptConnections > 0 ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
}

}  // namespace

ClientExchange::ClientExchange(ClientContext& context, ClientRequest request, Client::Done done)
    : context_(context),
      request_(std::move(request)),
      done_(std::move(done)),
      resolver_(context.io),
      socket_(context.io),
      timer_(context.io) {}

void ClientExchange::start() {
  end_ = Steady::now() + context_.options.wholeTimeout;
  auto url = parseUrl(request_.url);
  auto fault = requestFault(request_);
  // Never from inside ask().
  asio::post(context_.io, [self = shared_from_this(), url = std::move(url), fault = std::move(fault)]() mutable {
    if (!self->done_) return;
    if (!url) return self->fail(url.error().message);
    if (fault) return self->fail(std::move(*fault));
    self->url_ = std::move(*url);
    self->open();
  });
}

void ClientExchange::cancel() {
  done_ = nullptr;
  timer_.cancel();
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
  if (connection_) connection_->close();
  connection_ = nullptr;
}

void ClientExchange::open() {
  if (auto kept = context_.take(url_.origin())) return use(std::move(kept));
  connect();
}

void ClientExchange::connect() {
  waitingFor_ = "a connection";
  await(context_.options.connectTimeout);
  const auto connected = [self = shared_from_this()](error_code ec) {
    if (!self->done_) return;
    if (ec) return self->fail("cannot connect: " + ec.message());
    auto transport = self->context_.transport(std::move(self->socket_), self->url_);
    self->socket_ = tcp::socket(self->context_.io);
    if (!transport) return self->fail("there is no transport for " + self->url_.scheme);
    self->use(std::make_shared<ClientConnection>(std::move(transport), self->url_.origin()));
  };
  resolver_.async_resolve(
      url_.authority.host, std::to_string(url_.port()), tcp::resolver::numeric_service,
      [self = shared_from_this(), connected](error_code ec, const tcp::resolver::results_type& found) {
        if (!self->done_) return;
        if (ec) return self->fail("the name has no address: " + ec.message());
        asio::async_connect(self->socket_, found, [connected](error_code e, const tcp::endpoint&) { connected(e); });
      });
}

void ClientExchange::use(std::shared_ptr<ClientConnection> connection) {
  connection_ = std::move(connection);
  reused_ = connection_->wasUsed();
  waitingFor_ = "an answer";
  await(context_.options.idleTimeout);
  in_.clear();
  interim_ = 0;
  prepareParser();
  connection_->begin(weak_from_this(), requestHead(request_, url_, context_.options), request_.body);
}

void ClientExchange::prepareParser() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_.options.headerBytes));
  parser_->body_limit(context_.options.bodyBytes);
  if (request_.method == "HEAD") parser_->skip(true);
}

void ClientExchange::onProgress() {
  await(context_.options.idleTimeout);
}

void ClientExchange::onOctets(std::string_view octets) {
  onProgress();
  in_.commit(asio::buffer_copy(in_.prepare(octets.size()), asio::buffer(octets.data(), octets.size())));
  const auto self = shared_from_this();
  while (done_ && connection_ && parse()) {
  }
}

bool ClientExchange::parse() {
  const bool inHeader = !parser_->is_header_done();
  error_code ec;
  const std::size_t used = parser_->put(in_.data(), ec);
  in_.consume(used);
  if (ec == beast_http::error::body_limit) {
    return fail("the answer is longer than " + std::to_string(context_.options.bodyBytes) + " octets"), false;
  }
  // Lines of chunks and trailers are bounded here, the parser bounds those of the header.
  if (ec == beast_http::error::header_limit ||
      (ec == beast_http::error::need_more && in_.size() > context_.options.headerBytes)) {
    return fail("the header of the answer is longer than " + std::to_string(context_.options.headerBytes)), false;
  }
  if (ec && ec != beast_http::error::need_more) return fail("the answer is not HTTP/1.1: " + ec.message()), false;
  if (inHeader && parser_->is_header_done()) {
    const unsigned status = parser_->get().result_int();
    if (status < 200) {
      if (status == 101 || ++interim_ > kMostInterim) return fail("the answer never begins"), false;
      prepareParser();
      return in_.size() > 0;
    }
    if (isDoubtful()) return fail("the length of the answer is doubtful"), false;
  }
  if (parser_->is_done()) return onAnswer(), false;
  return !ec && used > 0 && in_.size() > 0;
}

bool ClientExchange::isDoubtful() const {
  const auto& header = parser_->get();
  const auto [first, last] = header.equal_range(beast_http::field::transfer_encoding);
  if (first == last) return false;
  const std::string_view coding(first->value().data(), first->value().size());
  return std::next(first) != last || !equalsIgnoringCase(coding, "chunked") || header.version() < 11 ||
         header.find(beast_http::field::content_length) != header.end();
}

void ClientExchange::onEnd(error_code ec) {
  const auto self = shared_from_this();
  connection_ = nullptr;
  if (!done_) return;
  const bool nothing = !parser_->got_some() && in_.size() == 0;
  if (nothing && reused_ && again()) return;
  if (ec) return fail("the connection broke: " + ec.message());
  error_code end;
  if (parser_->got_some()) parser_->put_eof(end);
  if (end || !parser_->is_done()) return fail("the answer ends too early");
  onAnswer();
}

/// A connection that had waited may close while the request is on its way: one more try on a fresh one.
bool ClientExchange::again() {
  if (!isIdempotent(request_.method)) return false;
  connect();
  return true;
}

void ClientExchange::onAnswer() {
  const bool keep = connection_ && parser_->keep_alive() && in_.size() == 0 && connection_->isSent() &&
                    context_.options.keptConnections > 0;
  auto message = parser_->release();
  parser_.reset();
  if (connection_) {
    connection_->rest();
    if (keep) {
      context_.keep(std::move(connection_));
    } else {
      connection_->close();
    }
    connection_ = nullptr;
  }
  ClientAnswer answer{message.result_int(), {}, std::move(message.body())};
  for (const auto& field : message) {
    answer.headers.add({field.name_string().data(), field.name_string().size()},
                       {field.value().data(), field.value().size()});
  }
  if (followRedirect(answer)) return;
  if (context_.options.gzip && equalsIgnoringCase(answer.headers["Content-Encoding"], "gzip") && !answer.body.empty()) {
    auto text = gunzip(answer.body, context_.options.bodyBytes);
    if (!text)
      return fail("the answer cannot be unpacked, or is longer than " + std::to_string(context_.options.bodyBytes));
    answer.body = std::move(*text);
  }
  finish(std::move(answer));
}

bool ClientExchange::followRedirect(const ClientAnswer& answer) {
  const unsigned s = answer.status;
  const bool redirect = s == 301 || s == 302 || s == 303 || s == 307 || s == 308;
  if (!redirect || redirects_ == context_.options.redirects || !answer.headers.has("Location")) return false;
  auto next = resolveUrl(url_, answer.headers["Location"]);
  if (!next) return fail("the answer leads to no URL: " + next.error().message), true;
  ++redirects_;
  // RFC 9110 sections 15.4.2 to 15.4.4: what was asked by POST is fetched from the new place by GET.
  if ((s <= 302 && request_.method == "POST") || (s == 303 && request_.method != "HEAD")) {
    request_.method = "GET";
    request_.body.clear();
    request_.contentType.clear();
  }
  if (next->origin() != url_.origin()) {
    std::erase_if(request_.headers, [](const auto& header) {
      return equalsIgnoringCase(header.first, "Authorization") || equalsIgnoringCase(header.first, "Cookie");
    });
  }
  url_ = std::move(*next);
  open();
  return true;
}

void ClientExchange::await(std::chrono::milliseconds longest) {
  deadline_ = std::min(Steady::now() + longest, end_);
  if (!std::exchange(armed_, true) || deadline_ < timer_.expiry()) armTimer();
}

void ClientExchange::armTimer() {
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || !self->done_) return;
    if (Steady::now() < self->deadline_) return self->armTimer();
    self->fail("waited too long for " + std::string(self->waitingFor_));
  });
}

void ClientExchange::fail(std::string what) {
  finish(weir::fail(request_.url + ": " + what));
}

void ClientExchange::finish(Expected<ClientAnswer> answer) {
  const auto done = std::exchange(done_, nullptr);
  cancel();
  if (done) done(std::move(answer));
}

}  // namespace weir::http
