#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

/// What answers are made of, and what all of them get.
namespace weir::http {

inline constexpr std::string_view kMediaJson = "application/json;charset=UTF-8";
inline constexpr std::string_view kMediaEvents = "text/event-stream";

/// {"error": …, "attribute": …, "position": …}; the last two only where there is one.
[[nodiscard]] Response errorResponse(unsigned status, const Error& error);
[[nodiscard]] std::string_view reasonPhrase(unsigned status);

/// Whether it is text of some length, that may be compressed.
[[nodiscard]] bool isCompressible(const Response& response);
/// Status line and headers. `keepAlive` says what the connection does afterwards.
[[nodiscard]] std::string responseHead(const Response& response, bool keepAlive, std::string_view date);
/// The same of an answer whose end is that of the connection.
[[nodiscard]] std::string streamHead(const Response& response, std::string_view date);

/// What stands before a chunk of so many octets (RFC 9112 section 7.1); CR LF stands behind it.
[[nodiscard]] std::string chunkHead(std::size_t octets);

using Filter = std::function<void(Response&)>;
/// Whether finishBody() has something to do.
[[nodiscard]] bool needsFinishing(const Request& request, const Filter& filter, const Response& response);
/// What a body gets, whatever its resource: the filter, where there is one, and compression. Thread: any.
void finishBody(const Request& request, const Filter& filter, Response& response);
/// What every answer gets: with 503 the second to wait, access from other origins to what was read, and no storing of
/// JSON, which is of the moment.
void finishResponse(const Request& request, Response& response);

}  // namespace weir::http
