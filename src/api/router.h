#pragma once
#include <array>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/answers.h"
#include "api/options.h"

namespace weir::api {

/// What stood in the place of each `{…}` of the pattern, in order; the elements of a tail `{…...}` one by one at the
/// end.
using Arguments = std::span<const std::string>;
/// Answers a request, now or later. `request` and the arguments live only as long as the call.
using Handler = std::function<void(const Request& request, Arguments arguments, const ReplyPtr& reply)>;

/// A query parameter. Types as in records.h; `T[]` may be repeated or be a comma list.
/// The name `*` stands for all other names: filters `metric=value`.
struct ParameterDoc {
  std::string_view name, doc;
  std::string_view type = "text";
};

/// Two parameters that every resource has (api/hints.h); described where a body has hints.
inline constexpr std::array<ParameterDoc, 2> kHintParameters{{
    {"hints", "yes: the answer contains the hints; no.", "boolean"},
    {"strict", "yes: a request with hints is an error and has no effect; the property hints.strict.", "boolean"},
}};

inline constexpr std::string_view kMediaText = "text/plain";
inline constexpr std::string_view kMediaHtml = "text/html";

/// One line of the table that requests are routed by, and that /api/, /api/api.yml and docs/rest.md are made from.
struct Route {
  Method method = Method::get;  ///< get, put, del, post: HEAD is answered as GET, and POST as PUT where it has no line
  /// "/flow/{name}/json": {…} stands for one element. "/files/{path...}": for all that are left, or none.
  std::string_view pattern = {};
  std::string_view doc = {};  ///< one sentence
  std::vector<ParameterDoc> query = {};
  std::string_view body = {};    ///< type of what is sent (records.h)
  std::string_view answer = {};  ///< type of what is answered with 200; empty with kMediaJson: 204
  std::string_view media = kMediaJson;
  std::vector<unsigned> errors = {};  ///< statuses of this resource beyond those of all: 404, 503
  Handler handler = {};
  /// What is hardly meant of a request beyond its parameters' names (api/hints.h), for clients that ask.
  std::function<std::vector<std::string>(const Request& request, Arguments arguments)> hints = {};
  bool page = false;             ///< HTML: gone with http.html=no
  std::string_view family = {};  ///< heading it stands under; the router fills it in

  [[nodiscard]] bool changes() const { return method == Method::put || method == Method::del; }
};
/// Every status that a route may answer with a good connection, in order.
[[nodiscard]] std::vector<unsigned> statusesOf(const Route& route);
/// The query parameters that the description of a route tells of.
[[nodiscard]] std::vector<ParameterDoc> queryParameters(const Route& route);
/// Names of the `{…}` of a pattern, and what they are.
[[nodiscard]] std::vector<ParameterDoc> pathParameters(std::string_view pattern);

/// Finds the route of a request. Thread: that of the server.
class Router {
 public:
  explicit Router(const Options& options) : options_(options) {}

  /// Routes added from now on stand under this heading.
  void family(std::string_view name) { family_ = name; }
  void add(Route route);
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
  /// The route that would answer, or nullptr.
  [[nodiscard]] const Route* find(const Request& request) const;

  /// Exactly one answer goes to `reply`, from here or later from its handler.
  void handle(const Request& request, const ReplyPtr& reply) const;

 private:
  struct Entry {
    std::vector<std::string_view> elements;  // without the tail
    bool tail = false;
  };
  [[nodiscard]] bool matches(const Entry& entry, const Request& request) const;
  [[nodiscard]] bool isOff(const Route& route) const;
  void refuse(const Request& request, const ReplyPtr& reply) const;
  void handleWithHints(const Route& route, const Request& request, Arguments arguments, const ReplyPtr& reply) const;

  const Options& options_;
  std::string_view family_;
  std::vector<Route> routes_;
  std::vector<Entry> entries_;  // of the route of the same index
};

}  // namespace weir::api
