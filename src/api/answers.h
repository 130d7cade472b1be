#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/message.h"
#include "api/options.h"
#include "base/error.h"

/// What resources make their answers from.
namespace weir::api {

[[nodiscard]] Response jsonResponse(std::string json);
[[nodiscard]] Response textResponse(std::string text);
[[nodiscard]] Response noContent();
/// {"error": …, "attribute": …, "position": …}; the last two only where there is one.
[[nodiscard]] Response errorResponse(unsigned status, const Error& error);
/// ok → 200, invalid → 400, notFound → 404, unavailable → 503.
[[nodiscard]] Response responseOf(engine::Answer answer, std::string_view media = "application/json;charset=UTF-8");
/// Sends what the engine answers.
[[nodiscard]] engine::AnswerCallback answerTo(ReplyPtr reply,
                                              std::string_view media = "application/json;charset=UTF-8");

/// The parameter as a number, nothing when it is absent; an Error names it.
[[nodiscard]] Expected<std::optional<double>> numberParameter(const Request& request, std::string_view name);
[[nodiscard]] Expected<std::optional<std::int64_t>> integerParameter(const Request& request, std::string_view name);
/// Every value of the parameter, split at `separators`; empty pieces are left out.
[[nodiscard]] std::vector<std::string> listParameter(const Request& request, std::string_view name,
                                                     std::string_view separators = ",");

/// Status line and headers. `keepAlive` says what the connection does afterwards.
[[nodiscard]] std::string responseHead(const Response& response, bool keepAlive, std::string_view date);
/// The same of an answer whose end is that of the connection.
[[nodiscard]] std::string streamHead(const Response& response, std::string_view date);
[[nodiscard]] std::string_view reasonPhrase(unsigned status);
/// Whether finishBody() has something to do.
[[nodiscard]] bool needsFinishing(const Request& request, const Options& options, const Response& response);
/// What a body gets, whatever its resource: indent of JSON, compression. Thread: any.
void finishBody(const Request& request, const Options& options, Response& response);
/// What every answer gets: access from other origins to what was read.
void finishResponse(const Request& request, Response& response);

}  // namespace weir::api
