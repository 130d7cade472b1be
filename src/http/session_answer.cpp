#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <new>
#include <utility>

#include "base/log.h"
#include "http/ascii.h"
#include "http/conditional.h"
#include "http/response.h"
#include "http/session.h"

namespace weir::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kSmallAnswer = 16 * 1024;   // octets of an answer that leave however many others wait
constexpr std::size_t kSourcePiece = 256 * 1024;  // octets of a BodySource that are held at a time
constexpr std::size_t kFinishBeside = 32 * 1024;  // octets of an answer that take about a millisecond to compress

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
  StreamPtr stream(Response head, StreamEnd end) override {
    const auto s = session_.lock();
    if (!s || !s->openStream(number_, std::move(head), end)) return nullptr;
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

ReplyPtr Session::reply() {
  return std::make_shared<SessionReply>(weak_from_this(), number_, shared_.gate);
}

void Session::answer(std::uint64_t number, Response response) {
  if (phase_ != Phase::handling || number != number_ || finishing_) return;
  if (isHeldByClient(request_, response)) response = notModified(std::move(response));
  if (!chargeAnswer(response.body.size())) {
    log::warning(shared_.crowds, "HTTP, " + peerText() + ": an answer of " + std::to_string(response.body.size()) +
                                     " octets is refused (503): others wait to be read");
    response = errorResponse(503, {"too many answers wait to be read", {}, {}});
  }
  if (response.body.size() < kFinishBeside || !needsFinishing(request_, shared_.options.filter, response)) {
    return answerNow(std::move(response));
  }
  finishing_ = true;
  Request asked;  // what finishing looks at: it outlives a client that leaves
  asked.method = request_.method;
  asked.acceptsGzip = request_.acceptsGzip;
  shared_.offload([session = weak_from_this(), gate = shared_.gate, filter = shared_.options.filter,
                   asked = std::move(asked), response = std::move(response)]() mutable {
    try {
      finishBody(asked, filter, response);
    } catch (const std::bad_alloc&) {
      response = errorResponse(503, {"there is no memory for the answer: try again", {}, {}});
    }
    gate->post([session, response = std::move(response)]() mutable {
      if (const auto s = session.lock(); s && s->phase_ == Phase::handling && s->finishing_) {
        s->write(std::move(response));
      }
    });
  });
}

bool Session::openStream(std::uint64_t number, Response head, StreamEnd end) {
  if (phase_ != Phase::handling || number != number_ || finishing_) return false;
  if (eof_) return close(), false;  // a stream to a client that has gone would have no end
  if (request_.method == Method::head) return write(std::move(head)), false;
  keepAlive_ = false;
  gone_ = nullptr;
  phase_ = Phase::streaming;
  ++shared_.figures.streamsCurrent;
  finishResponse(request_, head);
  chunked_ = end == StreamEnd::lastChunk && http11_;
  if (chunked_) head.headers.emplace_back("Transfer-Encoding", "chunked");
  response_ = std::move(head);
  piece_ = streamHead(response_, shared_.date.now());
  return true;
}

void Session::writePiece(std::uint64_t number, std::string piece, std::function<void()> sent) {
  if (phase_ != Phase::streaming || number != number_ || sent_) return;
  // Who makes an answer with an end piece by piece bounds how many of them there are.
  if (!chargeAnswer(piece_.size() + piece.size()) && !chunked_) return raise(shared_.figures.streamsCut), abandon();
  if (chunked_) {
    piece_ += chunkHead(piece.size());
    piece.append("\r\n");
  }
  piece_ += piece;
  sent_ = std::move(sent);
  deadline_ = Steady::now() + shared_.options.writeTimeout;
  out_[2] = asio::buffer(piece_);
  send();
}

void Session::endStream(std::uint64_t number, bool cut) {
  if (phase_ != Phase::streaming || number != number_) return;
  gone_ = nullptr;
  if (cut) return raise(shared_.figures.streamsCut), close();
  if (sent_) {
    endsAfterPiece_ = true;
    return;
  }
  if (chunked_) return writeLastChunk();
  leaveStream();
  drain();
}

void Session::whenGone(std::uint64_t number, std::function<void()> gone) {
  if ((phase_ != Phase::handling && phase_ != Phase::streaming) || number != number_) return;
  if (eof_) return shared_.gate->post(std::move(gone));  // whoever asks may be in the middle of something
  gone_ = std::move(gone);
}

bool Session::chargeAnswer(std::size_t octets) {
  shared_.answers += octets - answerCharged_;
  answerCharged_ = octets;
  const bool alone = shared_.answers == octets;
  return octets <= kSmallAnswer || alone || shared_.answers <= shared_.options.allAnswersBytes;
}

void Session::answerNow(Response response) {
  finishBody(request_, shared_.options.filter, response);
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
  sentOctets_ = 0;
  chargeAnswer(response_.body.size());
  out_[1] = asio::buffer(head_);
  out_[2] = request_.method == Method::head ? asio::const_buffer() : asio::buffer(response_.body);
  if (request_.method == Method::head) response_.source = nullptr;
  sourceAt_ = 0;
  if (!response_.source) answering_.reset();
  send();
}

void Session::readSource() {
  shared_.offload([session = weak_from_this(), gate = shared_.gate, source = response_.source, at = sourceAt_] {
    auto piece = source->read(at, kSourcePiece);
    gate->post([session, piece = std::move(piece)]() mutable {
      if (const auto s = session.lock()) s->onSourceRead(std::move(piece));
    });
  });
}

void Session::onSourceRead(std::optional<std::string> piece) {
  if (phase_ != Phase::writing || !response_.source) return;
  // Less than the head has told: only the end of the connection can say so.
  if (!piece || piece->empty() || piece->size() > response_.source->size() - sourceAt_) return close();
  sourceAt_ += piece->size();
  piece_ = std::move(*piece);
  out_[2] = asio::buffer(piece_);
  deadline_ = Steady::now() + shared_.options.writeTimeout;
  send();
}

void Session::send() {
  if (std::exchange(sending_, true)) return;  // 100 Continue is on its way; the rest follows
  transport_->write(out_, shared_from_this());
}

void Session::onWritten(error_code ec, std::size_t n) {
  sending_ = false;
  raise(shared_.figures.bytesSent, n);
  sentOctets_ += n;
  if (phase_ == Phase::closed) return;
  if (ec) return phase_ == Phase::streaming ? abandon() : close();
  if (phase_ == Phase::writing || phase_ == Phase::streaming) {
    deadline_ = Steady::now() + shared_.options.writeTimeout;
  }
  if (!consume(out_, n)) return send();
  if (phase_ == Phase::writing) {
    return response_.source && sourceAt_ < response_.source->size() ? readSource() : onAnswerSent();
  }
  if (phase_ == Phase::streaming && sent_) onPieceSent();
}

void Session::onAnswerSent() {
  raise(shared_.figures.messagesSent);
  if (shared_.options.log) logRequest(sentOctets_);
  response_ = {};
  request_ = {};
  piece_ = {};
  chargeAnswer(0);
  answering_.reset();
  if (!keepAlive_) return drain();
  await(Phase::idle, shared_.options.idleTimeout);
  if (in_.size() == 0 && in_.capacity() > kReadAhead / 4) in_.shrink_to_fit();
  parse();
  if (eof_ && receiving()) return onEndOfInput();
  read();
}

void Session::onPieceSent() {
  piece_.clear();
  chargeAnswer(0);
  deadline_ = Steady::time_point::max();
  const auto sent = std::exchange(sent_, nullptr);
  if (!endsAfterPiece_) return sent();
  if (chunked_) return writeLastChunk();
  leaveStream();
  drain();
}

void Session::writeLastChunk() {
  chunked_ = false;
  endsAfterPiece_ = true;
  sent_ = [] {};
  deadline_ = Steady::now() + shared_.options.writeTimeout;
  piece_ += chunkHead(0) + "\r\n";
  out_[2] = asio::buffer(piece_);
  send();
}

void Session::leaveStream() {
  phase_ = Phase::draining;
  endsAfterPiece_ = false;
  --shared_.figures.streamsCurrent;
  raise(shared_.figures.messagesSent);
  if (shared_.options.log) logRequest(sentOctets_);
  answering_.reset();
}

void Session::drain() {
  transport_->shutdown();
  if (eof_ || (shared_.stopping && in_.size() == 0)) return close();
  in_.consume(in_.size());
  await(Phase::draining, shared_.options.lingerTimeout);
  bodyEnd_ = Steady::now() + shared_.options.bodyTimeout;
  read();
}

std::string Session::peerText() const {
  return peer_ == IpAddress{} ? "-" : lowerCase(peer_.text());
}

void Session::logRequest(std::uint64_t octets) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun_).count();
  log::info("HTTP " + peerText() + " \"" + line_ + "\" " + std::to_string(response_.status) + " " +
            std::to_string(octets) + " octets " + std::to_string(line_ == "-" ? 0 : took) + " us");
  line_.clear();
}

}  // namespace weir::http
