#include "query/encoded.h"

namespace weir::query {

namespace {
constexpr std::string_view kMark = "weirq";
}

void encodeHead(std::string& out, std::string_view question) {
  out += kMark;
  Encoder encoder(out);
  encoder(kEncodingVersion, std::string(question));
}

Expected<std::string_view> decodeHead(std::string_view octets, std::string_view question) {
  if (!octets.starts_with(kMark) || octets.size() == kMark.size()) return fail("expected a partial result of weir");
  const auto version = static_cast<std::uint8_t>(octets[kMark.size()]);
  if (version != kEncodingVersion) {
    return fail("expected version " + std::to_string(kEncodingVersion) + " of partial results, not " +
                std::to_string(version));
  }
  std::string head;
  encodeHead(head, question);
  if (!octets.starts_with(head)) return fail("expected the partial result of another question");
  return octets.substr(head.size());
}

}  // namespace weir::query
