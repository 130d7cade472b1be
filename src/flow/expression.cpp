#include "flow/expression.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "flow/custom_fields.h"
#include "flow/key_functions.h"
#include "flow/syntax.h"

namespace weir::flow {

namespace {

// A constant text up to here keeps all its octets in a key.
constexpr std::size_t kMaxConstantText = 40;

bool evaluateLeaf(const Node& node, const Evaluation& c, Value& value) {
  return readLeaf(node.leaf, c.sample, c.scratch, value);
}

bool evaluateNothing(const Node&, const Evaluation&, Value&) {
  return false;
}

bool evaluateConstant(const Node& node, const Evaluation&, Value& value) {
  value.form = node.form;
  value.number = node.number;
  value.data = reinterpret_cast<const std::uint8_t*>(node.octets.data());
  value.size = static_cast<std::uint16_t>(node.octets.size());
  return true;
}

Form formOf(const FlowKeyEntry& entry) {
  Form form;
  form.type = entry.type;
  form.digits = entry.bits;
  form.names = entry.names;
  form.domain = entry.domain;
  return form;
}

// Flow keys are open-ended: a name that is not in the table is legal, as long as it looks like one. Applications may
// send a field of that name.
bool looksLikeKey(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

// `ipsource.1` → ipsource, 1. False: the suffix is no number, or beyond any packet.
bool splitSuffix(std::string_view& name, unsigned& occurrence) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return true;
  const std::string_view digits = name.substr(dot + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), occurrence);
  if (error != std::errc{} || end != digits.data() + digits.size() || occurrence >= 255) return false;
  name = name.substr(0, dot);
  return true;
}

Expected<Node> parsePlainKey(Forms& forms, Piece piece) {
  const std::string name = withoutEscapes(piece.text);
  if (!looksLikeKey(name)) return fail("expected the name of a flow key", {}, piece.position);
  std::string_view base = name;
  unsigned occurrence = 0;
  const bool suffixed = name.find('.') != std::string::npos;
  const FlowKeyEntry* entry = splitSuffix(base, occurrence) ? findFlowKey(base) : nullptr;
  if (entry == nullptr) {
    forms.unknownName(base);
    return makeCustomKey(forms, name);
  }
  Node node;
  node.text = name;
  node.evaluate = evaluateNothing;
  if (suffixed && !entry->layered) {
    forms.hint(name + " never has a value: there is one " + std::string(base) + " only");
    return node;
  }
  node.kind = Node::Kind::leaf;
  node.evaluate = evaluateLeaf;
  node.form = forms.intern(formOf(*entry));
  node.leaf = leafOf(*entry, occurrence, node.form);
  node.forms.push_back({node.form, entry->width});
  return node;
}

std::string expectedUsage(const KeyFunction& function) {
  return "expected " + std::string(function.usage);
}

// What a signature says of the argument at `index`; 0: there is none.
struct Expectation {
  char kind = 0;
  bool required = false;
};

Expectation expectation(std::string_view signature, std::size_t index) {
  std::size_t at = 0;
  for (std::size_t i = 0; at < signature.size(); ++i) {
    const char kind = signature[at];
    const char mark = at + 1 < signature.size() ? signature[at + 1] : ' ';
    if (mark == '+') return {kind, i == index};
    if (i == index) return {kind, mark != '?'};
    at += mark == '?' ? 2 : 1;
  }
  return {};
}

bool isNumber(std::string_view text) {
  double n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} && end == text.data() + text.size() && n - n == 0;
}

Expected<Node> parseKeyArgument(Forms& forms, Piece piece, unsigned depth) {
  piece = withoutBlanks(piece);
  if (piece.text.empty()) return fail("expected a flow key", {}, piece.position);
  if (piece.text.front() != '[') return parsePlainKey(forms, piece);
  // Brackets balance here; find the partner of the first one.
  std::size_t level = 0;
  std::size_t i = 0;
  for (; i < piece.text.size(); ++i) {
    if (piece.text[i] == '\\') {
      ++i;
    } else if (piece.text[i] == '[') {
      ++level;
    } else if (piece.text[i] == ']' && --level == 0) {
      break;
    }
  }
  if (i + 1 != piece.text.size()) return fail("expected : or the end behind ]", {}, piece.position + i + 1);
  return parseKey(forms, piece.text.substr(1, i - 1), piece.position + 1, depth + 1);
}

Expected<Argument> parseArgument(Forms& forms, const KeyFunction& function, char kind, Piece piece, unsigned depth) {
  Argument argument;
  argument.position = piece.position;
  if (kind == 'k') {
    auto key = parseKeyArgument(forms, piece, depth);
    if (!key) return std::unexpected(std::move(key.error()));
    argument.key = std::move(*key);
    argument.isKey = true;
    return argument;
  }
  if (kind == 'n') piece = withoutBlanks(piece);
  argument.text = withoutEscapes(piece.text);
  if (kind == 'd' && argument.text.empty()) {
    return fail(expectedUsage(function) + ": the delimiter is missing", {}, piece.position);
  }
  if (kind == 'n' && !isNumber(argument.text)) {
    return fail(expectedUsage(function) + ": not a number", {}, piece.position);
  }
  return argument;
}

}  // namespace

Leaf leafOf(const FlowKeyEntry& entry, unsigned occurrence, std::uint16_t form) {
  Leaf leaf;
  leaf.source = entry.source;
  leaf.layer = entry.layer;
  leaf.occurrence = static_cast<std::uint8_t>(occurrence);
  leaf.at = entry.at;
  leaf.size = entry.size;
  leaf.shift = entry.shift;
  leaf.octets = isOctets(entry.type);
  leaf.form = form;
  leaf.mask = entry.mask;
  leaf.read = entry.read;
  leaf.recordTag = entry.recordTag;
  leaf.recordSize = entry.recordSize;
  leaf.entry = &entry;
  return leaf;
}

Expected<Node> parseKey(Forms& forms, std::string_view text, std::size_t base, unsigned depth) {
  if (depth > kMaxNesting) return fail("expected at most 32 brackets inside each other", {}, base);
  const Piece whole = withoutBlanks({text, base});
  if (whole.text.empty()) return fail("expected a flow key", {}, base);
  auto pieces = splitOutsideBrackets(whole, ':');
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  if (pieces->size() == 1) return parseKeyArgument(forms, whole, depth);  // `[ipsource]` is ipsource

  const Piece name = withoutBlanks(pieces->front());
  const KeyFunction* function = findKeyFunction(name.text);
  if (function == nullptr) {
    return fail("there is no key function '" + std::string(name.text) + "'", {}, name.position);
  }
  std::vector<Argument> arguments;
  for (std::size_t i = 1; i < pieces->size(); ++i) {
    const Expectation expected = expectation(function->signature, i - 1);
    if (expected.kind == 0) {
      return fail(expectedUsage(*function) + ": too many arguments", {}, (*pieces)[i].position);
    }
    auto argument = parseArgument(forms, *function, expected.kind, (*pieces)[i], depth);
    if (!argument) return std::unexpected(std::move(argument.error()));
    arguments.push_back(std::move(*argument));
  }
  if (expectation(function->signature, arguments.size()).required) {
    return fail(expectedUsage(*function) + ": an argument is missing", {}, whole.position + whole.text.size());
  }
  const bool possible = std::ranges::none_of(
      arguments, [&](const Argument& argument) { return argument.isKey && argument.key.forms.empty(); });
  auto node = function->make(forms, arguments);
  if (!node) return node;
  node->text = whole.text;
  // Where an argument never has a value, that has been told.
  if (possible && node->forms.empty()) {
    forms.hint(node->text + " never has a value: " + expectedUsage(*function));
  }
  return node;
}

Node makeConstant(Forms& forms, const std::vector<FormUse>& uses, std::string_view text) {
  Node node;
  node.kind = Node::Kind::constant;
  node.evaluate = evaluateConstant;
  node.text = text;
  for (const FormUse& use : uses) {
    const Form& form = forms.at(use.form);
    if (form.type == Type::joined || (form.type == Type::text && text.size() > kMaxConstantText)) continue;
    const auto written = parseWritten(form, text, false);
    if (!written) continue;
    node.form = use.form;
    node.number = written->number;
    node.octets = written->octets;
    std::uint16_t width = use.width;
    if (form.type == Type::text) width = textWidth(text.size());
    if (!isOctets(form.type) && node.number >> 8 * std::min<unsigned>(width, 7) != 0) width = 8;
    node.forms.push_back({use.form, width});
    return node;
  }
  Form choice;
  choice.type = Type::choice;
  choice.texts.emplace_back(text);
  node.form = forms.intern(std::move(choice));
  node.forms.push_back({node.form, 1});
  return node;
}

void addUse(std::vector<FormUse>& uses, FormUse use) {
  for (FormUse& known : uses) {
    if (known.form == use.form) {
      known.width = std::max(known.width, use.width);
      return;
    }
  }
  uses.push_back(use);
}

Slot Node::slot(std::uint16_t offset) const {
  Slot slot;
  slot.offset = offset;
  for (const FormUse& use : forms) {
    slot.width = std::max(slot.width, use.width);
    slot.forms.push_back(use.form);
  }
  return slot;
}

bool Node::numeric(const Forms& table) const {
  return std::all_of(forms.begin(), forms.end(),
                     [&](const FormUse& use) { return isNumeric(table.at(use.form).type); });
}

namespace {

std::size_t maxText(const Forms& forms, const FormUse& use) {
  const Form& form = forms.at(use.form);
  const std::size_t prefix = form.prefix >= 0 ? 4 : 0;
  switch (form.type) {
    case Type::number:
      return use.width == 1 ? 3 : use.width == 2 ? 5 : use.width <= 4 ? 10 : 20;
    case Type::bits:
    case Type::hex:
      return form.digits;
    case Type::boolean:
      return 5;
    case Type::name: {
      std::size_t most = 10;
      for (std::uint64_t n = 0; n < form.domain; ++n) most = std::max(most, form.names(n).size());
      return most;
    }
    case Type::interface:
      return 10;
    case Type::choice: {
      std::size_t most = 0;
      for (const std::string& text : form.texts) most = std::max(most, text.size());
      return most;
    }
    case Type::mac:
      return 12;
    case Type::ip4:
      return 15 + prefix;
    case Type::ip6:
    case Type::address:
      return 39 + prefix;
    case Type::dataSource:
      return 21;
    case Type::layers:
      return std::size_t{use.width} * 12;
    case Type::text:
      return use.width == kMaxTextWidth ? 65535 : use.width - 1U;
    case Type::joined: {
      std::size_t sum = form.separator.size() * form.parts.size();
      for (const Slot& part : form.parts) {
        std::size_t most = 0;
        for (const std::uint16_t f : part.forms) most = std::max(most, maxText(forms, FormUse{f, part.width}));
        sum += most;
      }
      return sum;
    }
  }
  return 0;
}

}  // namespace

std::size_t maxText(const Forms& forms, const std::vector<FormUse>& uses) {
  std::size_t most = 0;
  for (const FormUse& use : uses) most = std::max(most, maxText(forms, use));
  return most;
}

std::uint16_t textWidth(std::size_t size) {
  return static_cast<std::uint16_t>(std::clamp<std::size_t>(size + 1, 10, kMaxTextWidth));
}

std::string_view textOf(const Forms& forms, const Value& value, std::string& buffer) {
  const Form& form = forms.at(value.form);
  if (form.type == Type::text) return {reinterpret_cast<const char*>(value.data), value.size};
  if (form.type == Type::choice) return form.texts[value.number];
  buffer.clear();
  forms.append(buffer, value);
  return buffer;
}

std::string& textBuffer(unsigned which) {
  thread_local std::array<std::string, 2> buffers;
  return buffers[which & 1];
}

}  // namespace weir::flow
