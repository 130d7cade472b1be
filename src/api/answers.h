#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/options.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "http/message.h"
#include "http/response.h"
#include "query/active_flows_question.h"
#include "query/question.h"

/// What resources make their answers from.
namespace weir::api {

using http::errorResponse;
using http::kMediaEvents;
using http::kMediaJson;
using http::Method;
using http::Parameters;
using http::Reply;
using http::ReplyPtr;
using http::Request;
using http::Response;
using http::Stream;
using http::StreamPtr;

[[nodiscard]] Response jsonResponse(std::string json);
[[nodiscard]] Response textResponse(std::string text);
[[nodiscard]] Response noContent();
/// invalid → 400, notFound → 404, unavailable → 503.
[[nodiscard]] Response refusalResponse(const query::Refusal& refusal);
/// Sends the result of a question as JSON, which is written where the engine tells the result: on its query worker.
struct AnswerJson {
  ReplyPtr reply;
  template <class Result>
  void operator()(const query::Outcome<Result>& outcome) const {
    if (!outcome) return reply->send(refusalResponse(outcome.error()));
    reply->send(jsonResponse(query::jsonOf(*outcome)));
  }
};
/// The same of the largest flows, an array, with how many there are in headers (kCounts).
struct AnswerFlows {
  ReplyPtr reply;
  void operator()(const query::Outcome<query::ActiveFlowsResult>& outcome) const;
};
/// Headers of an answer that a bound cut short, and the same as members where the answer is an object.
struct CountDoc {
  const char *header, *member;
};
inline constexpr CountDoc kTotal{"X-Total-Count", "total"}, kLeftOut{"X-Left-Out", "leftOut"};
/// The parameter as a number, nothing when it is absent; an Error names it.
[[nodiscard]] Expected<std::optional<double>> numberParameter(const Request& request, std::string_view name);
[[nodiscard]] Expected<std::optional<std::int64_t>> integerParameter(const Request& request, std::string_view name);
/// Every value of the parameter, split at `separators`; empty pieces are left out.
[[nodiscard]] std::vector<std::string> listParameter(const Request& request, std::string_view name,
                                                     std::string_view separators = ",");

}  // namespace weir::api
