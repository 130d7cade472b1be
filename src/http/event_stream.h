#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "http/message.h"

/// Server-Sent Events (WHATWG HTML, section 9.2).
namespace weir::http {

/// How the answer of a stream of events begins.
[[nodiscard]] Response eventStreamHead();
/// The first lines of every stream, so that a client learns that it is connected; browsers come back a second after a
/// stream broke.
inline constexpr std::string_view kEventStreamBegin = "retry: 1000\n\n";
/// A comment: keeps proxies and clients from giving up on a silent stream.
inline constexpr std::string_view kKeepAlive = ":\n\n";
inline constexpr std::chrono::seconds kKeepAliveTime{15};

/// One event. `data` is one line; `id` and `type` are left out where they are empty.
void appendEvent(std::string& out, std::string_view data, std::string_view id = {}, std::string_view type = {});
[[nodiscard]] std::string eventText(std::string_view data, std::string_view id = {}, std::string_view type = {});

}  // namespace weir::http
