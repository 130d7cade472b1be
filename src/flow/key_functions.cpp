#include "flow/key_functions.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "flow/function_node.h"
#include "flow/lookup_functions.h"
#include "flow/match.h"
#include "flow/uri.h"

namespace weir::flow {

namespace {

// --- arguments

std::uint64_t wholeNumber(std::string_view text, bool roundUp) {
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc{} && end == text.data() + text.size()) return n;
  double d = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), d);
  d = roundUp ? std::ceil(d) : std::floor(d);
  return d <= 0 ? 0 : d >= 18446744073709551615.0 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(d);
}

// A whole number from 0 to `most`.
Expected<std::uint64_t> count(const Argument& argument, std::uint64_t most) {
  std::uint64_t n = 0;
  const std::string& text = argument.text;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n > most) {
    return fail("expected a whole number from 0 to " + std::to_string(most), {}, argument.position);
  }
  return n;
}

// --- or, null, if: one of several keys

bool evaluateAlternatives(const Node& node, const Evaluation& c, Value& value) {
  for (const Node& child : node.children) {
    if (child.evaluate(child, c, value)) return true;
  }
  return false;
}

Node alternatives(std::vector<Node> children) {
  Node node = functionNode(evaluateAlternatives);
  node.kind = Node::Kind::alternatives;
  for (const Node& child : children) {
    for (const FormUse& use : child.forms) addUse(node.forms, use);
  }
  node.children = std::move(children);
  return node;
}

Expected<Node> makeOr(Forms&, std::vector<Argument>& arguments) {
  std::vector<Node> children;
  for (Argument& argument : arguments) children.push_back(std::move(argument.key));
  return alternatives(std::move(children));
}

Expected<Node> makeNull(Forms& forms, std::vector<Argument>& arguments) {
  std::vector<Node> children;
  children.push_back(std::move(arguments[0].key));
  children.push_back(makeConstant(forms, children[0].forms, arguments.size() > 1 ? arguments[1].text : "null"));
  return alternatives(std::move(children));
}

bool evaluateIf(const Node& node, const Evaluation& c, Value& value) {
  const bool holds = firstChild(node, c, value) ? node.match->test(c.forms, value) : node.match->absent();
  const Node& chosen = node.children[holds ? 1 : 2];
  return chosen.evaluate(chosen, c, value);
}

Expected<Node> makeIf(Forms& forms, std::vector<Argument>& arguments) {
  Node node = functionNode(evaluateIf);
  node.match = std::make_shared<const Match>(
      Match::anyOf(forms, arguments[0].key, {Right{arguments[1].text, arguments[1].position}}));
  for (const std::size_t i : {2U, 3U}) {
    for (const FormUse& use : arguments[i].key.forms) addUse(node.forms, use);
  }
  for (const std::size_t i : {0U, 2U, 3U}) node.children.push_back(std::move(arguments[i].key));
  return node;
}

// --- eq, range: true or false

bool evaluateEq(const Node& node, const Evaluation& c, Value& value) {
  Value right;
  if (!firstChild(node, c, value) || !node.children[1].evaluate(node.children[1], c, right)) return false;
  bool equal = false;
  if (value.form == right.form && !isOctets(c.forms.at(value.form).type)) {
    equal = value.number == right.number;
  } else {
    equal = textOf(c.forms, value, textBuffer(0)) == textOf(c.forms, right, textBuffer(1));
  }
  value.form = node.form;
  value.number = equal;
  return true;
}

Expected<Node> makeEq(Forms& forms, std::vector<Argument>& arguments) {
  Node node = functionNode(evaluateEq);
  setResult(forms, node, formOfType(Type::boolean), 1);
  for (Argument& argument : arguments) node.children.push_back(std::move(argument.key));
  return node;
}

// Numbers proper, and ports that are one.
bool asNumber(const Forms& forms, const Value& value) {
  const Type type = forms.at(value.form).type;
  if (type == Type::interface)
    return value.number != 0 && value.number != wire::kNoInterface && value.number < kMultipleInterfaces;
  return isNumeric(type);
}

bool evaluateRange(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value) || !asNumber(c.forms, value)) return false;
  value.form = node.form;
  value.number = value.number >= node.number && value.number <= node.high;
  return true;
}

Expected<Node> makeRange(Forms& forms, std::vector<Argument>& arguments) {
  Node node = functionNode(evaluateRange);
  setResult(forms, node, formOfType(Type::boolean), 1);
  node.number = wholeNumber(arguments[1].text, true);
  node.high = arguments.size() > 2 ? wholeNumber(arguments[2].text, false) : ~std::uint64_t{0};
  if (arguments.size() > 2 && arguments[2].text.starts_with('-') && node.high == 0 && node.number == 0) {
    node.number = 1;  // nothing lies below zero
  }
  const std::vector<FormUse>& uses = arguments[0].key.forms;
  if (node.number > node.high) forms.hint("range is never true: its lower bound is above the upper one");
  const bool numeric = std::ranges::any_of(uses, [&](const FormUse& use) {
    return isNumeric(forms.at(use.form).type) || forms.at(use.form).type == Type::interface;
  });
  if (!uses.empty() && !numeric) {
    forms.hint("range of a key of type " + std::string(typeName(forms.at(uses.front().form).type)) +
               " never has a value: expected a number");
  }
  node.children.push_back(std::move(arguments[0].key));
  return node;
}

// --- mask, bits: arithmetic

bool evaluateMask(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const auto mapped = std::find_if(node.formMap.begin(), node.formMap.end(),
                                   [&](const auto& pair) { return pair.first == value.form; });
  if (mapped == node.formMap.end()) return false;
  std::uint8_t* out = c.scratch.take(value.size);
  if (out == nullptr) return false;
  std::memcpy(out, value.data, value.size);
  const std::size_t begin = c.forms.at(value.form).type == Type::address ? 1 : 0;
  for (std::size_t i = begin; i < value.size; ++i) {
    const std::size_t bit = 8 * (i - begin);
    if (bit >= node.number)
      out[i] = 0;
    else if (node.number - bit < 8)
      out[i] &= static_cast<std::uint8_t>(0xFF00 >> (node.number - bit));
  }
  value.form = mapped->second;
  value.data = out;
  return true;
}

Expected<Node> makeMask(Forms& forms, std::vector<Argument>& arguments) {
  const auto bits = count(arguments[1], 128);
  if (!bits) return std::unexpected(bits.error());
  Node node = functionNode(evaluateMask);
  node.number = *bits;
  std::uint64_t widest = 0;
  for (const FormUse& use : arguments[0].key.forms) {
    Form form = forms.at(use.form);
    if (form.type != Type::ip4 && form.type != Type::ip6 && form.type != Type::address) continue;
    const std::uint64_t most = form.type == Type::ip4 ? 32 : 128;
    widest = std::max(widest, most);
    form.prefix =
        static_cast<std::int16_t>(std::min({*bits, most, form.prefix < 0 ? most : std::uint64_t(form.prefix)}));
    const std::uint16_t masked = forms.intern(std::move(form));
    node.formMap.emplace_back(use.form, masked);
    addUse(node.forms, {masked, use.width});
  }
  if (widest != 0 && *bits > widest) {
    forms.hint("mask of " + std::to_string(*bits) + " bits keeps the whole address, which has " +
               std::to_string(widest));
  }
  node.children.push_back(std::move(arguments[0].key));
  return node;
}

bool evaluateBits(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value) || !asNumber(c.forms, value)) return false;
  value.form = node.form;
  value.number &= node.number;
  return true;
}

Expected<Node> makeBits(Forms& forms, std::vector<Argument>& arguments) {
  const auto mask = count(arguments[1], ~std::uint64_t{0});
  if (!mask) return std::unexpected(mask.error());
  Node node = functionNode(evaluateBits);
  node.number = *mask;
  std::uint16_t width = 0;
  for (const FormUse& use : arguments[0].key.forms) {
    const Type type = forms.at(use.form).type;
    if (isNumeric(type) || type == Type::interface) width = std::max(width, use.width);
  }
  if (width != 0) setResult(forms, node, formOfType(Type::number), std::min<std::uint16_t>(width, 8));
  node.children.push_back(std::move(arguments[0].key));
  return node;
}

// --- concat

bool evaluateConcat(const Node& node, const Evaluation& c, Value& value) {
  const Form& form = c.forms.at(node.form);
  const std::size_t size = node.number;
  std::uint8_t* out = c.scratch.take(size);
  if (out == nullptr) return false;
  std::memset(out, 0, size);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    if (!child.evaluate(child, c, value)) return false;
    c.forms.store(form.parts[i], value, out);
  }
  value.form = node.form;
  value.data = out;
  value.size = static_cast<std::uint16_t>(size);
  return true;
}

Expected<Node> makeConcat(Forms& forms, std::vector<Argument>& arguments) {
  Node node = functionNode(evaluateConcat);
  Form form = formOfType(Type::joined);
  form.separator = arguments[0].text;
  unsigned offset = 0;
  bool possible = true;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    Node& key = arguments[i].key;
    possible = possible && !key.forms.empty();
    form.parts.push_back(key.slot(static_cast<std::uint16_t>(offset)));
    offset += form.parts.back().size();
    if (offset > 1024)
      return fail("expected less to join: the parts need more than 1024 octets", {}, arguments[i].position);
    node.children.push_back(std::move(key));
  }
  node.number = offset;
  if (possible)
    setResult(forms, node, std::move(form), static_cast<std::uint16_t>(offset));
  else
    node.evaluate = [](const Node&, const Evaluation&, Value&) { return false; };
  return node;
}

// --- prefix, suffix, first: a text as a list of tokens

// Of layers joined by their own delimiter no text is made.
bool isStack(const Forms& forms, const Node& key, const std::string& delimiter) {
  return key.forms.size() == 1 && forms.at(key.forms[0].form).type == Type::layers && delimiter == ".";
}

std::string_view firstTokens(std::string_view text, std::string_view delimiter, std::uint64_t n) {
  if (n == 0) return {};
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::size_t found = text.find(delimiter, at);
    if (found == std::string_view::npos) return text;
    if (i + 1 == n) return text.substr(0, found);
    at = found + delimiter.size();
  }
  return text;
}

std::string_view lastTokens(std::string_view text, std::string_view delimiter, std::uint64_t n) {
  if (n == 0) return {};
  std::size_t end = text.size();
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::size_t found =
        end < delimiter.size() ? std::string_view::npos : text.rfind(delimiter, end - delimiter.size());
    if (found == std::string_view::npos) return text;
    if (i + 1 == n) return text.substr(found + delimiter.size());
    end = found;
  }
  return text;
}

template <bool fromEnd>
bool evaluateTokens(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const std::string_view text = textOf(c.forms, value, textBuffer(0));
  return setText(node, c,
                 fromEnd ? lastTokens(text, node.octets, node.number) : firstTokens(text, node.octets, node.number),
                 value);
}

template <bool fromEnd>
bool evaluateLayers(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  const std::uint64_t kept = std::min<std::uint64_t>(value.size, node.number);
  if (fromEnd) value.data += value.size - kept;
  value.size = static_cast<std::uint16_t>(kept);
  return true;
}

template <bool fromEnd>
Expected<Node> makeTokens(Forms& forms, std::vector<Argument>& arguments) {
  const auto n = count(arguments[2], 1'000'000);
  if (!n) return std::unexpected(n.error());
  Node& key = arguments[0].key;
  const bool stack = isStack(forms, key, arguments[1].text);
  Node node = functionNode(stack ? evaluateLayers<fromEnd> : evaluateTokens<fromEnd>);
  node.number = *n;
  node.octets = arguments[1].text;
  if (stack) {
    const auto most = static_cast<std::uint16_t>(std::clamp<std::uint64_t>(*n, 1, key.forms[0].width));
    node.forms.push_back({key.forms[0].form, most});
  } else if (!key.forms.empty()) {
    setResult(forms, node, formOfType(Type::text), textWidth(maxText(forms, key.forms)));
  }
  node.children.push_back(std::move(key));
  return node;
}

bool evaluateFirst(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  std::string_view text = textOf(c.forms, value, textBuffer(0));
  for (;;) {
    const std::size_t found = text.find(node.octets);
    const auto token = std::find(node.texts.begin(), node.texts.end(), text.substr(0, found));
    if (token != node.texts.end()) {
      value.form = node.form;
      value.number = static_cast<std::uint64_t>(token - node.texts.begin());
      return true;
    }
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + node.octets.size());
  }
}

// The layers that the tokens name, in the order of node.texts, are in node.octets; 0 for a token that names none.
bool evaluateFirstLayer(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value)) return false;
  for (std::size_t i = 0; i < value.size; ++i) {
    const std::size_t token = node.octets.find(static_cast<char>(value.data[i]));
    if (token == std::string::npos) continue;
    value.form = node.form;
    value.number = token;
    return true;
  }
  return false;
}

Expected<Node> makeFirst(Forms& forms, std::vector<Argument>& arguments) {
  Node& key = arguments[0].key;
  const bool stack = isStack(forms, key, arguments[1].text);
  Node node = functionNode(stack ? evaluateFirstLayer : evaluateFirst);
  node.octets = stack ? "" : arguments[1].text;
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    const std::string& token = arguments[i].text;
    if (std::find(node.texts.begin(), node.texts.end(), token) != node.texts.end()) continue;
    if (node.texts.size() == 255) return fail("expected at most 255 tokens", {}, arguments[i].position);
    node.texts.push_back(token);
    if (!stack) continue;
    const auto layer = parseWritten(forms.at(key.forms[0].form), token, false);
    node.octets += layer && layer->octets.size() == 1 ? layer->octets[0] : '\0';
  }
  if (!key.forms.empty()) {
    Form form = formOfType(Type::choice);
    form.texts = node.texts;
    setResult(forms, node, std::move(form), 1);
  }
  node.children.push_back(std::move(key));
  return node;
}

constexpr KeyFunction kFunctions[] = {
    {"or", "kk+", "or:<key>:<key>…", "or:tcpsourceport:udpsourceport", "the first key that has a value", makeOr},
    {"null", "kt?", "null:<key>[:<default>]", "null:vlan:0",
     "the key, or the default (the text `null`) where it has no value", makeNull},
    {"if", "ktkk", "if:<key>:<value>:<then key>:<else key>", "if:ipprotocol:6:tcpsourceport:udpsourceport",
     "one key when the first equals the value, else the other", makeIf},
    {"eq", "kk", "eq:<key>:<key>", "eq:macsource:arpmacsender", "true when both have the same text; absent when one is",
     makeEq},
    {"range", "knn?", "range:<key>:<lower>[:<upper>]", "range:bytes:64:64",
     "true when the number lies in the range, bounds included; absent where the key is", makeRange},
    {"first", "kdt+", "first:<key>:<delimiter>:<token>…", "first:stack:.:ip:ip6",
     "the token that comes first in the key's value", makeFirst},
    {"prefix", "kdn", "prefix:<key>:<delimiter>:<n>", "prefix:stack:.:2", "the first n tokens", makeTokens<false>},
    {"suffix", "kdn", "suffix:<key>:<delimiter>:<n>", "suffix:stack:.:1", "the last n tokens", makeTokens<true>},
    {"concat", "tk+", "concat:<separator>:<key>…", "concat:-:ipsource:ipdestination",
     "the values joined; absent when one is", makeConcat},
    {"mask", "kn", "mask:<address key>:<bits>", "mask:ipsource:24", "the network of that prefix length: `10.0.1.0/24`",
     makeMask},
    {"bits", "kn", "bits:<key>:<mask>", "bits:ip6flowlabel:261884", "bitwise and of a number with a decimal mask",
     makeBits},
    {"group", "kt+", "group:<address key>:<group>…", "group:ipsource:external",
     "the class of the longest prefix that holds the address, in the first group set that has one", makeGroup},
    {"map", "kt", "map:<key>:<map>", "map:macsource:members", "the label whose list in the map holds the value",
     makeMap},
    {"country", "kt?", "country:<address key>[:<attribute>]", "country:ipsource",
     "the country of an address (property geo.country): code (`US`, the default), name, or both (`US-United States`)",
     makeCountry},
    {"asn", "kt?", "asn:<address key>[:<attribute>]", "asn:ipsource",
     "the autonomous system of an address (property geo.asn): number (the default), descr, or both (`13335-Example`)",
     makeAsn},
    {"oui", "kt?", "oui:<mac key>[:<attribute>]", "oui:macsource",
     "of a MAC address: number, the first six hex digits (the default), or name, the vendor's (property oui.names)",
     makeOui},
    {"dns", "k", "dns:<address key>", "dns:ipsource",
     "the host name of an address, with trailing dot; absent until it is known", makeDns},
    {"host", "kt", "host:<mac key>:<metric>", "host:macsource:vir_host_name",
     "a metric of the host or virtual machine that has this MAC address", makeHost},
    {"uri", "kt", "uri:<key>:<part>", "uri:httpurl:path",
     "a part of a URL: normalized, scheme, user, authority, host, port, path, file, extension,"
     " query, fragment, isabsolute or isopaque",
     makeUri},
    {"link", "k", "link:<port key>", "link:inputifindex", "the topology's link at a port; absent at the edge",
     makeLink},
    {"node", "k", "node:<port key>", "node:inputifindex",
     "the node of the topology that a port belongs to, or its agent's host name", makeNode},
    {"ifname", "k", "ifname:<port key>", "ifname:inputifindex",
     "the name of a port, as its agent tells it, or as the topology does", makeIfName},
};

}  // namespace

std::span<const KeyFunction> keyFunctionTable() {
  return kFunctions;
}

const KeyFunction* findKeyFunction(std::string_view name) {
  const auto it = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                               [&](const KeyFunction& function) { return function.name == name; });
  return it == std::end(kFunctions) ? nullptr : it;
}

}  // namespace weir::flow
