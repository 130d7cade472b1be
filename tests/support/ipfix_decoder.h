#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace weir::test {

/// A collecting process of one transport session, written from RFC 7011 (3, 8 and 10.3) and from nothing else: fails
/// the test where a message is not as it says.
class IpfixDecoder {
 public:
  struct Field {
    std::uint16_t id = 0, size = 0;
    friend bool operator==(const Field&, const Field&) = default;
  };
  struct DataRecord {
    std::uint16_t templateId = 0;
    std::vector<std::pair<std::uint16_t, std::vector<std::uint8_t>>> fields;  ///< element, octets

    [[nodiscard]] const std::vector<std::uint8_t>& octets(std::uint16_t element) const {
      static const std::vector<std::uint8_t> kNone;
      for (const auto& [id, value] : fields) {
        if (id == element) return value;
      }
      ADD_FAILURE() << "no element " << element;
      return kNone;
    }
    [[nodiscard]] std::uint64_t number(std::uint16_t element) const {
      std::uint64_t n = 0;
      for (const std::uint8_t octet : octets(element)) n = n << 8 | octet;
      return n;
    }
    [[nodiscard]] bool has(std::uint16_t element) const {
      return std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.first == element; });
    }
  };
  struct Message {
    std::uint32_t exportTime = 0, sequence = 0, domain = 0;
    std::vector<std::uint16_t> templates;  ///< told in it
    std::vector<DataRecord> records;
  };

  Message decode(Bytes octets) {
    Message out;
    if (octets.size() < 16) return failed(out, "shorter than a header");
    EXPECT_EQ(loadBe16(octets.data()), 10) << "version";
    EXPECT_EQ(loadBe16(octets.data() + 2), octets.size()) << "length";
    out.exportTime = loadBe32(octets.data() + 4);
    out.sequence = loadBe32(octets.data() + 8);
    out.domain = loadBe32(octets.data() + 12);
    for (std::size_t at = 16; at < octets.size();) {
      if (octets.size() - at < 4) return failed(out, "shorter than a set header");
      const std::uint16_t id = loadBe16(octets.data() + at), size = loadBe16(octets.data() + at + 2);
      if (size < 4 || size > octets.size() - at) return failed(out, "a set beyond its message");
      const Bytes set = octets.subspan(at + 4, size - 4U);
      if (id == 2) {
        readTemplates(set, out);
      } else if (id >= 256) {
        readRecords(id, set, out);
      } else {
        return failed(out, "a set of no known kind");
      }
      at += size;
    }
    EXPECT_EQ(out.sequence, recordsSeen_) << "records that were sent before this message";
    recordsSeen_ += static_cast<std::uint32_t>(out.records.size());
    return out;
  }

  [[nodiscard]] const std::map<std::uint16_t, std::vector<Field>>& templates() const { return templates_; }

 private:
  static Message failed(const Message& message, const char* why) {
    ADD_FAILURE() << why;
    return message;
  }

  void readTemplates(Bytes set, Message& out) {
    EXPECT_FALSE(set.empty()) << "a set has at least one record";
    for (std::size_t at = 0; at < set.size();) {
      ASSERT_GE(set.size() - at, 4U);
      const std::uint16_t id = loadBe16(set.data() + at), count = loadBe16(set.data() + at + 2);
      EXPECT_GE(id, 256);
      EXPECT_GT(count, 0) << "a withdrawal, which UDP does not know";
      at += 4;
      ASSERT_GE(set.size() - at, count * std::size_t{4});
      std::vector<Field> fields;
      for (unsigned i = 0; i < count; ++i, at += 4) {
        fields.push_back({loadBe16(set.data() + at), loadBe16(set.data() + at + 2)});
        EXPECT_EQ(fields.back().id & 0x8000, 0) << "no enterprise's elements";
      }
      const auto [known, fresh] = templates_.try_emplace(id, fields);
      EXPECT_TRUE(fresh || known->second == fields) << "a template number that was used for another one";
      out.templates.push_back(id);
    }
  }

  void readRecords(std::uint16_t id, Bytes set, Message& out) {
    EXPECT_FALSE(set.empty()) << "a set has at least one record";
    const auto known = templates_.find(id);
    ASSERT_NE(known, templates_.end()) << "a record before its template " << id;
    for (std::size_t at = 0; at < set.size();) {
      DataRecord record{id, {}};
      for (const Field& field : known->second) {
        ASSERT_GE(set.size() - at, field.size) << "a record that is cut";
        record.fields.emplace_back(
            field.id, std::vector<std::uint8_t>(set.begin() + static_cast<std::ptrdiff_t>(at),
                                                set.begin() + static_cast<std::ptrdiff_t>(at + field.size)));
        at += field.size;
      }
      out.records.push_back(std::move(record));
    }
  }

  std::map<std::uint16_t, std::vector<Field>> templates_;
  std::uint32_t recordsSeen_ = 0;
};

}  // namespace weir::test
