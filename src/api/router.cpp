#include "api/router.h"

#include <algorithm>

#include "api/answers.h"

namespace weir::api {

namespace {

bool isParameter(std::string_view element) {
  return element.starts_with('{');
}

Method servedAs(Method method) {
  if (method == Method::head) return Method::get;
  if (method == Method::post) return Method::put;
  return method;
}

std::string allowed(bool get, bool put, bool del) {
  std::string out;
  if (get) out += "GET, HEAD, ";
  if (put) out += "PUT, POST, ";
  if (del) out += "DELETE, ";
  return out + "OPTIONS";
}

}  // namespace

void Router::add(Route route) {
  Entry entry;
  std::string_view rest = route.pattern.substr(1);
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    entry.elements.push_back(rest.substr(0, slash));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  entries_.push_back(std::move(entry));
  routes_.push_back(std::move(route));
}

bool Router::matches(const Entry& entry, const Request& request) const {
  return std::ranges::equal(entry.elements, request.path, [](std::string_view element, const std::string& given) {
    return isParameter(element) || element == given;
  });
}

bool Router::isOff(const Route& route) const {
  return route.page ? !options_.html : !options_.rest && !options_.html;
}

void Router::handle(const Request& request, const ReplyPtr& reply) const {
  const Method method = servedAs(request.method);
  bool get = false, put = false, del = false;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (isOff(route) || !matches(entries_[i], request)) continue;
    if (route.method == method) {
      if (options_.readOnly && method != Method::get) {
        return reply->send(errorResponse(403, {"this server is read only (http.readonly=yes)", {}, {}}));
      }
      std::vector<std::string> arguments;
      for (std::size_t e = 0; e < request.path.size(); ++e) {
        if (isParameter(entries_[i].elements[e])) arguments.push_back(request.path[e]);
      }
      return route.handler(request, arguments, reply);
    }
    get |= route.method == Method::get;
    put |= route.method == Method::put;
    del |= route.method == Method::del;
  }
  if (!get && !put && !del) return reply->send(errorResponse(404, {"there is no such resource", {}, {}}));
  const std::string allow = allowed(get, put, del);
  if (method == Method::options) {
    // Browsers on other pages may read, not change.
    return reply->send({204,
                        "",
                        "",
                        {{"Allow", allow},
                         {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
                         {"Access-Control-Allow-Headers", "*"},
                         {"Access-Control-Allow-Origin", "*"}}});
  }
  Response refused = errorResponse(405, {"this resource knows " + allow + " only", {}, {}});
  refused.headers.emplace_back("Allow", allow);
  reply->send(std::move(refused));
}

}  // namespace weir::api
