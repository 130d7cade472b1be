#pragma once
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <optional>
#include <string>

#include "agent/event_loop.h"
#include "base/error.h"

namespace weir::agent {

/// Asks a server on this host over HTTP/1.1 on a unix socket, one question at a time, each on a connection of its own.
/// Nothing waits: answers come from the loop. They are bounded in size and time. Thread: one.
class UnixHttp {
 public:
  /// The body of an answer with status 200; or what went wrong.
  using Done = std::function<void(const Expected<std::string>&)>;
  static constexpr std::size_t kMaxBody = 16 << 20;
  static constexpr Nanos kPatience = 10 * kSecond;

  UnixHttp(EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
  ~UnixHttp() { close(); }
  UnixHttp(const UnixHttp&) = delete;
  UnixHttp& operator=(const UnixHttp&) = delete;

  [[nodiscard]] bool busy() const { return static_cast<bool>(done_); }
  /// GET of that target; not while busy(). `done` is called later, from the loop.
  void get(const std::string& target, Done done);
  /// Forgets the question that is open; its `done` is not called.
  void close();

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;
  [[nodiscard]] Expected<> connect(const std::string& target);
  void read();
  void finish(const Expected<std::string>& answer);

  EventLoop& loop_;
  std::string path_;
  netlink::Descriptor fd_;
  std::optional<Parser> parser_;
  std::string arrived_;  // and not parsed
  EventLoop::TimerId timer_ = 0;
  Done done_;
};

}  // namespace weir::agent
