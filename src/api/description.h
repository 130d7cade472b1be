#pragma once
#include <span>
#include <string>
#include <string_view>

#include "api/router.h"

/// What people and programs are told of the resources; all of it is made from the table of routes and records.h.
namespace weir::api {

/// OpenAPI 3.1 as JSON text.
[[nodiscard]] std::string openApiJson(std::span<const Route> routes, std::string_view version);
/// The same as YAML: /api/api.yml.
[[nodiscard]] std::string openApiYaml(std::span<const Route> routes, std::string_view version);
/// docs/rest.md.
[[nodiscard]] std::string restReference(std::span<const Route> routes);
/// The page /api/: docs/rest.md behind an overview of the resources; links relative to /api/.
[[nodiscard]] std::string resourcesPage(std::span<const Route> routes);

/// JSON text as YAML 1.2 in block style.
[[nodiscard]] std::string yamlFromJson(std::string_view json);

/// What a status means, one sentence.
[[nodiscard]] std::string_view statusDoc(unsigned status);

}  // namespace weir::api
