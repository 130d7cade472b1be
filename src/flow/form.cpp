#include "flow/form.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/address.h"
#include "base/hash.h"
#include "wire/datagram.h"

namespace weir::flow {

namespace {

void appendNumber(std::string& out, std::uint64_t n) {
  char text[20];
  out.append(text, std::to_chars(text, text + sizeof text, n).ptr);
}

void appendBits(std::string& out, std::uint64_t n, unsigned digits) {
  for (unsigned i = digits; i-- > 0;) out += (n >> i & 1) != 0 ? '1' : '0';
}

void appendHexDigits(std::string& out, std::uint64_t n, unsigned digits) {
  for (unsigned i = digits; i-- > 0;) out += "0123456789ABCDEF"[n >> 4 * i & 15];
}

void appendInterface(std::string& out, std::uint64_t n) {
  switch (n) {
    case 0:
      out += "unknown";
      break;
    case wire::kNoInterface:
      out += "internal";
      break;
    case kDiscardInterface:
      out += "discard";
      break;
    case kMultipleInterfaces:
      out += "multiple";
      break;
    default:
      appendNumber(out, n);
  }
}

void appendDataSource(std::string& out, std::uint64_t key) {
  if (key >> 32 != 0) {
    appendNumber(out, key >> 32);
    out += '.';
  }
  appendNumber(out, key & 0xFFFFFFFF);
}

void appendAddress(std::string& out, const std::uint8_t* address) {
  if (address[0] == static_cast<std::uint8_t>(IpAddress::Family::v4)) appendIp4(out, address + 1);
  if (address[0] == static_cast<std::uint8_t>(IpAddress::Family::v6)) appendIp6(out, address + 1);
}

void appendLayers(std::string& out, const std::uint8_t* layers, std::size_t count) {
  for (std::size_t i = 0; i < count && layers[i] != 0; ++i) {
    if (i != 0) out += '.';
    out += decode::layerToken(static_cast<decode::Layer>(layers[i] - 1));
  }
}

std::uint64_t loadNumber(const std::uint8_t* at, std::size_t width) {
  std::uint64_t n = 0;
  std::memcpy(&n, at, std::min<std::size_t>(width, 8));
  return n;
}

// Text longer than its slot: [255][beginning][hash of all of it], so that it is told apart but shown shortened.
constexpr std::uint8_t kShortened = 255;

void storeText(std::uint8_t* at, std::size_t width, const Value& value) {
  if (value.size < width) {
    at[0] = static_cast<std::uint8_t>(value.size);
    if (value.size != 0) std::memcpy(at + 1, value.data, value.size);
    return;
  }
  const std::uint64_t hash = hashBytes(value.data, value.size);
  at[0] = kShortened;
  std::memcpy(at + 1, value.data, width - 9);
  std::memcpy(at + width - 8, &hash, 8);
}

}  // namespace

std::uint16_t Forms::intern(Form form) {
  const auto it = std::find(forms_.begin(), forms_.end(), form);
  if (it != forms_.end() && form.parts.empty() && form.type != Type::joined) {
    return static_cast<std::uint16_t>(it - forms_.begin());
  }
  forms_.push_back(std::move(form));
  return static_cast<std::uint16_t>(forms_.size() - 1);
}

std::uint16_t Forms::lookup(LookupName name) {
  const auto it = std::find(lookups_.begin(), lookups_.end(), name);
  if (it != lookups_.end()) return static_cast<std::uint16_t>(it - lookups_.begin());
  lookups_.push_back(std::move(name));
  return static_cast<std::uint16_t>(lookups_.size() - 1);
}

void Forms::append(std::string& out, const Value& value) const {
  const Form& form = forms_[value.form];
  switch (form.type) {
    case Type::number:
      appendNumber(out, value.number);
      break;
    case Type::bits:
      appendBits(out, value.number, form.digits);
      break;
    case Type::boolean:
      out += value.number != 0 ? "true" : "false";
      break;
    case Type::name: {
      const std::string_view name = form.names(value.number);
      if (name.empty())
        appendNumber(out, value.number);
      else
        out += name;
      break;
    }
    case Type::interface:
      appendInterface(out, value.number);
      break;
    case Type::hex:
      appendHexDigits(out, value.number, form.digits);
      break;
    case Type::choice:
      out += form.texts[value.number];
      break;
    case Type::mac:
      appendMac(out, value.data);
      break;
    case Type::ip4:
      appendIp4(out, value.data);
      break;
    case Type::ip6:
      appendIp6(out, value.data);
      break;
    case Type::address:
      appendAddress(out, value.data);
      break;
    case Type::dataSource:
      appendDataSource(out, value.number);
      break;
    case Type::layers:
      appendLayers(out, value.data, value.size);
      break;
    case Type::text:
      out.append(reinterpret_cast<const char*>(value.data), value.size);
      break;
    case Type::joined:
      for (std::size_t i = 0; i < form.parts.size(); ++i) {
        if (i != 0) out += form.separator;
        append(out, load(form.parts[i], value.data));
      }
      break;
  }
  if (form.prefix >= 0) {
    out += '/';
    appendNumber(out, static_cast<std::uint64_t>(form.prefix));
  }
}

void Forms::store(const Slot& slot, const Value& value, std::uint8_t* base) const {
  std::uint8_t* at = base + slot.offset;
  if (slot.tagged()) {
    std::uint8_t tag = 0;
    while (slot.forms[tag] != value.form) ++tag;
    *at++ = tag;
  }
  const Type type = forms_[value.form].type;
  if (type == Type::text)
    storeText(at, slot.width, value);
  else if (isOctets(type))
    std::memcpy(at, value.data, value.size);
  else
    std::memcpy(at, &value.number, std::min<std::size_t>(slot.width, 8));
}

Value Forms::load(const Slot& slot, const std::uint8_t* base) const {
  const std::uint8_t* at = base + slot.offset;
  Value value;
  value.form = slot.forms[slot.tagged() ? *at++ : 0];
  const Form& form = forms_[value.form];
  value.data = at;
  value.size = slot.width;
  if (form.type == Type::text) {
    value.data = at + 1;
    value.size = at[0] == kShortened ? static_cast<std::uint16_t>(slot.width - 9) : at[0];
  } else if (!isOctets(form.type)) {
    value.number = loadNumber(at, slot.width);
  }
  return value;
}

bool Forms::isValue(const Slot& slot, const std::uint8_t* base) const {
  if (slot.forms.empty()) return true;
  const std::uint8_t* at = base + slot.offset;
  if (slot.tagged() && *at >= slot.forms.size()) return false;
  const Form& form = forms_[slot.forms[slot.tagged() ? *at++ : 0]];
  switch (form.type) {
    case Type::text:
      return at[0] == kShortened ? slot.width > 9 : at[0] < slot.width;
    case Type::choice:
      return loadNumber(at, slot.width) < form.texts.size();
    case Type::layers:
      return std::all_of(at, at + slot.width, [](std::uint8_t layer) { return layer <= decode::kLayerKinds; });
    case Type::joined:
      return std::all_of(form.parts.begin(), form.parts.end(), [&](const Slot& part) { return isValue(part, at); });
    default:
      return true;
  }
}

// --- what a person wrote

namespace {

std::optional<Written> writtenNumber(std::uint64_t n) {
  return Written{n, {}};
}

// Decimal without leading zeros: the one text that a number has.
std::optional<Written> parseNumber(std::string_view text) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') return std::nullopt;
  return writtenNumber(n);
}

std::optional<Written> parseBits(std::string_view text, unsigned digits) {
  if (text.size() != digits) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : text) {
    if (c != '0' && c != '1') return std::nullopt;
    n = n << 1 | static_cast<std::uint64_t>(c - '0');
  }
  return writtenNumber(n);
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::optional<std::uint64_t> parseHex(std::string_view text, unsigned digits, bool lenient) {
  std::uint64_t n = 0;
  unsigned count = 0;
  for (const char c : text) {
    if (lenient && (c == ':' || c == '-' || c == '.')) continue;
    if (hexDigit(c) < 0 || (!lenient && c >= 'a') || ++count > digits) return std::nullopt;
    n = n << 4 | static_cast<std::uint64_t>(hexDigit(c));
  }
  if (count != digits) return std::nullopt;
  return n;
}

std::optional<Written> parseMac(std::string_view text, bool lenient) {
  const auto n = parseHex(text, 12, lenient);
  if (!n) return std::nullopt;
  Written w;
  for (int shift = 40; shift >= 0; shift -= 8) w.octets += static_cast<char>(*n >> shift & 0xFF);
  return w;
}

std::optional<Written> parseIp(std::string_view text, IpAddress::Family family, std::int16_t prefix, bool lenient) {
  if (prefix >= 0) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto bits = parseNumber(text.substr(slash + 1));
    if (!bits || bits->number != static_cast<std::uint64_t>(prefix)) return std::nullopt;
    text = text.substr(0, slash);
  }
  const auto address = IpAddress::parse(text);
  if (!address || address->family != family) return std::nullopt;
  if (!lenient) {
    std::string written;
    family == IpAddress::Family::v4 ? appendIp4(written, address->octets.data())
                                    : appendIp6(written, address->octets.data());
    if (written != text) return std::nullopt;
  }
  return Written{
      0, std::string(reinterpret_cast<const char*>(address->octets.data()), family == IpAddress::Family::v4 ? 4 : 16)};
}

std::optional<Written> parseAddress(std::string_view text, std::int16_t prefix, bool lenient) {
  for (const auto family : {IpAddress::Family::v4, IpAddress::Family::v6}) {
    auto written = parseIp(text, family, prefix, lenient);
    if (!written) continue;
    written->octets.resize(16);
    written->octets.insert(written->octets.begin(), static_cast<char>(family));
    return written;
  }
  return std::nullopt;
}

std::optional<Written> parseInterface(std::string_view text, bool lenient) {
  if (text == "unknown" || (lenient && text == "0")) return writtenNumber(0);
  if (text == "internal") return writtenNumber(wire::kNoInterface);
  if (text == "discard") return writtenNumber(kDiscardInterface);
  if (text == "multiple") return writtenNumber(kMultipleInterfaces);
  const auto n = parseNumber(text);
  if (!n || n->number == 0 || n->number == wire::kNoInterface || n->number >= kMultipleInterfaces) return std::nullopt;
  return n;
}

std::optional<Written> parseDataSource(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto cls = dot == std::string_view::npos ? writtenNumber(0) : parseNumber(text.substr(0, dot));
  const auto index = parseNumber(dot == std::string_view::npos ? text : text.substr(dot + 1));
  if (!cls || !index || index->number > 0xFFFFFFFF || cls->number > 0xFFFFFFFF) return std::nullopt;
  if (dot != std::string_view::npos && cls->number == 0) return std::nullopt;
  return writtenNumber(cls->number << 32 | index->number);
}

std::optional<Written> parseLayers(std::string_view text) {
  Written w;
  for (;;) {
    const std::size_t dot = text.find('.');
    const std::string_view token = text.substr(0, dot);
    unsigned kind = 0;
    while (kind < decode::kLayerKinds &&
           (token.empty() || decode::layerToken(static_cast<decode::Layer>(kind)) != token)) {
      ++kind;
    }
    if (kind == decode::kLayerKinds || w.octets.size() == decode::kMaxLayers) return std::nullopt;
    w.octets += static_cast<char>(kind + 1);
    if (dot == std::string_view::npos) return w;
    text = text.substr(dot + 1);
  }
}

std::optional<Written> parseName(const Form& form, std::string_view text) {
  for (std::uint64_t n = 0; n < form.domain; ++n) {
    const std::string_view name = form.names(n);
    if (!name.empty() && name == text) return writtenNumber(n);
  }
  const auto n = parseNumber(text);
  return n && form.names(n->number).empty() ? n : std::nullopt;
}

}  // namespace

std::optional<Written> parseWritten(const Form& form, std::string_view text, bool lenient) {
  switch (form.type) {
    case Type::number:
      return parseNumber(text);
    case Type::bits:
      return parseBits(text, form.digits);
    case Type::boolean:
      if (text == "true" || (lenient && text == "yes")) return writtenNumber(1);
      if (text == "false" || (lenient && text == "no")) return writtenNumber(0);
      return std::nullopt;
    case Type::name:
      return parseName(form, text);
    case Type::interface:
      return parseInterface(text, lenient);
    case Type::hex: {
      const auto n = parseHex(text, form.digits, lenient);
      return n ? writtenNumber(*n) : std::nullopt;
    }
    case Type::choice: {
      const auto it = std::find(form.texts.begin(), form.texts.end(), text);
      return it == form.texts.end() ? std::nullopt : writtenNumber(static_cast<std::uint64_t>(it - form.texts.begin()));
    }
    case Type::mac:
      return parseMac(text, lenient);
    case Type::ip4:
      return parseIp(text, IpAddress::Family::v4, form.prefix, lenient);
    case Type::ip6:
      return parseIp(text, IpAddress::Family::v6, form.prefix, lenient);
    case Type::address:
      return parseAddress(text, form.prefix, lenient);
    case Type::dataSource:
      return parseDataSource(text);
    case Type::layers:
      return parseLayers(text);
    case Type::text:
      return Written{0, std::string(text)};
    case Type::joined:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace weir::flow
