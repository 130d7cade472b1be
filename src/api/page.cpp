#include "api/page.h"

#include "api/answers.h"
#include "api/resources.h"

namespace weir::api {

namespace {

// Everything the page needs comes from here; nothing else is fetched or run.
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'self'";

Response redirect(std::string_view where) {
  return {302, "", "", {{"Location", std::string(where)}}};
}

Response fileResponse(const PageFile& file) {
  return {200,
          std::string(file.contentType),
          std::string(file.content),
          {{"Content-Security-Policy", std::string(kPolicy)},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"},
           {"Cache-Control", "no-cache"}}};
}

Response file(std::string_view name) {
  for (const PageFile& f : pageFiles()) {
    if (f.name == name) return fileResponse(f);
  }
  return errorResponse(404, {"there is no such page", {}, {}});
}

}  // namespace

void addPage(Router& router, Context& context) {
  router.add({Method::get,
              "/",
              "Leads to the status page.",
              {},
              [&context](const Request&, Arguments, const ReplyPtr& reply) {
                reply->send(redirect(context.options.redirect));
              },
              true});
  // Relative links need the slash at the end.
  router.add({Method::get,
              "/html",
              "The status page.",
              {},
              [](const Request& request, Arguments, const ReplyPtr& reply) {
                reply->send(request.slashAtEnd ? file("index.html") : redirect("html/"));
              },
              true});
  router.add({Method::get,
              "/html/{file}",
              "The status page and its parts.",
              {},
              [](const Request&, Arguments name, const ReplyPtr& reply) { reply->send(file(name[0])); },
              true});
}

}  // namespace weir::api
