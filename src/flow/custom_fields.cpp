#include "flow/custom_fields.h"

#include <charconv>

#include "flow/reader_support.h"
#include "wire/rt.h"

namespace weir::flow {

namespace {

using wire::FieldType;

// The forms of a custom key, in the order that makeCustomKey() adds them.
enum Use : std::uint8_t { kNumber, kText, kMac, kIp4, kIp6 };
constexpr std::uint16_t kCustomTextWidth = 40;

bool isNamed(std::string_view name, std::string_view source, std::string_view field) {
  if (name == field) return true;
  return name.size() == source.size() + 1 + field.size() && name.starts_with(source) && name[source.size()] == '.' &&
         name.ends_with(field);
}

bool findField(const SampleFields& sample, std::string_view name, wire::RtField& field) {
  if (sample.sample == nullptr || sample.sample->kind != wire::SampleKind::rtFlow) return false;
  auto reader = wire::RtReader::open(*sample.sample);
  if (!reader) return false;
  while (reader->next(field)) {
    if (isNamed(name, reader->dataSource(), field.name)) return true;
  }
  return false;
}

bool isReal(FieldType type) {
  return type == FieldType::f32 || type == FieldType::f64;
}

// Whole numbers are shown as such, others with as many digits as tell them apart.
bool showReal(const Node& node, const Evaluation& c, double real, Value& value) {
  constexpr double kExact = 9007199254740992;  // 2^53
  if (real >= 0 && real <= kExact && real == static_cast<double>(static_cast<std::uint64_t>(real))) {
    value.form = node.forms[kNumber].form;
    value.number = static_cast<std::uint64_t>(real);
    return true;
  }
  if (real - real != 0) return false;  // infinite, or no number
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, real).ptr;
  read::TextWriter out(c.scratch, sizeof text);
  out.put(std::string_view(text, static_cast<std::size_t>(end - text)));
  value.form = node.forms[kText].form;
  return out.finish(value);
}

bool evaluateCustom(const Node& node, const Evaluation& c, Value& value) {
  wire::RtField field;
  if (!findField(c.sample, node.octets, field)) return false;
  const wire::FieldValue& found = field.value;
  const auto octets = [&](Use use) {
    value.form = node.forms[use].form;
    return read::octets(value, found.bytes.data(), found.bytes.size());
  };
  switch (found.type) {
    case FieldType::str:
      return octets(kText);
    case FieldType::mac:
      return octets(kMac);
    case FieldType::ip4:
      return octets(kIp4);
    case FieldType::ip6:
      return octets(kIp6);
    case FieldType::f32:
    case FieldType::f64:
      return showReal(node, c, found.real, value);
    default:
      value.form = node.forms[kNumber].form;
      value.number = found.number;
      return true;
  }
}

}  // namespace

Node makeCustomKey(Forms& forms, std::string_view name) {
  Node node;
  node.kind = Node::Kind::custom;
  node.evaluate = evaluateCustom;
  node.text = node.octets = name;
  constexpr std::pair<Type, std::uint16_t> kUses[] = {
      {Type::number, 8}, {Type::text, kCustomTextWidth}, {Type::mac, 6}, {Type::ip4, 4}, {Type::ip6, 16}};
  for (const auto& [type, width] : kUses) {
    Form form;
    form.type = type;
    node.forms.push_back({forms.intern(std::move(form)), width});
  }
  return node;
}

bool customNumber(const SampleFields& sample, std::string_view name, double& number) {
  wire::RtField field;
  if (!findField(sample, name, field)) return false;
  switch (field.value.type) {
    case FieldType::u32:
    case FieldType::u64:
      number = static_cast<double>(field.value.number);
      return true;
    default:
      number = field.value.real;
      return isReal(field.value.type) && number - number == 0;
  }
}

}  // namespace weir::flow
