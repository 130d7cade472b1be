#include "api/page.h"

#include "api/answers.h"
#include "api/resources.h"
#include "http/conditional.h"

namespace weir::api {

namespace {

// Everything the page needs comes from here; nothing else is fetched or run.
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri "
    "'none'; "
    "form-action 'none'; frame-ancestors 'self'";

Response file(std::string_view name) {
  for (const PageFile& f : pageFiles()) {
    if (f.name == name) return pageResponse(f.contentType, std::string(f.content));
  }
  return errorResponse(404, {"there is no such page", {}, {}});
}

}  // namespace

Response redirect(std::string_view where) {
  return {302, "", "", {{"Location", std::string(where)}}};
}

Response pageResponse(std::string_view contentType, std::string content) {
  std::string tag = http::entityTag(content);
  return {200,
          std::string(contentType),
          std::move(content),
          {{"ETag", std::move(tag)},
           {"Content-Security-Policy", std::string(kPolicy)},
           {"X-Content-Type-Options", "nosniff"},
           {"Referrer-Policy", "no-referrer"},
           {"Cache-Control", "no-cache"}}};
}

void addPage(Router& router, Context& context) {
  router.add({.pattern = "/",
              .doc = "Leads to the status page.",
              .media = kMediaHtml,
              .handler = [&context](const Request&, Arguments,
                                    const ReplyPtr& reply) { reply->send(redirect(context.options.redirect)); },
              .page = true});
  // Relative links need the slash at the end.
  router.add({.pattern = "/html",
              .doc = "The status page.",
              .media = kMediaHtml,
              .handler =
                  [](const Request& request, Arguments, const ReplyPtr& reply) {
                    reply->send(request.slashAtEnd ? file("index.html") : redirect("html/"));
                  },
              .page = true});
  router.add({.pattern = "/html/{file}",
              .doc = "The status page and its parts.",
              .media = kMediaHtml,
              .errors = {404},
              .handler = [](const Request&, Arguments name, const ReplyPtr& reply) { reply->send(file(name[0])); },
              .page = true});
}

}  // namespace weir::api
