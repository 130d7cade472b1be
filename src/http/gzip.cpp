#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "http/ascii.h"

namespace weir::http {

namespace {

/// `;q=0`, `; q=0.000`: the client refuses what stands before it.
bool isRefused(std::string_view parameters) {
  parameters = trimmed(parameters);
  if (parameters.size() < 3 || (parameters[0] | 0x20) != 'q' || parameters[1] != '=') return false;
  return parameters.substr(2).find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool acceptsGzip(std::string_view acceptEncoding) {
  bool any = false;
  while (!acceptEncoding.empty()) {
    const std::size_t end = std::min(acceptEncoding.find(','), acceptEncoding.size());
    const std::string_view item = acceptEncoding.substr(0, end);
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view coding = trimmed(item.substr(0, semicolon));
    const bool taken = semicolon == item.size() || !isRefused(item.substr(semicolon + 1));
    if (equalsIgnoringCase(coding, "gzip") || equalsIgnoringCase(coding, "x-gzip")) return taken;
    if (coding == "*") any = taken;
    acceptEncoding.remove_prefix(std::min(end + 1, acceptEncoding.size()));
  }
  return any;
}

std::optional<std::string> gzip(std::string_view text) {
  constexpr int kGzip = 16;  // added to the window bits: gzip instead of zlib
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return std::nullopt;
  // Bodies are far below 4 GiB, the most that one call takes.
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = text.size() > UINT32_MAX ? Z_STREAM_ERROR : deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

std::optional<std::string> gunzip(std::string_view compressed, std::size_t most) {
  constexpr int kGzip = 16;
  z_stream stream{};
  if (compressed.size() > UINT32_MAX || inflateInit2(&stream, MAX_WBITS + kGzip) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  int result = Z_OK;
  while (result == Z_OK && out.size() <= most) {
    char piece[16 * 1024];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole || out.size() > most) return std::nullopt;
  return out;
}

}  // namespace weir::http
