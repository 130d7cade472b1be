#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "http/headers.h"

/// Requests and answers as handlers see them: no sockets, no HTTP library.
namespace weir::http {

/// Names and values, decoded, in the order given; a name may stand more than once.
using Parameters = std::vector<std::pair<std::string, std::string>>;

enum class Method : std::uint8_t { get, head, put, post, del, options, other };
[[nodiscard]] Method methodOf(std::string_view name);
[[nodiscard]] std::string_view methodName(Method method);
/// Whether the method only reads (RFC 9110 section 9.2.1).
[[nodiscard]] constexpr bool isSafe(Method method) {
  return method == Method::get || method == Method::head || method == Method::options;
}

struct Request {
  Method method = Method::get;
  /// Decoded elements of the path, without empty ones at its ends.
  std::vector<std::string> path;
  bool slashAtEnd = false;
  Parameters query;  ///< decoded, in the order given
  Headers headers;
  IpAddress peer;  ///< the client, or the last proxy before this server
  /// Host and port that it was sent to, a valid authority: of the target in absolute form, else of Host; or empty.
  std::string authority;
  bool listedOrigin = false;  ///< sent by a page of an origin that may change something
  std::string body;
  bool acceptsGzip = false;  ///< Accept-Encoding: gzip
  std::string lastEventId;   ///< Last-Event-ID of a client that comes back to a stream; empty: none

  /// The first parameter of this name, or nullptr.
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

/// A body that is too long to be held: it is read piece by piece, as the client takes it. One read at a time.
/// Thread: the server's helper.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Octets of the whole body.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// At most `most` octets from `offset` on, at least one; nothing when they cannot be read, which ends the connection.
  [[nodiscard]] virtual std::optional<std::string> read(std::uint64_t offset, std::size_t most) = 0;
};

struct Response {
  unsigned status = 200;
  std::string contentType;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<BodySource> source = nullptr;  ///< instead of `body`
};

/// An answer without an end, piece by piece. One piece at a time is under way: a client that reads slowly makes its
/// stream slow and costs no memory. Thread: that of the server, which also calls what it was given.
class Stream {
 public:
  virtual ~Stream() = default;
  /// `sent` is called when the piece has left for the client; never after the client has gone.
  virtual void write(std::string piece, std::function<void()> sent) = 0;
  /// Nothing more comes. `cut`: because the client was too slow.
  virtual void end(bool cut = false) = 0;
  /// What to do when the client has gone, or took nothing for too long. Once.
  virtual void whenGone(std::function<void()> gone) = 0;
};
using StreamPtr = std::shared_ptr<Stream>;

/// How a client learns that a stream is at its end.
enum class StreamEnd : std::uint8_t {
  connection,  ///< that of the connection: of streams that go on until one side leaves
  lastChunk,   ///< the last chunk (RFC 9112 section 7.1), so that what is cut off is known to be; HTTP/1.0: connection
};

/// The way back of one request. The first answer counts, later ones are dropped.
class Reply {
 public:
  virtual ~Reply() = default;
  /// Thread: any.
  virtual void send(Response response) = 0;
  /// Answers 200 with `head`, whose body is not sent, and then whatever is written to the stream. nullptr when the
  /// client is gone or was answered already. Thread: that of the server.
  [[nodiscard]] virtual StreamPtr stream(Response head, StreamEnd end) = 0;
  [[nodiscard]] StreamPtr stream(Response head) { return stream(std::move(head), StreamEnd::connection); }
  /// What to do when the client has closed its side before the answer; `gone` may still send one, for a client that
  /// closed only its sending half. Thread: that of the handler, which also calls it.
  virtual void whenGone(std::function<void()> gone) = 0;
};
using ReplyPtr = std::shared_ptr<Reply>;

}  // namespace weir::http
