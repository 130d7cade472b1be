#include "api/answers.h"

#include <algorithm>

#include "api/router.h"
#include "json/read.h"

namespace weir::api {

Response jsonResponse(std::string json) {
  return {200, std::string(kMediaJson), std::move(json), {}};
}

Response textResponse(std::string text) {
  return {200, std::string(kMediaText), std::move(text), {}};
}

Response noContent() {
  return {204, "", "", {}};
}

Response refusalResponse(const query::Refusal& refusal) {
  switch (refusal.reason) {
    case query::Refusal::Reason::invalid:
      return errorResponse(400, refusal.error);
    case query::Refusal::Reason::notFound:
      return errorResponse(404, refusal.error);
    case query::Refusal::Reason::unavailable:
    case query::Refusal::Reason::tooLarge:
      break;
  }
  return errorResponse(503, refusal.error);
}

void AnswerFlows::operator()(const query::Outcome<query::ActiveFlowsResult>& outcome) const {
  if (!outcome) return reply->send(refusalResponse(outcome.error()));
  Response response = jsonResponse(query::jsonOf(*outcome));
  response.headers = {{kTotal.header, std::to_string(outcome->total)},
                      {kLeftOut.header, std::to_string(outcome->leftOut())},
                      {"Access-Control-Expose-Headers", std::string(kTotal.header) + ", " + kLeftOut.header}};
  reply->send(std::move(response));
}

Expected<std::optional<double>> numberParameter(const Request& request, std::string_view name) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return std::nullopt;
  auto number = json::parseNumber(*text, name);
  if (!number) return std::unexpected(std::move(number.error()));
  return *number;
}

Expected<std::optional<std::int64_t>> integerParameter(const Request& request, std::string_view name) {
  const std::string* text = request.parameter(name);
  if (text == nullptr) return std::nullopt;
  auto number = json::parseInteger(*text, name);
  if (!number) return std::unexpected(std::move(number.error()));
  return *number;
}

std::vector<std::string> listParameter(const Request& request, std::string_view name, std::string_view separators) {
  std::vector<std::string> out;
  for (const auto& [parameter, value] : request.query) {
    if (parameter != name) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
      if (end > 0) out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

}  // namespace weir::api
