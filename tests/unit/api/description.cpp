#include "api/description.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "api/markdown.h"
#include "api/records.h"
#include "bench.h"

namespace weir::api {
namespace {

using test::Bench;
using test::header;
namespace bj = boost::json;

bj::value described() {
  Bench b;
  bj::parse_options options;
  options.max_depth = 64;
  return bj::parse(openApiJson(b.router.routes(), "0.1-1"), {}, options);
}

void collect(const bj::value& value, std::string_view member, std::set<std::string>& found) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, inner] : *object) {
      if (name == member && inner.is_string()) {
        EXPECT_TRUE(found.emplace(inner.get_string()).second || name == "$ref");
      }
      collect(inner, member, found);
    }
  } else if (const auto* array = value.if_array()) {
    for (const bj::value& inner : *array) collect(inner, member, found);
  }
}

TEST(Description, every_resource_is_told_with_its_statuses) {
  Bench b;
  const bj::value api = described();
  EXPECT_EQ(api.at("openapi"), "3.1.0");
  std::size_t told = 0;
  for (const auto& [path, operations] : api.at("paths").as_object()) told += operations.as_object().size();
  std::size_t routes = 0;
  for (const Route& route : b.router.routes()) {
    if (route.page) continue;
    ++routes;
    std::string method(methodName(route.method));
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const bj::object& operation = api.at("paths").at(route.pattern).at(method).as_object();
    for (const unsigned status : statusesOf(route)) {
      EXPECT_TRUE(operation.at("responses").as_object().contains(std::to_string(status))) << route.pattern;
    }
    EXPECT_FALSE(route.family.empty()) << route.pattern;
    for (const ParameterDoc& parameter : pathParameters(route.pattern)) {
      EXPECT_FALSE(parameter.doc.empty()) << route.pattern << ' ' << parameter.name;
    }
  }
  EXPECT_EQ(told, routes);
}

TEST(Description, every_reference_leads_to_a_schema_and_every_schema_is_used) {
  const bj::value api = described();
  std::set<std::string> references, schemas;
  collect(api, "$ref", references);
  for (const RecordDoc& record : records()) {
    EXPECT_TRUE(schemas.insert("#/components/schemas/" + std::string(record.name)).second) << record.name;
    std::set<std::string_view> members;
    for (const MemberDoc& member : record.members) EXPECT_TRUE(members.insert(member.name).second) << member.name;
  }
  EXPECT_EQ(references, schemas);
}

TEST(Description, operations_have_names_of_their_own) {
  std::set<std::string> ids;
  collect(described(), "operationId", ids);  // fails on one that stands twice
  EXPECT_TRUE(ids.contains("getActiveflowsAgentNameStream"));
}

TEST(Description, types_become_schemas) {
  const auto schema = [](std::string_view type) {
    std::string out;
    JsonWriter json(out);
    writeSchema(json, type);
    return out;
  };
  EXPECT_EQ(schema("count"), R"({"type":"integer","minimum":0})");
  EXPECT_EQ(schema("{number|text}"),
            R"({"type":"object","additionalProperties":{"anyOf":[{"type":"number"},{"type":"string"}]}})");
  EXPECT_EQ(schema("text|text[]"), R"({"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]})");
  EXPECT_EQ(schema("Metric[][]"),
            R"({"type":"array","items":{"type":"array","items":{"$ref":"#/components/schemas/Metric"}}})");
}

TEST(Description, yaml_is_block_style_with_quoted_text) {
  EXPECT_EQ(yamlFromJson(R"({"a":1,"200":{"n":[],"o":{}},"l":[{"x":"y: z","w":[1,2]},"t"],"$ref":true})"),
            "a: 1\n"
            "\"200\":\n"
            "  \"n\": []\n"
            "  o: {}\n"
            "l:\n"
            "  - x: \"y: z\"\n"
            "    w:\n"
            "      - 1\n"
            "      - 2\n"
            "  - \"t\"\n"
            "\"$ref\": true\n");
}

TEST(Description, reference_page_is_that_of_the_table) {
  Bench b;
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/rest.md";
  const std::string reference = restReference(b.router.routes());
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << reference;
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), reference) << "run this test with WEIR_UPDATE_DOCS=1";
}

TEST(Description, the_page_has_the_whole_reference) {
  Bench b;
  const std::string page = b.now("GET", "/api/").body;
  std::set<std::string> ids;
  for (std::size_t at = page.find(" id=\""); at != std::string::npos; at = page.find(" id=\"", at + 1)) {
    const std::string id = page.substr(at + 5, page.find('"', at + 5) - at - 5);
    EXPECT_TRUE(ids.insert(id).second) << id << " stands twice";
  }
  for (std::size_t at = page.find("\"#"); at != std::string::npos; at = page.find("\"#", at + 1)) {
    const std::string id = page.substr(at + 2, page.find('"', at + 2) - at - 2);
    EXPECT_TRUE(ids.contains(id)) << id << " leads nowhere";
  }
  for (const RecordDoc& record : records()) EXPECT_TRUE(ids.contains(anchorOf(record.name))) << record.name;
  EXPECT_NE(page.find("<p>Body: <a href=\"#flowbody\">FlowBody</a>. Answer: nothing, or "), std::string::npos);
  EXPECT_NE(page.find("<td><code>flowStart</code></td>"), std::string::npos);
  EXPECT_EQ(page.find('`'), std::string::npos);
}

TEST(Description, the_server_tells_it) {
  Bench b;
  const Response yaml = b.now("GET", "/api/api.yml");
  EXPECT_EQ(yaml.contentType, "application/yaml");
  EXPECT_TRUE(yaml.body.starts_with("openapi: \"3.1.0\"\n"));
  EXPECT_EQ(header(b.now("GET", "/api"), "Location"), "api/");
  const Response page = b.now("GET", "/api/");
  EXPECT_EQ(page.contentType, "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<a href=\"../agents/json\">"), std::string::npos);
  EXPECT_EQ(page.body.find("=\"/"), std::string::npos) << "an absolute link";
  EXPECT_EQ(page.body.find("=\"http"), std::string::npos) << "a link to elsewhere";
  b.options.html = false;
  EXPECT_EQ(b.status("GET", "/api/"), 404u);
  EXPECT_EQ(b.status("GET", "/api/api.yml"), 200u);
}

}  // namespace
}  // namespace weir::api
