#include "print/line_writer.h"

namespace weir::print {

namespace {
constexpr char kDigits[] = "0123456789abcdef";
constexpr char kUpperDigits[] = "0123456789ABCDEF";
}  // namespace

void LineWriter::key(std::string_view prefix, std::string_view name) {
  separate();
  out_.push_back('"');
  out_.append(prefix);
  out_.append(name);
  out_.append("\":");
}

void LineWriter::appendHex(Bytes octets) {
  for (const std::uint8_t octet : octets) {
    out_.push_back(kDigits[octet >> 4]);
    out_.push_back(kDigits[octet & 15]);
  }
}

void LineWriter::dashedHex(Bytes octets) {
  quoted([&] {
    const std::size_t begin = out_.size();
    out_.resize(begin + (octets.empty() ? 0 : octets.size() * 3 - 1));
    char* at = out_.data() + begin;
    for (std::size_t i = 0; i < octets.size(); ++i) {
      if (i != 0) *at++ = '-';
      *at++ = kUpperDigits[octets[i] >> 4];
      *at++ = kUpperDigits[octets[i] & 15];
    }
  });
}

void LineWriter::real(double v, int decimals) {
  quoted([&] {
    char buffer[400];  // the largest double has 309 digits before the point
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::fixed, decimals).ptr);
  });
}

void LineWriter::address(Bytes octets) {
  quoted([&] {
    if (octets.size() == 4) appendIp4(out_, octets.data());
    if (octets.size() != 16) return;
    for (std::size_t i = 0; i < 16; i += 2) {
      if (i != 0) out_.push_back(':');
      appendHex(octets.subspan(i, 2));
    }
  });
}

void LineWriter::pairMember(std::string_view name, std::uint32_t a, std::uint32_t b) {
  key(name);
  quoted([&] {
    appendNumber(a);
    out_.push_back(':');
    appendNumber(b);
  });
}

}  // namespace weir::print
