#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"
#include "print/datagram_printer.h"

namespace {

/// Whether quotes, brackets and UTF-8 of a line are in order: what a reader needs to find its end.
bool isSound(const std::string& line) {
  const auto* at = reinterpret_cast<const unsigned char*>(line.data());
  const auto* end = at + line.size();
  std::string open;
  bool quoted = false;
  while (at < end) {
    const std::size_t size = weir::utf8Length(at, end);
    if (size == 0 || *at < 0x20) return false;
    if (quoted) {
      if (*at == '\\') {
        at += 2;  // An escape and the ASCII character that it is for, a backslash or a quote too.
        continue;
      }
      if (*at == '"') quoted = false;
    } else if (*at == '"') {
      quoted = true;
    } else if (*at == '{' || *at == '[') {
      open.push_back(*at == '{' ? '}' : ']');
    } else if (*at == '}' || *at == ']') {
      if (open.empty() || open.back() != static_cast<char>(*at)) return false;
      open.pop_back();
    }
    at += size;
  }
  return !quoted && open.empty();
}

}  // namespace

/// Any octets as a UDP payload: one line comes of it, sound and not beyond measure.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65535) return 0;
  static weir::print::DatagramPrinter printer;
  std::string line;
  for (const bool fromCapture : {true, false}) {
    line.clear();
    printer.print({weir::Bytes(data, size), 0, {}, 0, 0, fromCapture, {}}, line);
    if (!isSound(line) || line.size() > 64 * size + 1000) std::abort();
  }
  return 0;
}
