#include <algorithm>
#include <string>

#include "api/answers.h"
#include "api/description.h"
#include "api/markdown.h"
#include "api/page.h"
#include "api/resources.h"

namespace weir::api {

namespace {

/// A resource that a browser can be sent to as it is.
bool isLink(const Route& route) {
  return route.method == Method::get && route.media != kMediaEvents &&
         route.pattern.find('{') == std::string_view::npos;
}

/// A line of the overview: the method leads to what the reference says of it, the path to the resource itself.
void appendRow(std::string& out, const Route& route) {
  const std::string method(methodName(route.method)), pattern(route.pattern);
  out += "<tr><td><a href=\"#" + anchorOf(method + " " + pattern) + "\">" + method + "</a></td><td>";
  out += isLink(route) ? "<a href=\".." + pattern + "\">" + pattern + "</a>" : pattern;
  out += "</td><td>" + htmlOfLine(route.doc) + "</td></tr>\n";
}

}  // namespace

std::string resourcesPage(std::span<const Route> routes) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>weir: REST API</title>\n"
      "<link rel=\"icon\" href=\"../html/mark.svg\">\n<link rel=\"stylesheet\" href=\"../html/status.css\">\n"
      "</head>\n<body>\n<header><a href=\"../html/index.html\"><img src=\"../html/mark.svg\" alt=\"Status page\" "
      "width=\"28\" height=\"28\"></a><span class=\"name\">weir</span></header>\n<main class=\"reference\">\n";
  std::string overview = "<h2 id=\"overview\">Overview</h2>\n<div class=\"scroll\"><table class=\"overview\">\n";
  std::string_view family;
  for (const Route& route : routes) {
    if (route.page) continue;
    if (route.family != family) {
      overview += "<tr><th colspan=\"3\">" + htmlOfLine(route.family) + "</th></tr>\n";
    }
    family = route.family;
    appendRow(overview, route);
  }
  overview += "</table></div>\n";
  // The overview stands behind the title, before what all resources share.
  std::string reference = htmlOf(restReference(routes));
  reference.insert(std::min(reference.find("<h2"), reference.size()), overview);
  return out + reference + "</main>\n</body>\n</html>\n";
}

void addDescription(Router& router, Context& context) {
  router.add({.pattern = "/api/api.yml",
              .doc = "This description, as OpenAPI 3.1.",
              .answer = "text",
              .media = "application/yaml",
              .handler = [&router, &context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send({200, "application/yaml", openApiYaml(router.routes(), context.options.version), {}});
              }});
  // Relative links need the slash at the end.
  router.add({.pattern = "/api",
              .doc = "The resources as a page.",
              .media = kMediaHtml,
              .handler =
                  [&router](const Request& request, Arguments, const ReplyPtr& reply) {
                    reply->send(request.slashAtEnd
                                    ? pageResponse("text/html; charset=utf-8", resourcesPage(router.routes()))
                                    : redirect("api/"));
                  },
              .page = true});
}

}  // namespace weir::api
