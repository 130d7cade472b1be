#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "query/codec.h"

namespace weir::query {

/// What stands before an encoded partial result: `weirq`, the version of the encoding, and the name of the question.
/// The version changes when a partial result, or the encoding, does.
inline constexpr std::uint8_t kEncodingVersion = 2;
void encodeHead(std::string& out, std::string_view question);
/// Takes it off; an error says what else is there.
[[nodiscard]] Expected<std::string_view> decodeHead(std::string_view octets, std::string_view question);

/// A partial result of a query as octets, for another engine (codec.h).
template <class Query>
[[nodiscard]] std::string encode(const typename Query::Partial& partial) {
  std::string out;
  encodeHead(out, Query::Question::kName);
  Encoder encoder(out);
  encoder(partial);
  return out;
}

/// The partial result of another engine, which was asked the same question and has the same definitions: only such a
/// one can be merged. Any octets may come: what is refused has a reason.
template <class Query>
[[nodiscard]] Expected<typename Query::Partial> decode(const Query& query, std::string_view octets) {
  const auto body = decodeHead(octets, Query::Question::kName);
  if (!body) return std::unexpected(body.error());
  typename Query::Partial partial{};
  Decoder decoder(*body);
  decoder(partial);
  if (!decoder.isComplete()) return fail("the partial result is damaged");
  if constexpr (requires { query.accepts(partial); }) {
    if (!query.accepts(partial)) return fail("the partial result is of another question or of other definitions");
  }
  return partial;
}

}  // namespace weir::query
