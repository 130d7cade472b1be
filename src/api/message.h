#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"

/// Requests and answers as the resources see them: no sockets, no HTTP library.
namespace weir::api {

using Parameters = engine::Parameters;

enum class Method : std::uint8_t { get, head, put, post, del, options, other };
[[nodiscard]] Method methodOf(std::string_view name);
[[nodiscard]] std::string_view methodName(Method method);

struct Request {
  Method method = Method::get;
  /// Decoded elements of the path, without empty ones at its ends.
  std::vector<std::string> path;
  bool slashAtEnd = false;
  Parameters query;  ///< decoded, in the order given
  std::string body;

  /// The first parameter of this name, or nullptr.
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  std::string contentType;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The way back of one request. The first answer counts, later ones are dropped.
class Reply {
 public:
  virtual ~Reply() = default;
  /// Thread: any.
  virtual void send(Response response) = 0;
  /// What to do when the client has closed its side before the answer; `gone` may still send one, for a client that
  /// closed only its sending half. Thread: that of the handler, which also calls it.
  virtual void whenGone(std::function<void()> gone) = 0;
};
using ReplyPtr = std::shared_ptr<Reply>;

}  // namespace weir::api
