#include "base/address.h"

#include <arpa/inet.h>

#include <charconv>

#include "base/hash.h"

namespace weir {

IpAddress IpAddress::v4(const std::uint8_t* four) {
  IpAddress a;
  a.family = Family::v4;
  std::memcpy(a.octets.data(), four, 4);
  return a;
}

IpAddress IpAddress::v6(const std::uint8_t* sixteen) {
  IpAddress a;
  a.family = Family::v6;
  std::memcpy(a.octets.data(), sixteen, 16);
  return a;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char buffer[64];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = 0;
  if (std::memchr(buffer, 0, text.size()) != nullptr) return std::nullopt;
  IpAddress a;
  if (inet_pton(AF_INET, buffer, a.octets.data()) == 1) {
    a.family = Family::v4;
    return a;
  }
  if (inet_pton(AF_INET6, buffer, a.octets.data()) == 1) {
    a.family = Family::v6;
    return a;
  }
  return std::nullopt;
}

std::string IpAddress::text() const {
  std::string out;
  if (family == Family::v4) appendIp4(out, octets.data());
  if (family == Family::v6) {
    char buffer[INET6_ADDRSTRLEN];
    out = inet_ntop(AF_INET6, octets.data(), buffer, sizeof buffer);
  }
  return out;
}

std::uint64_t IpAddress::hash() const {
  return hashBytes(octets.data(), octets.size(), static_cast<std::uint64_t>(family));
}

void appendIp4(std::string& out, const std::uint8_t* four) {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) out.push_back('.');
    char digits[4];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, four[i]).ptr);
  }
}

void appendIp6(std::string& out, const std::uint8_t* sixteen) {
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, sixteen, buffer, sizeof buffer);
  for (char* p = buffer; *p != 0; ++p) out.push_back(*p >= 'a' && *p <= 'f' ? static_cast<char>(*p - 32) : *p);
}

void appendMac(std::string& out, const std::uint8_t* six) {
  appendHex(out, Bytes(six, 6));
}

void appendHex(std::string& out, Bytes bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (std::uint8_t b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
}

}  // namespace weir
