#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"
#include "api/options.h"

namespace weir::api {

/// What stood in the place of each `{…}` of the pattern, in order.
using Arguments = std::span<const std::string>;
/// Answers a request, now or later. `request` and the arguments live only as long as the call.
using Handler = std::function<void(const Request& request, Arguments arguments, const ReplyPtr& reply)>;

struct ParameterDoc {
  std::string_view name;
  std::string_view doc;
};

/// One line of the table that requests are routed by and the API description is made from.
struct Route {
  Method method;             ///< get, put or del: HEAD is answered as GET, POST as PUT
  std::string_view pattern;  ///< "/flow/{name}/json": {…} stands for one element
  std::string_view doc;      ///< one sentence
  std::vector<ParameterDoc> query;
  Handler handler;
  bool page = false;  ///< HTML: gone with http.html=no
};

/// Finds the route of a request. Thread: that of the server.
class Router {
 public:
  explicit Router(const Options& options) : options_(options) {}

  void add(Route route);
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

  /// Exactly one answer goes to `reply`, from here or later from its handler.
  void handle(const Request& request, const ReplyPtr& reply) const;

 private:
  struct Entry {
    std::vector<std::string_view> elements;
  };
  [[nodiscard]] bool matches(const Entry& entry, const Request& request) const;
  [[nodiscard]] bool isOff(const Route& route) const;

  const Options& options_;
  std::vector<Route> routes_;
  std::vector<Entry> entries_;  // of the route of the same index
};

}  // namespace weir::api
