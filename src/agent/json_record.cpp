#include "agent/json_record.h"

#include <array>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

namespace weir::agent {

namespace {

namespace bj = boost::json;
using wire::FieldType;
using wire::FieldValue;

constexpr std::size_t kMaxFields = 32;
constexpr std::size_t kMaxText = 255;

struct RtType {
  std::string_view name;
  FieldType type;
  bool counter;
};
constexpr RtType kMetricTypes[] = {
    {"string", FieldType::str, false},      {"counter32", FieldType::u32, true}, {"counter64", FieldType::u64, true},
    {"gauge32", FieldType::u32, false},     {"gauge64", FieldType::u64, false},  {"gaugefloat", FieldType::f32, false},
    {"gaugedouble", FieldType::f64, false},
};
constexpr RtType kFlowTypes[] = {
    {"string", FieldType::str, false}, {"mac", FieldType::mac, false},    {"ip", FieldType::ip4, false},
    {"ip6", FieldType::ip6, false},    {"int32", FieldType::u32, false},  {"int64", FieldType::u64, false},
    {"float", FieldType::f32, false},  {"double", FieldType::f64, false},
};

std::string_view viewOf(const bj::value& value) {
  return value.is_string() ? std::string_view(value.get_string().data(), value.get_string().size())
                           : std::string_view();
}

double realOf(const bj::value& value) {
  if (value.is_double()) return std::isfinite(value.get_double()) ? value.get_double() : 0;
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  double out = 0;
  const std::string_view text = viewOf(value);
  (void)std::from_chars(text.data(), text.data() + text.size(), out);
  return std::isfinite(out) ? out : 0;
}

std::uint64_t wholeOf(const bj::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64()) return static_cast<std::uint64_t>(value.get_int64());
  if (value.is_bool()) return value.get_bool() ? 1 : 0;
  const double real = realOf(value);
  if (real >= 1.8e19) return UINT64_MAX;
  return real < 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(std::max(real, -9.2e18)))
                  : static_cast<std::uint64_t>(real);
}

/// Six octets of `00:11:22:33:44:55`, or zeros.
std::array<std::uint8_t, 6> macOf(std::string_view text) {
  std::array<std::uint8_t, 6> out{};
  std::size_t digits = 0;
  for (const char c : text) {
    std::uint8_t value = 0;
    if (std::from_chars(&c, &c + 1, value, 16).ec != std::errc() || digits == 12) continue;
    out[digits / 2] = static_cast<std::uint8_t>(out[digits / 2] << 4 | value);
    ++digits;
  }
  return out;
}

/// Room for the octets of addresses while a record is written.
using Octets = std::array<std::uint8_t, 16>;

FieldValue fieldOf(FieldType type, const bj::value& value, Octets& octets) {
  FieldValue out;
  out.type = type;
  octets = {};
  switch (type) {
    case FieldType::u32:
    case FieldType::i32:
    case FieldType::u64:
      out.number = wholeOf(value);
      break;
    case FieldType::f32:
    case FieldType::f64:
      out.real = realOf(value);
      break;
    case FieldType::str: {
      const std::string_view text = viewOf(value).substr(0, kMaxText);
      out.bytes = Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
      break;
    }
    case FieldType::ip4:
    case FieldType::ip6: {
      const std::size_t size = type == FieldType::ip4 ? 4 : 16;
      if (const auto address = IpAddress::parse(viewOf(value));
          address && address->bits() == static_cast<int>(size) * 8)
        octets = address->octets;
      out.bytes = Bytes(octets).first(size);
      break;
    }
    case FieldType::mac: {
      const auto mac = macOf(viewOf(value));
      std::copy(mac.begin(), mac.end(), octets.begin());
      out.bytes = Bytes(octets).first(6);
      break;
    }
    default:
      break;
  }
  return out;
}

template <std::size_t N>
void addFields(wire::DatagramWriter& writer, const RtType (&types)[N], const bj::object& object) {
  for (const auto& [name, member] : object) {
    const bj::object* field = member.if_object();
    if (field == nullptr) continue;
    std::string_view wanted = textOf(*field, "type");
    const bj::value* value = field->if_contains("value");
    for (const auto& type : types) {
      const bool same = wanted.size() == type.name.size() &&
                        std::equal(wanted.begin(), wanted.end(), type.name.begin(),
                                   [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
      if (!same || value == nullptr) continue;
      Octets octets;
      writer.addRt(std::string_view(name.data(), name.size()), fieldOf(type.type, *value, octets), type.counter);
    }
  }
}

}  // namespace

std::uint64_t numberOf(const bj::object& object, std::string_view member) {
  const bj::value* value = object.if_contains(boost::json::string_view(member.data(), member.size()));
  return value == nullptr ? 0 : wholeOf(*value);
}

std::string_view textOf(const bj::object& object, std::string_view member) {
  const bj::value* value = object.if_contains(boost::json::string_view(member.data(), member.size()));
  return value == nullptr ? std::string_view() : viewOf(*value);
}

void addRecord(wire::DatagramWriter& writer, const wire::RecordSpec& spec, const bj::object& object,
               std::string_view application) {
  std::array<FieldValue, kMaxFields> fields;
  std::array<Octets, kMaxFields> octets;
  const bj::value nothing, name(boost::json::string_view(application.data(), application.size()));
  std::size_t count = 0;
  for (const auto& field : spec.fields) {
    if (count == fields.size()) break;
    const bj::value* value = object.if_contains(boost::json::string_view(field.name.data(), field.name.size()));
    if (value == nullptr) value = field.name == "application" ? &name : &nothing;
    fields[count] = fieldOf(field.type, *value, octets[count]);
    ++count;
  }
  writer.add(spec, std::span(fields).first(count));
}

void writeRtMetric(wire::DatagramWriter& writer, const bj::object& object) {
  writer.beginRtMetric(textOf(object, "datasource"));
  addFields(writer, kMetricTypes, object);
}

void writeRtFlow(wire::DatagramWriter& writer, const bj::object& object) {
  writer.beginRtFlow(textOf(object, "datasource"), static_cast<std::uint32_t>(numberOf(object, "sampling_rate")), 0);
  addFields(writer, kFlowTypes, object);
}

}  // namespace weir::agent
