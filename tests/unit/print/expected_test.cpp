// Captures that hold every record with known values (`.expected.json`): all of them must be printed.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <set>
#include <string>

#include "base/address.h"
#include "print/reference_table.h"
#include "reference_files.h"
#include "support/captures.h"

namespace weir::print {
namespace {

namespace json = boost::json;

std::string text(const json::string& s) {
  return {s.data(), s.size()};
}

std::uint32_t tagOf(const json::string& text) {
  const std::size_t colon = text.find(':');
  return wire::tag(static_cast<std::uint32_t>(std::stoul(std::string(text.subview(0, colon)))),
                   static_cast<std::uint32_t>(std::stoul(std::string(text.subview(colon + 1)))));
}

/// One spelling for addresses, MAC addresses and octets: no separators, lower case.
std::string normal(std::string s) {
  if (const auto address = IpAddress::parse(s)) return address->text();
  std::string out(s.starts_with('-') ? "-" : "");
  for (const char c : s)
    if (c != '-' && c != ':') out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

std::string scalar(const json::value& value) {
  return value.is_string() ? normal(text(value.get_string())) : json::serialize(value);
}

/// All values of an element, and the parts of those that are put together ("1.2-3", "(4-5)6").
void collect(const json::value& value, std::set<std::string>& values) {
  if (value.is_object())
    for (const auto& member : value.get_object()) collect(member.value(), values);
  if (value.is_array())
    for (const auto& element : value.get_array()) collect(element, values);
  if (!value.is_string()) return;
  const std::string whole = text(value.get_string());
  values.insert(normal(whole));
  std::string part;
  for (const char c : whole + ".") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      part.push_back(c);
    } else {
      values.insert(part);
      part.clear();
    }
  }
}

bool hasNumberNear(const std::set<std::string>& values, double wanted) {
  for (const std::string& value : values) {
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (end != value.c_str() && *end == 0 && std::fabs(number - wanted) <= 0.0006) return true;
  }
  return false;
}

/// The values of a record that the reference prints in a way of its own.
std::set<std::string> spellings(const std::string& name, const json::value& value) {
  std::set<std::string> out{scalar(value)};
  if (name == "in_stack" || name == "out_stack") {
    const auto entry = static_cast<std::uint32_t>(value.to_number<std::uint64_t>());
    out.insert(std::to_string(entry >> 12));
  }
  if (name == "stack") {  // of extended_vlantunnel: the VLAN identifier stands apart
    out.insert(std::to_string(value.to_number<std::uint64_t>() & 0xFFF));
  }
  if (name == "dot3adAggPortState") {
    const std::string octets = text(value.get_string());
    out.insert(std::to_string(std::stoul(octets.substr(0, 2), nullptr, 16)));
  }
  if (name == "datapath_id") {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value.to_number<std::uint64_t>()));
    out.insert(digits);
  }
  if (name == "data" && value.is_string()) {  // text in the expected file, octets in ours
    const std::string octets = text(value.get_string());
    std::string hex;
    for (const char c : octets) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      hex += digits;
    }
    out.insert(hex);
  }
  return out;
}

void expectFound(const std::string& path, const std::string& name, const json::value& value,
                 const std::set<std::string>& values) {
  if (value.is_object()) {
    for (const auto& member : value.get_object())
      if (member.key() != "type")
        expectFound(path + "/" + std::string(member.key()), member.key(), member.value(), values);
    return;
  }
  if (value.is_array()) {
    for (const auto& element : value.get_array()) expectFound(path, name, element, values);
    return;
  }
  if (value.is_string() && value.get_string().empty()) return;
  if (value.is_double() || name.starts_with("load_")) {
    EXPECT_TRUE(hasNumberNear(values, value.to_number<double>())) << path << " " << json::serialize(value);
    return;
  }
  // Percentages are printed as such.
  if (value.is_int64() && hasNumberNear(values, static_cast<double>(value.get_int64()) / 100)) return;
  if (value.is_int64() && value.get_int64() == -1 && values.contains("unknown")) return;
  bool found = false;
  for (const std::string& spelling : spellings(name, value)) found = found || values.contains(spelling);
  EXPECT_TRUE(found) << path << " " << json::serialize(value);
}

/// A record that the reference skips: every field under its own name and nothing else.
void expectSpecified(const std::string& path, const wire::RecordSpec& spec, const json::object& expected,
                     const json::object& ours) {
  EXPECT_EQ(ours.size(), spec.fields.size() + 1) << path << " " << json::serialize(ours);
  for (const wire::FieldSpec& field : spec.fields) {
    const std::string here = path + "/" + std::string(field.name);
    const auto value = ours.find(field.name);
    ASSERT_NE(value, ours.end()) << here;
    if (field.type == wire::FieldType::pdus) continue;  // looked into below
    const auto wanted = expected.find(field.name);
    ASSERT_NE(wanted, expected.end()) << here;
    if (!wanted->value().is_array()) {
      EXPECT_EQ(scalar(value->value()), scalar(wanted->value())) << here;
      continue;
    }
    ASSERT_TRUE(value->value().is_array()) << here;
    const json::array& a = wanted->value().get_array();
    const json::array& b = value->value().get_array();
    ASSERT_EQ(a.size(), b.size()) << here;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(scalar(b[i]), scalar(a[i])) << here;
  }
}

void expectRecord(const std::string& path, wire::RecordSpace space, const json::object& expected,
                  const json::object& ours) {
  const std::uint32_t tag = tagOf(expected.at("tag").get_string());
  const wire::RecordSpec* spec = wire::recordSpec(space, tag);
  if (spec == nullptr) {
    EXPECT_TRUE(ours.contains("data")) << path;
    return;
  }
  // The expected files write a record's own field `name` over the name of the record.
  const Layout* layout = layoutOf(space, tag);
  ASSERT_NE(layout, nullptr) << path;
  if (layout->reference == nullptr) expectSpecified(path, *spec, expected, ours);
  std::set<std::string> values;
  collect(ours, values);
  for (const auto& member : expected) {
    const bool field = std::ranges::any_of(
        spec->fields, [&](const wire::FieldSpec& f) { return f.name == std::string_view(member.key()); });
    if (field) expectFound(path + "/" + std::string(member.key()), member.key(), member.value(), values);
  }
}

class Expected : public testing::TestWithParam<const char*> {};

TEST_P(Expected, everyValueIsPrinted) {
  const auto path = weir::test::capturePath(GetParam());
  ASSERT_TRUE(path);
  const std::vector<std::string> expected = test::objectLines(*path + ".expected.json");
  const std::vector<std::string> ours = test::printCapture(*path);
  ASSERT_EQ(expected.size(), ours.size());
  std::size_t records = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const json::value a = json::parse(expected[i]);
    const json::value b = json::parse(ours[i]);
    const json::array& wanted = a.at("samples").get_array();
    const json::array& got = b.at("samples").get_array();
    ASSERT_EQ(wanted.size(), got.size());
    for (std::size_t s = 0; s < wanted.size(); ++s) {
      const json::object& sample = wanted[s].get_object();
      if (!sample.contains("records")) continue;
      const std::uint32_t sampleTag = tagOf(sample.at("sample").get_string());
      const bool counters = sampleTag == wire::tag(0, 2) || sampleTag == wire::tag(0, 4);
      const json::array& elements = got[s].get_object().at("elements").get_array();
      ASSERT_EQ(sample.at("records").get_array().size(), elements.size()) << GetParam() << " " << i;
      for (std::size_t r = 0; r < elements.size(); ++r, ++records) {
        expectRecord(std::string(GetParam()) + " datagram " + std::to_string(i) + " record " + std::to_string(r),
                     counters ? wire::RecordSpace::counter : wire::RecordSpace::flow,
                     sample.at("records").get_array()[r].get_object(), elements[r].get_object());
      }
    }
  }
  EXPECT_GE(records, 50U);
}

INSTANTIATE_TEST_SUITE_P(captures, Expected,
                         testing::ValuesIn(weir::test::presentCaptures({"records.pcap", "synthetic-flow-records.pcap",
                                                                        "synthetic-counter-records.pcap",
                                                                        "synthetic-edge-cases.pcap"})));

// Versions 2 and 4 have no records: a packet, extensions, and one or two blocks of counters.
class ExpectedLegacy : public testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(ExpectedLegacy, everyValueIsPrinted) {
  const auto& [name, leastParts] = GetParam();
  const auto path = weir::test::capturePath(name);
  if (!path) GTEST_SKIP() << "no captures in " << weir::test::captureFolder();
  const std::vector<std::string> expected = test::objectLines(*path + ".expected.json");
  const std::vector<std::string> ours = test::printCapture(*path);
  ASSERT_EQ(expected.size(), ours.size());
  std::size_t parts = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const json::value wanted = json::parse(expected[i]);
    const json::value got = json::parse(ours[i]);
    for (std::size_t s = 0; s < wanted.at("samples").get_array().size(); ++s) {
      std::set<std::string> values;
      collect(got.at("samples").at(s), values);
      for (const char* const part : {"packet", "extended", "generic", "specific", "interval", "counters_version"}) {
        const json::object& sample = wanted.at("samples").at(s).get_object();
        if (!sample.contains(part)) continue;
        expectFound("datagram " + std::to_string(i) + "/" + part, part, sample.at(part), values);
        ++parts;
      }
    }
  }
  EXPECT_GE(parts, leastParts);
}

INSTANTIATE_TEST_SUITE_P(captures, ExpectedLegacy,
                         testing::Values(std::pair("legacy.pcap", 30U), std::pair("synthetic-v2-v4.pcap", 120U)));

// ---- the table behind it ----

TEST(ReferenceTable, agreesWithTheSpecification) {
  std::size_t printedRecords = 0;
  for (const ReferenceRecord& reference : referenceRecords()) {
    const wire::RecordSpec* spec = wire::recordSpec(reference.space, reference.tag);
    ASSERT_NE(spec, nullptr) << reference.tag;
    EXPECT_TRUE(spec->printedByReference) << spec->name;
    EXPECT_LE(spec->fields.size(), 40U) << spec->name << " has more fields than RecordWriter reads";
    for (const FieldAlias& alias : reference.aliases) {
      const bool known =
          std::ranges::any_of(spec->fields, [&](const wire::FieldSpec& field) { return field.name == alias.field; });
      EXPECT_TRUE(known || reference.tag == wire::tag(0, 2201)) << spec->name << " has no " << alias.field;
    }
  }
  for (const wire::RecordSpec& spec : wire::recordTable()) {
    const Layout* layout = layoutOf(spec.space, spec.tag);
    ASSERT_NE(layout, nullptr);
    EXPECT_EQ(layout->spec, &spec);
    EXPECT_EQ(layout->columns.size(), spec.fields.size());
    EXPECT_EQ(layout->reference != nullptr, spec.printedByReference) << spec.name;
    printedRecords += layout->reference != nullptr ? 1 : 0;
    // The corrected value of a number that the reference prints unsigned has the specification's name.
    for (std::size_t i = 0; i < spec.fields.size(); ++i) {
      const bool corrected = layout->reference != nullptr && spec.fields[i].type == wire::FieldType::i32;
      EXPECT_FALSE(corrected && layout->columns[i].name == spec.fields[i].name) << spec.name;
    }
  }
  EXPECT_EQ(printedRecords, referenceRecords().size());
}

}  // namespace
}  // namespace weir::print
