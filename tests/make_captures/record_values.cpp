#include "make_captures/record_values.h"

#include <boost/json/array.hpp>

#include "base/address.h"
#include "unit/ingest/capture_files.h"

namespace weir::captures {

namespace {

namespace json = boost::json;
using test::be;
using test::operator+;
using wire::FieldType;
using Octets = std::vector<std::uint8_t>;

/// Four octets of an IPv4 address of the documentation's networks (RFC 5737).
Octets v4(std::uint32_t seed) {
  return {198, 51, 100, static_cast<std::uint8_t>(seed)};
}
/// An IPv6 address of the documentation's network (RFC 3849).
Octets v6(std::uint32_t seed) {
  return be(0x20010DB8, 4) + be(0, 8) + be(0x10000U + (seed & 0xFFFF), 4);
}
Octets mac(std::uint32_t seed) {
  return be(0x020000000000ULL + seed, 6);
}

std::string macText(Bytes octets) {
  std::string out;
  for (const std::uint8_t octet : octets) out.append(out.empty() ? "" : ":").append(hexText(Bytes(&octet, 1)));
  return out;
}

std::string addressText(Bytes octets) {
  if (octets.size() == 4)
    return std::to_string(octets[0]) + "." + std::to_string(octets[1]) + "." + std::to_string(octets[2]) + "." +
           std::to_string(octets[3]);
  // Only the last 32 bits of those above vary, and the first 16 of these are 1.
  return "2001:db8::1:" + hexText(octets.subspan(14)).substr(hexText(octets.subspan(14)).find_first_not_of('0'));
}

json::array numbers(const std::vector<std::uint32_t>& values) {
  json::array out;
  for (const std::uint32_t value : values) out.push_back(value);
  return out;
}
Octets words(const std::vector<std::uint32_t>& values) {
  Octets out;
  for (const std::uint32_t value : values) out = out + be(value, 4);
  return out;
}

/// A frame: Ethernet, IPv4, UDP.
Octets frame(std::uint32_t seed) {
  return mac(seed) + mac(seed + 1) + be(0x0800, 2) + be(0x4500, 2) + be(60, 2) + be(0, 4) + be(64 << 8 | 17, 2) +
         be(0, 2) + v4(seed) + v4(seed + 1) + be(seed & 0xFFFF, 2) + be(53, 2) + be(40, 2) + be(0, 2);
}

}  // namespace

std::string tagText(std::uint32_t tag) {
  return std::to_string(tag >> 12) + ":" + std::to_string(tag & 0xFFF);
}

std::string hexText(Bytes octets) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t octet : octets) {
    out.push_back(kDigits[octet >> 4]);
    out.push_back(kDigits[octet & 15]);
  }
  return out;
}

RecordValues::RecordValues(const wire::RecordSpec& spec) {
  const std::uint32_t seed = (spec.tag >> 12) * 7 + (spec.tag & 0xFFF) * 40;
  for (std::uint32_t i = 0; i < spec.fields.size(); ++i) add(spec.fields[i], seed + i);
  if (spec.fields.back().name != "header") return;
  // A sampled header is one of Ethernet.
  for (wire::FieldValue& value : values_) {
    if (value.name != "protocol") continue;
    value.number = 1;
    json_["protocol"] = 1;
  }
}

Bytes RecordValues::keep(Octets octets) {
  return octets_.emplace_back(std::move(octets));
}

void RecordValues::add(const wire::FieldSpec& field, std::uint32_t seed) {
  wire::FieldValue value;
  value.type = field.type;
  value.name = field.name;
  switch (field.type) {
    case FieldType::u32:
      value.number = seed * 3;
      json_[field.name] = value.number;
      break;
    case FieldType::i32:
      value.number = static_cast<std::uint64_t>(-static_cast<std::int64_t>(seed));
      json_[field.name] = value.integer();
      break;
    case FieldType::u64:
      value.number = (std::uint64_t{1} << 40) + seed;
      json_[field.name] = value.number;
      break;
    case FieldType::f32:
    case FieldType::f64:
      value.real = seed + 0.25;
      json_[field.name] = value.real;
      break;
    case FieldType::ip4:
    case FieldType::ip6:
    case FieldType::addr:
      value.bytes =
          keep(field.type == FieldType::ip4 || (field.type == FieldType::addr && seed % 2 == 0) ? v4(seed) : v6(seed));
      json_[field.name] = addressText(value.bytes);
      break;
    case FieldType::mac:
      value.bytes = keep(mac(seed));
      json_[field.name] = macText(value.bytes);
      break;
    case FieldType::op4:
    case FieldType::op16:
      value.bytes = keep(be(0x01020304, 4) + (field.type == FieldType::op4 ? Octets{} : be(seed, 12)));
      json_[field.name] = hexText(value.bytes);
      break;
    case FieldType::opaque:
    case FieldType::str: {
      const bool isHeader = field.name == "header";
      const std::string text = std::string(field.name) + " " + std::to_string(seed);
      value.bytes = keep(isHeader ? frame(seed) : test::text(text));
      json_[field.name] = isHeader ? hexText(value.bytes) : text;
      break;
    }
    default:
      counted(value, seed);
  }
  values_.push_back(value);
}

void RecordValues::counted(wire::FieldValue& value, std::uint32_t seed) {
  json::array out;
  switch (value.type) {
    case FieldType::u32s: {
      const std::vector<std::uint32_t> list{seed, seed + 1, seed + 2};
      value.bytes = keep(words(list));
      value.number = list.size();
      out = numbers(list);
      break;
    }
    case FieldType::aspath: {
      const std::vector<std::uint32_t> sequence{64500, 64501, 4200000000U}, set{64510, 64511};
      value.bytes =
          keep(be(2, 4) + be(sequence.size(), 4) + words(sequence) + be(1, 4) + be(set.size(), 4) + words(set));
      value.number = 2;
      out.push_back(json::object{{"type", 2}, {"asns", numbers(sequence)}});
      out.push_back(json::object{{"type", 1}, {"asns", numbers(set)}});
      break;
    }
    case FieldType::lanes: {
      Octets octets;
      for (std::uint32_t lane = 0; lane < 2; ++lane) {
        json::object o;
        for (std::uint32_t i = 0; i < wire::kLaneFields; ++i) {
          octets = octets + be(seed + 10 * lane + i, 4);
          o[wire::laneFieldName(i)] = seed + 10 * lane + i;
        }
        out.push_back(o);
      }
      value.number = out.size();
      value.bytes = keep(octets);
      break;
    }
    case FieldType::adapters: {
      value.bytes =
          keep(be(seed, 4) + be(2, 4) + mac(seed) + be(0, 2) + mac(seed + 1) + be(0, 2) + be(seed + 1, 4) + be(0, 4));
      value.number = 2;
      out.push_back(json::object{{"ifIndex", seed},
                                 {"mac_address", json::array{json::object{{"mac", macText(mac(seed))}},
                                                             json::object{{"mac", macText(mac(seed + 1))}}}}});
      out.push_back(json::object{{"ifIndex", seed + 1}, {"mac_address", json::array()}});
      break;
    }
    case FieldType::pdus: {
      // One PDU of one record, an extended_switch (0:1001).
      value.bytes = keep(be(1, 4) + be(1001, 4) + be(16, 4) + words({11, 1, 12, 2}));
      value.number = 1;
      out.push_back(json::array{json::object{
          {"tag", "0:1001"}, {"src_vlan", 11}, {"src_priority", 1}, {"dst_vlan", 12}, {"dst_priority", 2}}});
      break;
    }
    default:
      break;
  }
  json_[value.name] = out;
}

}  // namespace weir::captures
