#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Octets of a body from which on it is compressed: less fits into one packet with its head.
inline constexpr std::size_t kLeastCompressed = 1400;

/// Whether a client takes gzip, by its Accept-Encoding (RFC 9110 section 12.5.3): named, or `*`, and not with q=0.
[[nodiscard]] bool acceptsGzip(std::string_view acceptEncoding);
/// gzip (RFC 1952) at the fastest level; nothing when memory is short. Thread: any.
[[nodiscard]] std::optional<std::string> gzip(std::string_view text);
/// What was compressed so; nothing when it is damaged, cut short, or longer than `most` octets. Thread: any.
[[nodiscard]] std::optional<std::string> gunzip(std::string_view compressed, std::size_t most);

}  // namespace weir::http
