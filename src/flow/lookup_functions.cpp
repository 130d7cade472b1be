#include "flow/lookup_functions.h"

#include <algorithm>

#include "flow/function_node.h"
#include "flow/lookup.h"

namespace weir::flow {

namespace {

// The first of the node's tables that has something about the key.
bool evaluateLookup(const Node& node, const Evaluation& c, Value& value) {
  Value key;
  if (c.sample.lookups.empty() || !firstChild(node, c, key)) return false;
  for (const std::uint16_t index : node.lookups) {
    const Lookup* table = c.sample.lookups[index];
    if (table == nullptr || !table->find({c.forms, c.sample, key}, value)) continue;
    value.form = node.form;
    return true;
  }
  return false;
}

bool findNothing(const Node&, const Evaluation&, Value&) {
  return false;
}

// A node whose result comes from the tables that are named. `possible`: the key may be what these are about.
Node lookupNode(Forms& forms, Node key, bool possible, LookupKind kind, std::vector<std::string> names, Form result,
                std::uint16_t width) {
  Node node = functionNode(possible ? evaluateLookup : findNothing);
  for (std::string& name : names) node.lookups.push_back(forms.lookup({kind, std::move(name)}));
  if (possible) setResult(forms, node, std::move(result), width);
  node.children.push_back(std::move(key));
  return node;
}

bool mayBeAddress(const Forms& forms, const Node& key) {
  return mayBe(forms, key, Type::ip4, Type::ip6, Type::address);
}

Expected<std::string> choice(const std::vector<Argument>& arguments, std::initializer_list<std::string_view> choices) {
  if (arguments.size() < 2) return std::string(*choices.begin());
  const Argument& argument = arguments[1];
  if (std::find(choices.begin(), choices.end(), argument.text) != choices.end()) return argument.text;
  std::string expected = "expected ";
  for (const std::string_view& each : choices) {
    if (&each != choices.begin()) expected += &each + 1 == choices.end() ? " or " : ", ";
    expected += each;
  }
  return fail(std::move(expected), {}, argument.position);
}

Expected<std::vector<std::string>> setNames(const std::vector<Argument>& arguments, const char* what) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].text.empty())
      return fail(std::string("expected the name of a ") + what, {}, arguments[i].position);
    names.push_back(arguments[i].text);
  }
  return names;
}

Form textForm() {
  return formOfType(Type::text);
}

}  // namespace

std::optional<Bytes> addressOctets(const Forms& forms, const Value& value) {
  switch (forms.at(value.form).type) {
    case Type::ip4:
    case Type::ip6:
      return Bytes(value.data, value.size);
    case Type::address:
      if (value.data[0] == static_cast<std::uint8_t>(IpAddress::Family::v4)) return Bytes(value.data + 1, 4);
      if (value.data[0] == static_cast<std::uint8_t>(IpAddress::Family::v6)) return Bytes(value.data + 1, 16);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

Expected<Node> makeGroup(Forms& forms, std::vector<Argument>& arguments) {
  auto names = setNames(arguments, "group");
  if (!names) return std::unexpected(std::move(names.error()));
  Node key = std::move(arguments[0].key);
  const bool possible = mayBeAddress(forms, key);
  return lookupNode(forms, std::move(key), possible, LookupKind::group, std::move(*names), textForm(), kMaxTextWidth);
}

Expected<Node> makeMap(Forms& forms, std::vector<Argument>& arguments) {
  auto names = setNames(arguments, "map");
  if (!names) return std::unexpected(std::move(names.error()));
  Node key = std::move(arguments[0].key);
  const bool possible = !key.forms.empty();
  return lookupNode(forms, std::move(key), possible, LookupKind::map, std::move(*names), textForm(), kMaxTextWidth);
}

Expected<Node> makeCountry(Forms& forms, std::vector<Argument>& arguments) {
  auto attribute = choice(arguments, {"code", "name", "both"});
  if (!attribute) return std::unexpected(std::move(attribute.error()));
  const std::uint16_t width = *attribute == "code" ? textWidth(2) : kMaxTextWidth;
  Node key = std::move(arguments[0].key);
  const bool possible = mayBeAddress(forms, key);
  return lookupNode(forms, std::move(key), possible, LookupKind::country, {*attribute}, textForm(), width);
}

Expected<Node> makeAsn(Forms& forms, std::vector<Argument>& arguments) {
  auto attribute = choice(arguments, {"number", "descr", "both"});
  if (!attribute) return std::unexpected(std::move(attribute.error()));
  const bool number = *attribute == "number";
  Node key = std::move(arguments[0].key);
  const bool possible = mayBeAddress(forms, key);
  return lookupNode(forms, std::move(key), possible, LookupKind::asn, {*attribute},
                    number ? formOfType(Type::number) : textForm(), number ? std::uint16_t{4} : kMaxTextWidth);
}

namespace {

bool evaluateOuiNumber(const Node& node, const Evaluation& c, Value& value) {
  if (!firstChild(node, c, value) || c.forms.at(value.form).type != Type::mac) return false;
  value.form = node.form;
  value.number = loadBe24(value.data);
  return true;
}

}  // namespace

Expected<Node> makeOui(Forms& forms, std::vector<Argument>& arguments) {
  auto attribute = choice(arguments, {"number", "name"});
  if (!attribute) return std::unexpected(std::move(attribute.error()));
  Node key = std::move(arguments[0].key);
  const bool possible = mayBe(forms, key, Type::mac);
  if (*attribute == "name") {
    return lookupNode(forms, std::move(key), possible, LookupKind::oui, {""}, textForm(), kMaxTextWidth);
  }
  Node node = functionNode(evaluateOuiNumber);
  Form form = formOfType(Type::hex);
  form.digits = 6;
  if (possible) setResult(forms, node, std::move(form), 4);
  node.children.push_back(std::move(key));
  return node;
}

Expected<Node> makeDns(Forms& forms, std::vector<Argument>& arguments) {
  Node key = std::move(arguments[0].key);
  const bool possible = mayBeAddress(forms, key);
  return lookupNode(forms, std::move(key), possible, LookupKind::dns, {""}, textForm(), kMaxTextWidth);
}

Expected<Node> makeHost(Forms& forms, std::vector<Argument>& arguments) {
  auto names = setNames(arguments, "metric");
  if (!names) return std::unexpected(std::move(names.error()));
  Node key = std::move(arguments[0].key);
  const bool possible = mayBe(forms, key, Type::mac);
  return lookupNode(forms, std::move(key), possible, LookupKind::host, std::move(*names), textForm(), kMaxTextWidth);
}

namespace {

Node portNode(Forms& forms, std::vector<Argument>& arguments, LookupKind kind) {
  Node key = std::move(arguments[0].key);
  const bool possible = mayBe(forms, key, Type::interface);
  return lookupNode(forms, std::move(key), possible, kind, {""}, textForm(), kMaxTextWidth);
}

}  // namespace

Expected<Node> makeLink(Forms& forms, std::vector<Argument>& arguments) {
  return portNode(forms, arguments, LookupKind::link);
}

Expected<Node> makeNode(Forms& forms, std::vector<Argument>& arguments) {
  return portNode(forms, arguments, LookupKind::node);
}

Expected<Node> makeIfName(Forms& forms, std::vector<Argument>& arguments) {
  return portNode(forms, arguments, LookupKind::ifname);
}

}  // namespace weir::flow
