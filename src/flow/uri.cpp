#include "flow/uri.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "flow/function_node.h"

namespace weir::flow {

namespace {

char asciiLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool isScheme(std::string_view text) {
  const auto isLetter = [](char c) { return asciiLower(c) >= 'a' && asciiLower(c) <= 'z'; };
  if (text.empty() || !isLetter(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; });
}

// Cuts `text` at the first of `marks`: what stands before is returned, the rest stays.
std::string_view cutAt(std::string_view& text, std::string_view marks) {
  const std::string_view before = text.substr(0, text.find_first_of(marks));
  text.remove_prefix(before.size());
  return before;
}

void takeAuthority(std::string_view text, Uri& uri) {
  uri.authority = text;
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    uri.user = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  // Colons inside brackets belong to an IPv6 address.
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    if (colon + 1 < text.size()) uri.port = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  if (!text.empty()) uri.host = text;
}

// RFC 3986 5.2.4. The number of octets written, never more than the path has.
std::size_t removeDotSegments(std::string_view path, char* to) {
  std::size_t size = 0;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const std::size_t slash = path.find('/', path.front() == '/' ? 1 : 0);
    const std::string_view segment = path.substr(0, slash);  // with the `/` before it
    const std::string_view name = segment.substr(segment.starts_with('/') ? 1 : 0);
    path.remove_prefix(segment.size());
    if (name == "." || name == "..") {
      if (name == "..") {
        while (size > 0 && to[size - 1] != '/') --size;
        if (size > 0) --size;
      }
      // The last one leaves its `/`.
      if (path.empty() && (absolute || size > 0)) to[size++] = '/';
      continue;
    }
    std::string_view kept = segment;
    if (size == 0 && !absolute && kept.starts_with('/')) kept.remove_prefix(1);
    std::memmove(to + size, kept.data(), kept.size());
    size += kept.size();
  }
  return size;
}

}  // namespace

Uri Uri::parse(std::string_view text) {
  Uri uri;
  if (const std::size_t colon = text.find_first_of(":/?#");
      colon != std::string_view::npos && text[colon] == ':' && isScheme(text.substr(0, colon))) {
    uri.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    takeAuthority(cutAt(text, "/?#"), uri);
  }
  uri.path = cutAt(text, "?#");
  if (text.starts_with('?')) {
    text.remove_prefix(1);
    uri.query = cutAt(text, "#");
  }
  if (text.starts_with('#')) uri.fragment = text.substr(1);
  return uri;
}

std::optional<std::string_view> Uri::file() const {
  if (isOpaque()) return std::nullopt;
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return name.empty() ? std::nullopt : std::optional(name);
}

std::optional<std::string_view> Uri::extension() const {
  const auto name = file();
  const std::size_t dot = name ? name->rfind('.') : std::string_view::npos;
  if (dot == std::string_view::npos || dot + 1 == name->size()) return std::nullopt;
  return name->substr(dot + 1);
}

std::size_t normalizeUri(std::string_view text, char* out) {
  const Uri uri = Uri::parse(text);
  std::copy(text.begin(), text.end(), out);
  const auto lowerPart = [&](const std::optional<std::string_view>& part) {
    if (part) std::transform(part->begin(), part->end(), out + (part->data() - text.data()), asciiLower);
  };
  lowerPart(uri.scheme);
  lowerPart(uri.host);
  if (uri.isOpaque() || uri.path.empty()) return text.size();
  const auto begin = static_cast<std::size_t>(uri.path.data() - text.data());
  const std::size_t end = begin + uri.path.size();
  const std::size_t size = begin + removeDotSegments(uri.path, out + begin);
  std::copy(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), out + size);
  return size + text.size() - end;
}

namespace {

using Part = std::optional<std::string_view> (*)(const Uri& uri);

struct NamedPart {
  std::string_view name;
  Part part;
};

constexpr NamedPart kParts[] = {
    {"scheme", [](const Uri& uri) { return uri.scheme; }},
    {"user", [](const Uri& uri) { return uri.user; }},
    {"authority", [](const Uri& uri) { return uri.authority; }},
    {"host", [](const Uri& uri) { return uri.host; }},
    {"path", [](const Uri& uri) { return uri.isOpaque() ? std::nullopt : std::optional(uri.path); }},
    {"file", [](const Uri& uri) { return uri.file(); }},
    {"extension", [](const Uri& uri) { return uri.extension(); }},
    {"query", [](const Uri& uri) { return uri.query; }},
    {"fragment", [](const Uri& uri) { return uri.fragment; }},
};

bool evaluatePart(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const auto part = kParts[node.number].part(Uri::parse(textOf(c.forms, value, textBuffer(0))));
  return part && setText(node, c, *part, value);
}

bool evaluatePort(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const auto port = Uri::parse(textOf(c.forms, value, textBuffer(0))).port;
  if (!port) return false;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), number);
  if (error != std::errc{} || end != port->data() + port->size()) return false;
  value.form = node.form;
  value.number = number;
  return true;
}

template <bool opaque>
bool evaluateKind(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const Uri uri = Uri::parse(textOf(c.forms, value, textBuffer(0)));
  value.form = node.form;
  value.number = opaque ? uri.isOpaque() : uri.scheme.has_value();
  return true;
}

bool evaluateNormalized(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const std::string_view text = textOf(c.forms, value, textBuffer(0));
  std::uint8_t* out = c.scratch.take(text.size());
  if (out == nullptr) return false;
  value.size = static_cast<std::uint16_t>(normalizeUri(text, reinterpret_cast<char*>(out)));
  value.form = node.form;
  value.data = out;
  return true;
}

}  // namespace

Expected<Node> makeUri(Forms& forms, std::vector<Argument>& arguments) {
  const Argument& part = arguments[1];
  Node& key = arguments[0].key;
  Node node;
  Form form = formOfType(Type::text);
  std::uint16_t width = key.forms.empty() ? 0 : textWidth(maxText(forms, key.forms));
  if (part.text == "isabsolute" || part.text == "isopaque") {
    node = functionNode(part.text == "isopaque" ? evaluateKind<true> : evaluateKind<false>);
    form = formOfType(Type::boolean);
    width = 1;
  } else if (part.text == "normalized") {
    node = functionNode(evaluateNormalized);
  } else if (part.text == "port") {
    node = functionNode(evaluatePort);
    form = formOfType(Type::number);
    width = 2;
  } else {
    const auto* known = std::find_if(std::begin(kParts), std::end(kParts),
                                     [&](const NamedPart& each) { return each.name == part.text; });
    if (known == std::end(kParts)) {
      return fail(
          "expected normalized, scheme, user, authority, host, port, path, file, extension, query, fragment, "
          "isabsolute or isopaque",
          {}, part.position);
    }
    node = functionNode(evaluatePart);
    node.number = static_cast<std::uint64_t>(known - std::begin(kParts));
  }
  if (!key.forms.empty()) setResult(forms, node, std::move(form), width);
  node.children.push_back(std::move(key));
  return node;
}

}  // namespace weir::flow
