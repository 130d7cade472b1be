#include "api/router.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "api/description.h"
#include "bench.h"

namespace weir::api {
namespace {

/// Routes with tails, which answer what they were given.
class Tails : public testing::Test {
 protected:
  Tails() {
    router.family("Files");
    add("/app/{app}/status");
    add("/app/{app}/html/{path...}");
    add("/files/{path...}");
  }
  void add(std::string_view pattern) {
    router.add({.pattern = pattern,
                .doc = "Files.",
                .answer = "text",
                .media = kMediaText,
                .handler = [](const Request& request, Arguments arguments, const ReplyPtr& reply) {
                  std::string text;
                  for (const std::string& argument : arguments) text += argument + "|";
                  reply->send(textResponse(text + (request.slashAtEnd ? "/" : "")));
                }});
  }
  std::string get(std::string_view target) {
    Request request;
    EXPECT_TRUE(http::parseTarget(target, request));
    const auto reply = std::make_shared<test::TestReply>();
    router.handle(request, reply);
    return reply->response->status == 200 ? reply->response->body : std::to_string(reply->response->status);
  }

  Options options;
  Router router{options};
};

TEST_F(Tails, take_all_elements_that_are_left) {
  EXPECT_EQ(get("/app/a/html/x.js"), "a|x.js|");
  EXPECT_EQ(get("/app/a/html/x/y%20z/w.js"), "a|x|y z|w.js|");
  EXPECT_EQ(get("/app/a/html/"), "a|/");
  EXPECT_EQ(get("/app/a/html"), "a|");
  EXPECT_EQ(get("/files"), "");
  EXPECT_EQ(get("/files/a%2fb/../c"), "a/b|..|c|") << "handlers see what was sent";
  EXPECT_EQ(get("/app/a/status"), "a|");
  for (const char* target : {"/app", "/app/a", "/app/a/htm/x", "/app/a/status/x", "/file/x"}) {
    EXPECT_EQ(get(target), "404") << target;
  }
}

TEST_F(Tails, are_described) {
  const auto api = boost::json::parse(openApiJson(router.routes(), "0"));
  const auto& operation = api.at("paths").at("/app/{app}/html/{path}").at("get").as_object();
  EXPECT_EQ(operation.at("operationId"), "getAppAppHtmlPath");
  EXPECT_EQ(operation.at("parameters").at(1).at("name"), "path");
  EXPECT_FALSE(operation.at("parameters").at(1).at("description").as_string().empty());
  EXPECT_NE(restReference(router.routes()).find("### GET /app/{app}/html/{path...}"), std::string::npos);
  EXPECT_NE(resourcesPage(router.routes()).find("/app/{app}/html/{path...}"), std::string::npos);
}

}  // namespace
}  // namespace weir::api
