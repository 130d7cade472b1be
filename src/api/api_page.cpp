#include <string>

#include "api/answers.h"
#include "api/description.h"
#include "api/page.h"
#include "api/resources.h"

namespace weir::api {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

/// A resource that a browser can be sent to as it is.
bool isLink(const Route& route) {
  return route.method == Method::get && route.media != kMediaEvents &&
         route.pattern.find('{') == std::string_view::npos;
}

void appendRow(std::string& out, const Route& route) {
  const std::string pattern = escaped(route.pattern);
  out += "<tr><td>" + std::string(methodName(route.method)) + "</td><td>";
  out += isLink(route) ? "<a href=\".." + pattern + "\">" + pattern + "</a>" : pattern;
  out += "</td><td>" + escaped(route.doc);
  for (const ParameterDoc& parameter : route.query) {
    out += "<br><code>" + std::string(parameter.name == "*" ? "metric=value" : escaped(parameter.name)) + "</code> " +
           escaped(parameter.doc);
  }
  out += "</td></tr>\n";
}

}  // namespace

std::string resourcesPage(std::span<const Route> routes) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>weir: REST API</title>\n"
      "<link rel=\"icon\" href=\"../html/mark.svg\">\n<link rel=\"stylesheet\" href=\"../html/status.css\">\n"
      "</head>\n<body>\n<header><a href=\"../html/index.html\"><img src=\"../html/mark.svg\" alt=\"\" width=\"28\" "
      "height=\"28\"></a><span class=\"name\">REST API</span></header>\n<main>\n"
      "<p><a href=\"api.yml\">api.yml</a> describes the same resources for programs, as OpenAPI 3.1.</p>\n";
  std::string_view family;
  for (const Route& route : routes) {
    if (route.page) continue;
    if (route.family != family) {
      if (!family.empty()) out += "</table></div></section>\n";
      family = route.family;
      out += "<section><h2>" + escaped(family) + "</h2><div class=\"scroll\"><table>\n";
    }
    appendRow(out, route);
  }
  if (!family.empty()) out += "</table></div></section>\n";
  return out + "</main>\n</body>\n</html>\n";
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
