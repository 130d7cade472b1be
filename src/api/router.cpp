#include "api/router.h"

#include <algorithm>
#include <iterator>

#include "api/answers.h"
#include "api/hints.h"

namespace weir::api {

namespace {

bool isParameter(std::string_view element) {
  return element.starts_with('{');
}

constexpr std::string_view kTail = "...}";

/// HEAD is a GET without its body; POST does what PUT does, except where a route is made for it.
bool serves(Method route, Method asked) {
  if (route == asked) return true;
  return (asked == Method::head && route == Method::get) || (asked == Method::post && route == Method::put);
}

std::string allowed(const std::vector<Method>& methods) {
  constexpr std::pair<Method, std::string_view> kTexts[] = {
      {Method::get, "GET, HEAD, "}, {Method::put, "PUT, POST, "}, {Method::post, "POST, "}, {Method::del, "DELETE, "}};
  std::string out;
  for (const auto& [method, text] : kTexts) {
    if (std::ranges::find(methods, method) != methods.end()) out += text;
  }
  return out + "OPTIONS";
}

std::vector<std::string_view> elementsOf(std::string_view pattern) {
  std::vector<std::string_view> out;
  std::string_view rest = pattern.substr(1);
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    out.push_back(rest.substr(0, slash));
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return out;
}

constexpr ParameterDoc kPathParameters[] = {
    {"agent", "Agents: addresses or host names separated by ; or , or ALL, TOPOLOGY, EDGE, CORE."},
    {"metric", "Metrics separated by , or ; each as [operation:][dataSource.]name."},
    {"name", "Name of the definition."},
    {"app", "Name of the app."},
    {"link", "Name of a link of the topology."},
    {"file", "Name of the file."},
    {"path", "Path of a file, slashes included."},
};

}  // namespace

std::vector<unsigned> statusesOf(const Route& route) {
  std::vector<unsigned> out = route.errors;
  const bool empty = route.answer.empty() && route.media == kMediaJson;
  out.push_back(empty ? 204 : 200);
  if (empty && !route.body.empty()) out.push_back(200);  // with its hints
  out.push_back(400);
  if (!isSafe(route.method)) out.push_back(403);
  if (!route.body.empty()) out.push_back(413);
  std::ranges::sort(out);
  return out;
}

std::vector<ParameterDoc> queryParameters(const Route& route) {
  std::vector<ParameterDoc> out = route.query;
  if (!route.body.empty() && route.answer.empty())
    out.insert(out.end(), kHintParameters.begin(), kHintParameters.end());
  return out;
}

std::vector<ParameterDoc> pathParameters(std::string_view pattern) {
  std::vector<ParameterDoc> out;
  for (const std::string_view element : elementsOf(pattern)) {
    if (!isParameter(element)) continue;
    std::string_view name = element.substr(1, element.size() - 2);
    if (element.ends_with(kTail)) name.remove_suffix(kTail.size() - 1);
    const auto* known = std::ranges::find(kPathParameters, name, &ParameterDoc::name);
    out.push_back(known != std::end(kPathParameters) ? *known : ParameterDoc{name, ""});
  }
  return out;
}

void Router::add(Route route) {
  route.family = family_;
  Entry entry{elementsOf(route.pattern), route.pattern.ends_with(kTail)};
  if (entry.tail) entry.elements.pop_back();
  entries_.push_back(std::move(entry));
  routes_.push_back(std::move(route));
}

bool Router::matches(const Entry& entry, const Request& request) const {
  const std::size_t fixed = entry.elements.size();
  if (request.path.size() < fixed || (request.path.size() > fixed && !entry.tail)) return false;
  return std::ranges::equal(
      entry.elements, std::span(request.path).first(fixed),
      [](std::string_view element, const std::string& given) { return isParameter(element) || element == given; });
}

bool Router::isOff(const Route& route) const {
  return route.page ? !options_.html : !options_.rest && !options_.html;
}

const Route* Router::find(const Request& request) const {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const Route& route = routes_[i];
    if (serves(route.method, request.method) && !isOff(route) && matches(entries_[i], request)) return &route;
  }
  return nullptr;
}

void Router::handle(const Request& request, const ReplyPtr& reply) const {
  const Route* route = find(request);
  if (route == nullptr) return refuse(request, reply);
  if (options_.readOnly && route->changes()) {
    return reply->send(errorResponse(403, {"this server is read only (http.readonly=yes)", {}, {}}));
  }
  const Entry& entry = entries_[static_cast<std::size_t>(route - routes_.data())];
  std::vector<std::string> arguments;
  for (std::size_t e = 0; e < request.path.size(); ++e) {
    if (e >= entry.elements.size() || isParameter(entry.elements[e])) arguments.push_back(request.path[e]);
  }
  const bool asks = options_.strictHints || std::ranges::any_of(kHintParameters, [&](const ParameterDoc& parameter) {
                      return request.parameter(parameter.name) != nullptr;
                    });
  if (asks && !route->page) return handleWithHints(*route, request, arguments, reply);
  route->handler(request, arguments, reply);
}

/// Bodies have hints of their own, which their handlers tell.
void Router::handleWithHints(const Route& route, const Request& request, Arguments arguments,
                             const ReplyPtr& reply) const {
  const auto asked = hintsAsked(request, options_);
  if (!asked) return reply->send(errorResponse(400, asked.error()));
  if (!isSafe(route.method)) return route.handler(request, arguments, reply);
  // What is left are the resource's own, which may be filters.
  Request own = request;
  std::erase_if(own.query, [](const auto& parameter) {
    return std::ranges::find(kHintParameters, parameter.first, &ParameterDoc::name) != kHintParameters.end();
  });
  Hints hints = parameterHints(own, route.query);
  if (route.hints) std::ranges::move(route.hints(own, arguments), std::back_inserter(hints));
  if (asked->strict && !hints.empty()) return reply->send(refusalOf(hints));
  route.handler(own, arguments, asked->answered ? withHints(reply, std::move(hints)) : reply);
}

void Router::refuse(const Request& request, const ReplyPtr& reply) const {
  std::vector<Method> methods;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!isOff(routes_[i]) && matches(entries_[i], request)) methods.push_back(routes_[i].method);
  }
  if (methods.empty()) return reply->send(errorResponse(404, {"there is no such resource", {}, {}}));
  const std::string allow = allowed(methods);
  if (request.method == Method::options) {
    // Pages of other origins may read, and change only what they are listed for (http.origins).
    return reply->send({204,
                        "",
                        "",
                        {{"Allow", allow},
                         {"Access-Control-Allow-Methods", request.listedOrigin ? allow : "GET, HEAD, OPTIONS"},
                         {"Access-Control-Allow-Headers", "*"},
                         {"Access-Control-Allow-Origin", "*"}}});
  }
  Response refused = errorResponse(405, {"this resource knows " + allow + " only", {}, {}});
  refused.headers.emplace_back("Allow", allow);
  reply->send(std::move(refused));
}

}  // namespace weir::api
