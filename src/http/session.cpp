#include "http/session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <new>

#include "base/log.h"
#include "http/ascii.h"
#include "http/framing.h"
#include "http/gzip.h"
#include "http/response.h"
#include "http/target.h"

namespace weir::http {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kUsualFields = 16, kUsualOctets = 512;  // of a header; it may have more
constexpr std::size_t kSmallBody = 16 * 1024;  // octets of a body that is read however many others are under way
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Session::Session(Shared& shared, std::unique_ptr<Transport> transport, IpAddress peer)
    : shared_(shared), transport_(std::move(transport)), peer_(peer) {
  shared_.sessions.insert(this);
  shared_.figures.connectionsCurrent = shared_.sessions.size();
  raise(shared_.figures.connectionsTotal);
}

Session::~Session() {
  chargeBody(0);
  chargeAnswer(0);
  if (place_) shared_.waiting.erase(*place_);
  shared_.sessions.erase(this);
  shared_.figures.connectionsCurrent = shared_.sessions.size();
  if (shared_.afterSession) shared_.afterSession();
}

void Session::start(bool overload) {
  await(Phase::idle, shared_.options.idleTimeout);
  if (overload) {
    refuse(503, "too many connections");
  }
  read();
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
  transport_->close();
  if (phase_ == Phase::streaming) leaveStream();
  gone_ = nullptr;
  sent_ = nullptr;
  deadline_ = Steady::time_point::max();
  phase_ = Phase::closed;
  queue();
  chargeAnswer(0);
  answering_.reset();
}

void Session::await(Phase phase, std::chrono::milliseconds longest) {
  phase_ = phase;
  deadline_ = Steady::now() + longest;
  queue();
}

void Session::queue() {
  if (place_ && receiving()) return shared_.waiting.splice(shared_.waiting.end(), shared_.waiting, *place_);
  if (receiving()) {
    place_ = shared_.waiting.insert(shared_.waiting.end(), this);
  } else if (place_) {
    shared_.waiting.erase(*place_);
    place_.reset();
  }
}

void Session::read() {
  if (reading_ || eof_ || phase_ == Phase::closed) return;
  if (!receiving() && phase_ != Phase::draining && in_.size() >= kReadAhead) return;
  reading_ = true;
  // Not into in_ itself: that moves while requests are parsed and this read is under way.
  arriving_.resize(phase_ == Phase::body || phase_ == Phase::draining ? kReadAhead : 2048);
  if (phase_ == Phase::idle) arriving_.shrink_to_fit();
  transport_->read(asio::buffer(arriving_), shared_from_this());
}

void Session::onRead(error_code ec, std::size_t n) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (ec == asio::error::eof) return onEnd();
  if (ec) return abandon();
  raise(shared_.figures.bytesReceived, n);
  if (phase_ == Phase::draining) {
    deadline_ = std::min(Steady::now() + shared_.options.lingerTimeout, bodyEnd_);
  } else {
    take(n);
  }
  read();
}

void Session::take(std::size_t arrived) {
  try {
    in_.commit(asio::buffer_copy(in_.prepare(arrived), asio::buffer(arriving_, arrived)));
    return parse();
  } catch (const std::bad_alloc&) {
    if (phase_ == Phase::closed) return;
    in_.clear();
    in_.shrink_to_fit();
    request_ = {};
  }
  parser_.reset();
  chargeBody(0);
  if (receiving() || phase_ == Phase::handling) return refuse(503, "there is no memory for this request: try again");
  close();
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
    if (ec && ec != beast_http::error::need_more) return refuseBroken(ec);
    if (!withinHeaderLimit(used, ec == beast_http::error::need_more))
      return refuseBroken(beast_http::error::header_limit);
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
  // Trailers behind a chunked body say nothing of the request (RFC 9110 section 6.5.1): all is read here.
  keepAlive_ = parser_->keep_alive();
  http11_ = header.version() >= 11;
  request_.headers.reserve(kUsualFields, kUsualOctets);
  for (const auto& field : header) {
    request_.headers.add({field.name_string().data(), field.name_string().size()},
                         {field.value().data(), field.value().size()});
  }
  if (const auto fault = framingFault(request_.headers, header.version() < 11)) {
    return refuse(fault->status, std::string(fault->why)), false;
  }
  request_.authority = request_.headers["Host"];
  request_.peer = peer_;
  request_.acceptsGzip = acceptsGzip(request_.headers["Accept-Encoding"]);
  request_.lastEventId = request_.headers["Last-Event-ID"];
  await(Phase::body, shared_.options.bodyTimeout);
  bodyEnd_ = Steady::now() + shared_.options.wholeBodyTimeout;
  if (parser_->is_done()) return true;
  if (!chargeBody(parser_->content_length().value_or(0))) return refuse(503, "too many requests at once"), false;
  if (header.version() >= 11 && equalsIgnoringCase(request_.headers["Expect"], "100-continue") && in_.size() == 0) {
    out_[0] = asio::buffer(kContinue.data(), kContinue.size());
    send();
  }
  return true;
}

bool Session::receiveBody(std::size_t used) {
  if (used > 0) {
    deadline_ = std::min(Steady::now() + shared_.options.bodyTimeout, bodyEnd_);
    queue();
  }
  if (chargeBody(std::max<std::size_t>(charged_, parser_->get().body().size()))) return true;
  return refuse(503, "too many requests at once"), false;
}

bool Session::chargeBody(std::size_t octets) {
  shared_.bodies += octets - charged_;
  charged_ = octets;
  return shared_.bodies <= shared_.options.allBodiesBytes || octets <= kSmallBody;
}

void Session::dispatch() {
  auto message = parser_->release();
  parser_.reset();
  raise(shared_.figures.messagesReceived);
  request_.body = std::move(message.body());
  const std::string_view target(message.target().data(), message.target().size());
  ++number_;
  phase_ = Phase::handling;
  queue();
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
  const ReplyPtr way = reply();
  try {
    shared_.handler(request_, way);
  } catch (const std::bad_alloc&) {
    way->send(errorResponse(503, {"there is no memory for this request: try again", {}, {}}));
  } catch (const std::exception& e) {
    way->send(errorResponse(503, {std::string("cannot answer now: ") + e.what(), {}, {}}));
  }
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
  if (ec == beast_http::error::body_limit) return refuse(413, "the body is longer than " + std::to_string(o.bodyBytes));
  if (ec == beast_http::error::bad_version) return refuse(505, "expected HTTP/1.0 or HTTP/1.1");
  if (ec == beast_http::error::header_limit && parser_->get().target().empty()) {
    return refuse(414, "the request line is longer than " + std::to_string(o.headerBytes));
  }
  if (ec == beast_http::error::header_limit) {
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

}  // namespace weir::http
