// Captures that hold every structure with known values; what was encoded is beside them as JSON.
#include <gtest/gtest.h>

#include <boost/json/src.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "support/captures.h"
#include "support/pcap.h"
#include "wire/record_table.h"

namespace weir::wire {
namespace {

namespace json = boost::json;

std::string tagText(std::uint32_t tag) {
  return std::to_string(tag >> 12) + ":" + std::to_string(tag & 0xFFF);
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string hex(Bytes bytes) {
  std::string out;
  appendHex(out, bytes);
  return lower(out);
}

std::string macText(Bytes mac) {
  std::string out;
  for (const std::uint8_t octet : mac) out.append(out.empty() ? "" : ":").append(hex(Bytes(&octet, 1)));
  return out;
}

json::array numbers(Bytes bytes) {
  json::array out;
  for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) out.push_back(loadBe32(bytes.data() + i));
  return out;
}

json::object recordJson(RecordSpace space, const Record& record, bool named);

json::value fieldJson(const FieldValue& value) {
  switch (value.type) {
    case FieldType::u32:
    case FieldType::u64:
      return value.number;
    case FieldType::i32:
      return value.integer();
    case FieldType::f32:
    case FieldType::f64:
      return value.real;
    case FieldType::ip4:
    case FieldType::ip6:
    case FieldType::addr:
      return json::string(lower(value.address().text()));
    case FieldType::mac:
      return json::string(macText(value.bytes));
    case FieldType::op4:
    case FieldType::op16:
      return json::string(hex(value.bytes));
    case FieldType::opaque:
      return json::string(value.name == "header" ? hex(value.bytes) : std::string(value.text()));
    case FieldType::str:
      return json::string(value.text());
    case FieldType::u32s:
      return numbers(value.bytes);
    case FieldType::aspath: {
      json::array out;
      AsPathReader path(static_cast<std::uint32_t>(value.number), value.bytes);
      for (AsPathReader::Segment segment; path.next(segment);)
        out.push_back(json::object{{"type", segment.type}, {"asns", numbers(segment.asNumbers)}});
      return out;
    }
    case FieldType::lanes: {
      json::array out;
      for (std::size_t lane = 0; lane < value.number; ++lane) {
        json::object o;
        for (std::size_t i = 0; i < kLaneFields; ++i) o[laneFieldName(i)] = value.at(lane * kLaneFields + i);
        out.push_back(o);
      }
      return out;
    }
    case FieldType::adapters: {
      json::array out;
      AdapterReader adapters(value);
      for (AdapterReader::Adapter adapter; adapters.next(adapter);) {
        json::array macs;
        for (std::size_t i = 0; i < adapter.size(); ++i) macs.push_back(json::object{{"mac", macText(adapter.mac(i))}});
        out.push_back(json::object{{"ifIndex", adapter.ifIndex}, {"mac_address", macs}});
      }
      return out;
    }
    case FieldType::pdus: {
      json::array out;
      PduReader pdus(value);
      for (RecordReader records; pdus.next(records);) {
        json::array pdu;
        for (Record record; records.next(record);) pdu.push_back(recordJson(RecordSpace::flow, record, false));
        out.push_back(pdu);
      }
      return out;
    }
  }
  return nullptr;
}

void addFields(json::object& out, const RecordSpec& spec, const Record& record) {
  EXPECT_EQ(checkRecord(spec, record), kNoFault) << spec.name;
  FieldReader fields(spec, record);
  for (FieldValue value; fields.next(value);) out[value.name] = fieldJson(value);
  if (fields.left() != 0) out["extra_bytes"] = fields.left();
}

json::object recordJson(RecordSpace space, const Record& record, bool named) {
  json::object out{{"tag", tagText(record.tag)}};
  const RecordSpec* spec = recordSpec(space, record);
  if (spec == nullptr) {
    out["unknown"] = record.data.size();
    return out;
  }
  if (named) out["name"] = spec->name;
  addFields(out, *spec, record);
  return out;
}

// 0xFFFFFFFF in an expanded sample is read as "none"; what stood there is still in the body.
json::array interfaceJson(const Sample& sample, const Interface& interface, std::size_t valueAt) {
  const bool raw = sample.expanded && interface.value == kNoInterface;
  return {interface.format, raw ? loadBe32(sample.body.data() + valueAt) : interface.value};
}

json::object sampleJson(const Sample& sample) {
  json::object out{{"sample", tagText(sample.tag)}};
  if (sample.kind == SampleKind::unknown) {
    out["unknown"] = sample.body.size();
    return out;
  }
  out["seq"] = sample.sequence;
  out["source"] = json::array{sample.source.cls, sample.source.index};
  if (sample.kind == SampleKind::flow) {
    out["rate"] = sample.samplingRate;
    out["pool"] = sample.samplePool;
    out["drops"] = sample.drops;
    out["input"] = interfaceJson(sample, sample.input, 28);
    out["output"] = interfaceJson(sample, sample.output, 36);
  } else if (sample.kind == SampleKind::discard) {
    out["drops"] = sample.drops;
    out["input"] = sample.input.value;
    out["output"] = sample.output.value;
    out["reason"] = sample.reason;
  }
  json::array records;
  RecordReader reader = sample.records;
  for (Record record; reader.next(record);) records.push_back(recordJson(recordSpace(sample.kind), record, true));
  EXPECT_EQ(reader.fault(), kNoFault);
  EXPECT_EQ(records.size(), sample.recordCount);
  out["records"] = records;
  return out;
}

// Versions 2 and 4 stand in the expectation with the names of their own documents.
json::object legacyFlowJson(const Sample& sample) {
  json::object out{{"sample", "flow"}, {"seq", sample.sequence}};
  out["source"] = json::array{sample.source.cls, sample.source.index};
  out["rate"] = sample.samplingRate;
  out["pool"] = sample.samplePool;
  out["drops"] = sample.drops;
  out["input"] = sample.input.value;
  out["output"] = sample.output.format == 2 ? 0x80000000U | sample.output.value : sample.output.value;
  json::array extended;
  RecordReader reader = sample.records;
  for (Record record; reader.next(record);) {
    const RecordSpec* spec = recordSpec(RecordSpace::flow, record);
    if (spec == nullptr) continue;
    json::object o;
    if ((record.tag & 0xFFF) >= 1000) {
      o["type"] = (record.tag & 0xFFF) - 1000;
      addFields(o, *spec, record);
      extended.push_back(o);
    } else {
      o["type"] = record.tag == 1 ? "header" : record.tag == 3 ? "ipv4" : "ipv6";
      addFields(o, *spec, record);
      out["packet"] = o;
    }
  }
  out["extended"] = extended;
  return out;
}

json::object legacyCountersJson(const Sample& sample) {
  json::object out{{"sample", "counters"}, {"seq", sample.sequence}};
  out["source"] = json::array{sample.source.cls, sample.source.index};
  out["interval"] = loadBe32(sample.body.data() + 8);
  out["counters_version"] = loadBe32(sample.body.data() + 12);
  RecordReader reader = sample.records;
  for (Record record; reader.next(record);) {
    json::object o;
    addFields(o, *recordSpec(RecordSpace::counter, record), record);
    out[record.tag == 1 ? "generic" : "specific"] = o;
  }
  return out;
}

json::object datagramJson(std::size_t index, Bytes bytes) {
  json::object out{{"datagram", index}, {"size", bytes.size()}};
  auto reader = DatagramReader::open(bytes);
  if (!reader) {
    out["fault"] = faultName(reader.error());
    return out;
  }
  const DatagramHeader& h = reader->header();
  out["version"] = h.version;
  out["agent"] = lower(h.agent.text());
  if (h.version == 5) out["sub_agent"] = h.subAgent;
  out["seq"] = h.sequence;
  out["uptime"] = h.uptimeMs;
  json::array samples;
  for (Sample sample; reader->next(sample);) {
    if (h.version == 5)
      samples.push_back(sampleJson(sample));
    else
      samples.push_back(sample.kind == SampleKind::flow ? legacyFlowJson(sample) : legacyCountersJson(sample));
  }
  EXPECT_FALSE(reader->faults().any()) << "datagram " << index;
  out["samples"] = samples;
  return out;
}

bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_double() || b.is_double()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
  }
  if (a.is_object() && b.is_object()) {
    // "origin" says where a header was taken from.
    std::size_t compared = 0;
    for (const auto& [key, value] : a.as_object()) {
      if (key == "origin") continue;
      ++compared;
      const json::value* other = b.as_object().if_contains(key);
      if (other == nullptr || !same(value, *other)) return false;
    }
    return compared == b.as_object().size();
  }
  if (a.is_array() && b.is_array()) {
    const json::array &x = a.as_array(), &y = b.as_array();
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), same);
  }
  return a == b;
}

class ExpectedValues : public testing::TestWithParam<const char*> {};

TEST_P(ExpectedValues, EveryFieldIsReadAsEncoded) {
  const auto capture = test::capturePath(GetParam());
  ASSERT_TRUE(capture);
  std::ifstream file(*capture + ".expected.json");
  std::stringstream text;
  text << file.rdbuf();
  const json::value expected = json::parse(text.str());
  const auto payloads = test::udpPayloads(*capture);
  ASSERT_EQ(payloads.size(), expected.as_array().size());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const json::value read = datagramJson(i, payloads[i]);
    EXPECT_TRUE(same(expected.at(i), read))
        << "expected " << json::serialize(expected.at(i)) << "\nread     " << json::serialize(read);
  }
}

INSTANTIATE_TEST_SUITE_P(Captures, ExpectedValues,
                         testing::ValuesIn(test::presentCaptures(
                             {"records.pcap", "legacy.pcap", "headers.pcap", "synthetic-flow-records.pcap",
                              "synthetic-counter-records.pcap", "synthetic-edge-cases.pcap", "synthetic-v2-v4.pcap",
                              "encap-headers.pcap"})),
                         [](const auto& capture) {
                           std::string name = capture.param;
                           std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

}  // namespace
}  // namespace weir::wire
