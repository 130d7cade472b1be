#include "api/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>

#include "api/answers.h"
#include "api/framing.h"
#include "api/gzip.h"
#include "api/target.h"
#include "base/log.h"

namespace weir::api {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr std::size_t kFinishBeside = 32 * 1024;  // octets of an answer that take about a millisecond to compress
constexpr std::size_t kReadAhead = 64 * 1024;     // octets read while a request is being answered, for pipelining

std::string httpDate(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  // The C locale's names are what RFC 9110 section 5.6.7 wants; nothing in this program sets another.
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

class SessionStream : public Stream {
 public:
  SessionStream(std::weak_ptr<Session> session, std::uint64_t number) : session_(std::move(session)), number_(number) {}
  void write(std::string piece, std::function<void()> sent) override {
    if (const auto s = session_.lock()) s->writePiece(number_, std::move(piece), std::move(sent));
  }
  void end(bool cut) override {
    if (const auto s = session_.lock()) s->endStream(number_, cut);
  }
  void whenGone(std::function<void()> gone) override {
    if (const auto s = session_.lock()) s->whenGone(number_, std::move(gone));
  }

 private:
  std::weak_ptr<Session> session_;
  std::uint64_t number_;
};

class SessionReply : public Reply {
 public:
  SessionReply(std::weak_ptr<Session> session, std::uint64_t number, std::shared_ptr<Gate> gate)
      : session_(std::move(session)), number_(number), gate_(std::move(gate)) {}
  void send(Response response) override {
    gate_->run([session = session_, number = number_, response = std::move(response)]() mutable {
      if (const auto s = session.lock()) s->answer(number, std::move(response));
    });
  }
  StreamPtr stream(Response head) override {
    const auto s = session_.lock();
    if (!s || !s->openStream(number_, std::move(head))) return nullptr;
    return std::make_shared<SessionStream>(session_, number_);
  }
  void whenGone(std::function<void()> gone) override {
    if (const auto s = session_.lock()) s->whenGone(number_, std::move(gone));
  }

 private:
  // The server's thread alone may hold a session alive: its end closes a socket of that thread.
  std::weak_ptr<Session> session_;
  std::uint64_t number_;
  std::shared_ptr<Gate> gate_;
};

}  // namespace

const std::string& DateText::now() {
  const std::time_t now = std::time(nullptr);
  if (now != at_) {
    at_ = now;
    text_ = httpDate(now);
  }
  return text_;
}

Session::Session(Shared& shared, tcp::socket socket) : shared_(shared), socket_(std::move(socket)) {
  shared_.sessions.insert(this);
  shared_.figures.connectionsCurrent = shared_.sessions.size();
  raise(shared_.figures.connectionsTotal);
}

Session::~Session() {
  chargeBody(0);
  shared_.sessions.erase(this);
  shared_.figures.connectionsCurrent = shared_.sessions.size();
  if (shared_.afterSession) shared_.afterSession();
}

void Session::start(bool overload) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  await(Phase::idle, shared_.options.idleTimeout);
  if (overload) {
    refuse(503, "too many connections");
  }
  read();
}

void Session::answer(std::uint64_t number, Response response) {
  if (phase_ != Phase::handling || number != number_ || finishing_) return;
  if (response.body.size() < kFinishBeside || !needsFinishing(request_, shared_.options, response)) {
    return answerNow(std::move(response));
  }
  finishing_ = true;
  Request asked;  // what finishing looks at: it outlives a client that leaves
  asked.method = request_.method;
  asked.acceptsGzip = request_.acceptsGzip;
  shared_.offload([session = weak_from_this(), gate = shared_.gate, options = shared_.options, asked = std::move(asked),
                   response = std::move(response)]() mutable {
    finishBody(asked, options, response);
    gate->post([session, response = std::move(response)]() mutable {
      if (const auto s = session.lock(); s && s->phase_ == Phase::handling && s->finishing_) {
        s->write(std::move(response));
      }
    });
  });
}

bool Session::openStream(std::uint64_t number, Response head) {
  if (phase_ != Phase::handling || number != number_ || finishing_) return false;
  if (request_.method == Method::head) return write(std::move(head)), false;
  keepAlive_ = false;
  gone_ = nullptr;
  phase_ = Phase::streaming;
  ++shared_.figures.streamsCurrent;
  finishResponse(request_, head);
  response_ = std::move(head);
  piece_ = streamHead(response_, shared_.date.now());
  return true;
}

void Session::writePiece(std::uint64_t number, std::string piece, std::function<void()> sent) {
  if (phase_ != Phase::streaming || number != number_ || sent_) return;
  piece_ += piece;
  sent_ = std::move(sent);
  deadline_ = Steady::now() + shared_.options.writeTimeout;
  asio::async_write(
      socket_, asio::buffer(piece_),
      [self = this](error_code ec, std::size_t) {
        if (self->phase_ == Phase::streaming) self->deadline_ = Steady::now() + self->shared_.options.writeTimeout;
        return ec ? std::size_t{0} : std::size_t{1} << 16;
      },
      [self = shared_from_this()](error_code ec, std::size_t n) { self->onPieceWritten(ec, n); });
}

void Session::endStream(std::uint64_t number, bool cut) {
  if (phase_ != Phase::streaming || number != number_) return;
  gone_ = nullptr;
  if (cut) return raise(shared_.figures.streamsCut), close();
  if (sent_) {
    endsAfterPiece_ = true;
    return;
  }
  leaveStream();
  drain();
}

void Session::whenGone(std::uint64_t number, std::function<void()> gone) {
  if ((phase_ != Phase::handling && phase_ != Phase::streaming) || number != number_) return;
  if (eof_) return gone();
  gone_ = std::move(gone);
}

void Session::checkDeadline(Steady::time_point now) {
  if (now < deadline_) return;
  if (phase_ == Phase::header || phase_ == Phase::body) return refuse(408, "the request did not arrive in time");
  if (phase_ == Phase::streaming) return raise(shared_.figures.streamsCut), abandon();
  close();
}

void Session::stop() {
  keepAlive_ = false;
  if (phase_ != Phase::handling && phase_ != Phase::writing && !endsAfterPiece_) close();
}

void Session::close() {
  error_code ignored;
  socket_.close(ignored);
  if (phase_ == Phase::streaming) leaveStream();
  gone_ = nullptr;
  sent_ = nullptr;
  deadline_ = Steady::time_point::max();
  phase_ = Phase::closed;
  answering_.reset();
}

void Session::await(Phase phase, std::chrono::milliseconds longest) {
  phase_ = phase;
  deadline_ = Steady::now() + longest;
}

void Session::read() {
  if (reading_ || eof_ || phase_ == Phase::closed) return;
  if (!receiving() && phase_ != Phase::draining && in_.size() >= kReadAhead) return;
  reading_ = true;
  // Not into in_ itself: that moves while requests are parsed and this read is under way.
  arriving_.resize(phase_ == Phase::body || phase_ == Phase::draining ? kReadAhead : 2048);
  if (phase_ == Phase::idle) arriving_.shrink_to_fit();
  socket_.async_read_some(asio::buffer(arriving_), [self = shared_from_this()](error_code ec, std::size_t n) {
    self->reading_ = false;
    self->onRead(ec, n);
  });
}

void Session::onRead(error_code ec, std::size_t n) {
  if (phase_ == Phase::closed) return;
  if (ec == asio::error::eof) return onEnd();
  if (ec) return abandon();
  raise(shared_.figures.bytesReceived, n);
  if (phase_ == Phase::draining) {
    deadline_ = std::min(Steady::now() + shared_.options.lingerTimeout, bodyEnd_);
  } else {
    in_.commit(asio::buffer_copy(in_.prepare(n), asio::buffer(arriving_, n)));
    parse();
  }
  read();
}

void Session::onEnd() {
  eof_ = true;
  if (receiving()) return onEndOfInput();
  if (phase_ == Phase::handling && gone_) return std::exchange(gone_, nullptr)();
  if (phase_ == Phase::streaming) return abandon();
  if (phase_ == Phase::draining) close();
}

void Session::onEndOfInput() {
  if (phase_ == Phase::idle) return close();
  refuse(400, "the request ends too early");
}

void Session::abandon() {
  const auto gone = std::exchange(gone_, nullptr);
  close();
  if (gone) gone();  // the answer finds the session closed
}

void Session::parse() {
  while (receiving()) {
    if (phase_ == Phase::idle && !begin()) return;
    error_code ec;
    const std::size_t used = parser_->put(in_.data(), ec);
    // The parser takes whole lines, together with those that continue them.
    const bool folded = phase_ == Phase::header && hasFoldedLine({static_cast<const char*>(in_.data().data()), used});
    in_.consume(used);
    if (folded) return refuse(400, "a line of the header is continued on the next one");
    if (ec && ec != http::error::need_more) return refuseBroken(ec);
    if (!withinHeaderLimit(used, ec == http::error::need_more)) return refuseBroken(http::error::header_limit);
    if (phase_ == Phase::header && parser_->is_header_done() && !beginBody()) return;
    if (phase_ == Phase::body && !receiveBody(used)) return;
    if (parser_->is_done()) return dispatch();
    if (ec || used == 0) return;
  }
}

bool Session::begin() {
  const std::string_view arrived(static_cast<const char*>(in_.data().data()), in_.size());
  std::size_t blanks = 0;
  while (blanks < arrived.size() && (arrived[blanks] == '\n' || arrived.substr(blanks, 2) == "\r\n")) {
    blanks += arrived[blanks] == '\n' ? 1 : 2;
  }
  const bool nothing = blanks == arrived.size() || arrived.substr(blanks) == "\r";
  in_.consume(blanks);
  if (nothing) return false;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_.options.headerBytes));
  parser_->body_limit(shared_.options.bodyBytes);
  request_ = {};
  lines_ = 0;
  keepAlive_ = false;
  await(Phase::header, shared_.options.headerTimeout);
  return true;
}

bool Session::withinHeaderLimit(std::size_t used, bool stuck) {
  if (phase_ == Phase::body && parser_->get().body().size() > charged_) {
    lines_ = 0;
  } else if (phase_ == Phase::header || parser_->chunked()) {
    lines_ += used;
  }
  return lines_ + (stuck ? in_.size() : 0) <= shared_.options.headerBytes;
}

bool Session::beginBody() {
  lines_ = 0;
  const auto& header = parser_->get();
  request_.method = methodOf({header.method_string().data(), header.method_string().size()});
  if (const auto fault = framingFault(header)) return refuse(fault->status, std::string(fault->why)), false;
  // Trailers behind a chunked body say nothing of the request (RFC 9110 section 6.5.1): all is read here.
  keepAlive_ = parser_->keep_alive();
  for (const auto& field : header) {
    request_.headers.add({field.name_string().data(), field.name_string().size()},
                         {field.value().data(), field.value().size()});
  }
  request_.authority = request_.headers["Host"];
  request_.acceptsGzip = acceptsGzip(request_.headers["Accept-Encoding"]);
  request_.lastEventId = request_.headers["Last-Event-ID"];
  await(Phase::body, shared_.options.bodyTimeout);
  bodyEnd_ = Steady::now() + shared_.options.wholeBodyTimeout;
  if (parser_->is_done()) return true;
  if (!chargeBody(parser_->content_length().value_or(0))) return refuse(503, "too many requests at once"), false;
  if (header.version() >= 11 && boost::beast::iequals(header[http::field::expect], "100-continue") && in_.size() == 0) {
    // The first octets on a connection whose last answer has left: they fit into the socket.
    error_code ignored;
    socket_.write_some(asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), ignored);
  }
  return true;
}

bool Session::receiveBody(std::size_t used) {
  if (used > 0) deadline_ = std::min(Steady::now() + shared_.options.bodyTimeout, bodyEnd_);
  if (chargeBody(std::max<std::size_t>(charged_, parser_->get().body().size()))) return true;
  return refuse(503, "too many requests at once"), false;
}

bool Session::chargeBody(std::size_t octets) {
  shared_.bodies += octets - charged_;
  charged_ = octets;
  return shared_.bodies <= shared_.options.allBodiesBytes || octets == 0;
}

void Session::dispatch() {
  auto message = parser_->release();
  parser_.reset();
  raise(shared_.figures.messagesReceived);
  request_.body = std::move(message.body());
  const std::string_view target(message.target().data(), message.target().size());
  ++number_;
  phase_ = Phase::handling;
  answering_ = shared_from_this();
  deadline_ = Steady::time_point::max();
  if (shared_.options.log) {
    begun_ = Steady::now();
    line_ = std::string(message.method_string()) + " " + std::string(target);
  }
  if (target == "*" && request_.method == Method::options) {
    return answerNow({204, "", "", {{"Allow", "GET, HEAD, PUT, POST, DELETE, OPTIONS"}}});
  }
  if (const auto parsed = parseTarget(target, request_); !parsed) {
    return answerNow(errorResponse(400, parsed.error()));
  }
  if (refuseForeign()) return;
  const auto reply = std::make_shared<SessionReply>(weak_from_this(), number_, shared_.gate);
  try {
    shared_.router.handle(request_, reply);
  } catch (const std::exception& e) {  // memory, in the main
    reply->send(errorResponse(503, {std::string("cannot answer now: ") + e.what(), {}, {}}));
  }
  shared_.afterRequest();
}

bool Session::refuseForeign() {
  request_.listedOrigin = shared_.origins.lists(request_);
  if (isSafe(request_.method)) return false;
  auto why = shared_.origins.refusal(request_);
  if (!why) return false;
  log::warning(shared_.refusals, "HTTP, " + peerText() + ": a change was refused: " + *why);
  answerNow(errorResponse(403, {std::move(*why), {}, {}}));
  return true;
}

void Session::refuseBroken(error_code ec) {
  const auto& o = shared_.options;
  if (ec == http::error::body_limit) return refuse(413, "the body is longer than " + std::to_string(o.bodyBytes));
  if (ec == http::error::bad_version) return refuse(505, "expected HTTP/1.0 or HTTP/1.1");
  if (ec == http::error::header_limit && parser_->get().target().empty()) {
    return refuse(414, "the request line is longer than " + std::to_string(o.headerBytes));
  }
  if (ec == http::error::header_limit) {
    return refuse(431, "request line and headers are longer than " + std::to_string(o.headerBytes));
  }
  refuse(400, "this is not HTTP/1.1: " + ec.message());
}

void Session::refuse(unsigned status, std::string why) {
  parser_.reset();
  in_.consume(in_.size());
  keepAlive_ = false;
  if (line_.empty()) line_ = "-";
  answerNow(errorResponse(status, {std::move(why), {}, {}}));
}

void Session::answerNow(Response response) {
  finishBody(request_, shared_.options, response);
  write(std::move(response));
}

void Session::write(Response response) {
  finishing_ = false;
  finishResponse(request_, response);
  response_ = std::move(response);
  gone_ = nullptr;
  keepAlive_ = keepAlive_ && !shared_.stopping;
  head_ = responseHead(response_, keepAlive_, shared_.date.now());
  await(Phase::writing, shared_.options.writeTimeout);
  chargeBody(0);
  const bool bodyless = request_.method == Method::head;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(head_),
                                                  bodyless ? asio::const_buffer() : asio::buffer(response_.body)};
  asio::async_write(
      socket_, buffers,
      [self = this](error_code ec, std::size_t) {
        if (self->phase_ == Phase::writing) self->deadline_ = Steady::now() + self->shared_.options.writeTimeout;
        return ec ? std::size_t{0} : std::size_t{1} << 20;
      },
      [self = shared_from_this()](error_code ec, std::size_t n) { self->onWritten(ec, n); });
  answering_.reset();
}

void Session::onWritten(error_code ec, std::size_t n) {
  raise(shared_.figures.bytesSent, n);
  if (phase_ == Phase::closed) return;
  if (ec) return close();
  raise(shared_.figures.messagesSent);
  if (shared_.options.log) logRequest(n);
  response_ = {};
  request_ = {};
  if (!keepAlive_) return drain();
  await(Phase::idle, shared_.options.idleTimeout);
  if (in_.size() == 0 && in_.capacity() > kReadAhead / 4) in_.shrink_to_fit();
  parse();
  if (eof_ && receiving()) return onEndOfInput();
  read();
}

void Session::onPieceWritten(error_code ec, std::size_t n) {
  raise(shared_.figures.bytesSent, n);
  streamed_ += n;
  if (phase_ != Phase::streaming) return;
  if (ec) return abandon();
  piece_.clear();
  deadline_ = Steady::time_point::max();
  const auto sent = std::exchange(sent_, nullptr);
  if (!endsAfterPiece_) return sent();
  leaveStream();
  drain();
}

void Session::leaveStream() {
  phase_ = Phase::draining;
  endsAfterPiece_ = false;
  --shared_.figures.streamsCurrent;
  raise(shared_.figures.messagesSent);
  if (shared_.options.log) logRequest(streamed_);
  answering_.reset();
}

void Session::drain() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  if (eof_ || (shared_.stopping && in_.size() == 0)) return close();
  in_.consume(in_.size());
  await(Phase::draining, shared_.options.lingerTimeout);
  bodyEnd_ = Steady::now() + shared_.options.bodyTimeout;
  read();
}

std::string Session::peerText() const {
  error_code gone;
  const auto peer = socket_.remote_endpoint(gone);
  return gone ? "-" : peer.address().to_string();
}

void Session::logRequest(std::size_t octets) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun_).count();
  log::info("HTTP " + peerText() + " \"" + line_ + "\" " + std::to_string(response_.status) + " " +
            std::to_string(octets) + " octets " + std::to_string(line_ == "-" ? 0 : took) + " us");
  line_.clear();
}

}  // namespace weir::api
