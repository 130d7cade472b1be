#include "agent_config/values.h"

#include <regex.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace weir::agent {

namespace {

std::uint64_t unit(char suffix) {
  switch (suffix) {
    case 'k':
    case 'K':
      return 1'000;
    case 'm':
    case 'M':
      return 1'000'000;
    case 'g':
    case 'G':
      return 1'000'000'000;
    case 't':
    case 'T':
      return 1'000'000'000'000;
    case 'p':
    case 'P':
      return 1'000'000'000'000'000;
    default:
      return 0;
  }
}

template <class T>
std::optional<T> whole(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> decimal(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (text.empty() || text[0] == '-' || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The number of leading ones of a netmask, or nothing where a zero stands before a one.
std::optional<int> maskBits(const IpAddress& mask) {
  int bits = 0;
  while (bits < mask.bits() && (mask.octets[bits / 8] & (0x80 >> bits % 8)) != 0) ++bits;
  for (int i = bits; i < mask.bits(); ++i)
    if ((mask.octets[i / 8] & (0x80 >> i % 8)) != 0) return std::nullopt;
  return bits;
}

}  // namespace

std::string lowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool Cidr::holds(const IpAddress& address) const {
  if (address.family != network.family) return false;
  const std::size_t full = static_cast<std::size_t>(bits) / 8;
  if (std::memcmp(address.octets.data(), network.octets.data(), full) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - bits % 8));
  return ((address.octets[full] ^ network.octets[full]) & mask) == 0;
}

std::optional<std::uint64_t> parseInteger(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    return whole<std::uint64_t>(text.substr(2), 16);
  std::uint64_t scale = unit(text.back());
  if (scale > 1'000'000'000) return std::nullopt;  // T and P are units of speeds only
  if (scale != 0) text.remove_suffix(1);
  if (scale == 0) scale = 1;
  const bool octal = text.size() > 1 && text[0] == '0';
  const auto value = whole<std::uint64_t>(text, octal ? 8 : 10);
  if (!value || *value > UINT64_MAX / scale) return std::nullopt;
  return *value * scale;
}

std::optional<std::uint64_t> parseSpeed(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::uint64_t scale = unit(text.back());
  if (scale != 0) text.remove_suffix(1);
  const auto value = decimal(text);
  if (!value) return std::nullopt;
  const double speed = std::round(*value * static_cast<double>(scale == 0 ? 1 : scale));
  if (speed >= 1.8e19) return std::nullopt;
  return static_cast<std::uint64_t>(speed);
}

std::optional<SpeedRange> parseSpeedRange(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto least = parseSpeed(text.substr(0, dash));
  if (!least) return std::nullopt;
  if (dash == std::string_view::npos) return SpeedRange{*least, *least};
  if (dash + 1 == text.size()) return SpeedRange{*least, UINT64_MAX};
  const auto most = parseSpeed(text.substr(dash + 1));
  if (!most || *most < *least) return std::nullopt;
  return SpeedRange{*least, *most};
}

std::optional<Cidr> parseCidr(std::string_view text) {
  Cidr out;
  out.excluded = text.starts_with('!');
  if (out.excluded) text.remove_prefix(1);
  const std::size_t slash = text.find('/');
  const auto network = IpAddress::parse(text.substr(0, slash));
  if (!network) return std::nullopt;
  out.network = *network;
  out.bits = network->bits();
  if (slash == std::string_view::npos) return out;
  const std::string_view rest = text.substr(slash + 1);
  std::optional<int> bits = whole<int>(rest, 10);
  if (!bits)
    if (const auto mask = IpAddress::parse(rest); mask && mask->family == network->family) bits = maskBits(*mask);
  if (!bits || *bits < 0 || *bits > network->bits()) return std::nullopt;
  out.bits = *bits;
  return out;
}

std::optional<bool> parseOnOff(std::string_view text) {
  const std::string word = lowerCase(text);
  if (word == "on") return true;
  if (word == "off") return false;
  return std::nullopt;
}

std::optional<double> parseProbability(std::string_view text) {
  const auto value = decimal(text);
  if (!value || *value > 1) return std::nullopt;
  return value;
}

std::optional<std::array<std::uint8_t, 16>> parseUuid(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '-') digits.push_back(c);
  if (digits.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto octet = whole<std::uint8_t>(std::string_view(digits).substr(i * 2, 2), 16);
    if (!octet) return std::nullopt;
    out[i] = *octet;
  }
  return out;
}

std::optional<std::string> patternProblem(const std::string& pattern) {
  regex_t compiled;
  const int status = regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (status == 0) {
    regfree(&compiled);
    return std::nullopt;
  }
  char message[160];
  regerror(status, &compiled, message, sizeof message);
  return message;
}

}  // namespace weir::agent
