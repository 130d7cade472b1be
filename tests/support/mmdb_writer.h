#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "enrich/address_table.h"

namespace weir::test {

/// Writes small MaxMind databases (MaxMind DB File Format Specification 2.0) for tests: Debian has no program that
/// does. IPv6 tree, records of 24 bits.
class MmdbWriter {
 public:
  /// One field of an entry: a text, a number, or a map.
  struct Field {
    std::string text;
    std::uint32_t number = 0;
    std::map<std::string, Field> map;
  };
  using Fields = std::map<std::string, Field>;

  /// An entry for a prefix; longer ones after shorter ones.
  void add(std::string_view text, const Fields& fields) {
    const auto prefix = enrich::Prefix::parse(text).value();
    const bool v4 = prefix.address.family == IpAddress::Family::v4;
    std::array<std::uint8_t, 16> octets = prefix.address.octets;
    if (v4) {
      octets.fill(0);
      std::copy_n(prefix.address.octets.begin(), 4, octets.begin() + 12);
    }
    records_.push_back(fields);
    set(octets, v4 ? prefix.bits + 96 : prefix.bits, {Kind::data, static_cast<std::uint32_t>(records_.size() - 1)});
  }
  /// Makes 2002::/16 lead to the IPv4 addresses, as real databases do. After all add().
  void addAlias() {
    unsigned node = 0;
    for (int i = 0; i < 96; ++i) node = nodes_[node][0].value;
    set({0x20, 0x02}, 16, {Kind::node, node});
  }

  [[nodiscard]] std::string file(std::string_view type) const {
    std::string data;
    std::vector<std::size_t> offsets;
    for (const Fields& fields : records_) {
      offsets.push_back(data.size());
      writeMap(data, fields);
    }
    std::string out;
    const auto count = static_cast<std::uint32_t>(nodes_.size());
    for (const auto& node : nodes_) {
      for (const Record& record : node) {
        std::uint32_t value = count;
        if (record.kind == Kind::node) value = record.value;
        if (record.kind == Kind::data) value = count + 16 + static_cast<std::uint32_t>(offsets[record.value]);
        for (const int shift : {16, 8, 0}) out += static_cast<char>(value >> shift);
      }
    }
    out.append(16, '\0');
    out += data;
    out += "\xAB\xCD\xEFMaxMind.com";
    writeHead(out, 7, 9);
    member(out, "node_count", count);
    member(out, "record_size", 24, 5);
    member(out, "ip_version", 6, 5);
    writeText(out, "database_type");
    writeText(out, type);
    writeText(out, "languages");
    writeHead(out, 11, 0);
    member(out, "binary_format_major_version", 2, 5);
    member(out, "binary_format_minor_version", 0, 5);
    member(out, "build_epoch", 1, 9);
    writeText(out, "description");
    writeHead(out, 7, 0);
    return out;
  }

 private:
  enum class Kind : std::uint8_t { none, node, data };
  struct Record {
    Kind kind = Kind::none;
    std::uint32_t value = 0;
  };

  void set(const std::array<std::uint8_t, 16>& octets, unsigned bits, Record record) {
    std::uint32_t node = 0;
    for (unsigned i = 0; i < bits; ++i) {
      const unsigned side = octets[i / 8] >> (7 - i % 8) & 1U;
      if (i + 1 == bits) {
        nodes_[node][side] = record;
        return;
      }
      if (nodes_[node][side].kind != Kind::node) {
        const Record before = nodes_[node][side];  // a shorter prefix holds on both sides
        nodes_[node][side] = {Kind::node, static_cast<std::uint32_t>(nodes_.size())};
        nodes_.push_back({before, before});
      }
      node = nodes_[node][side].value;
    }
  }

  static void writeHead(std::string& out, unsigned type, std::size_t size) {
    out += static_cast<char>((type < 8 ? type << 5 : 0) | (size < 29 ? size : 29));
    if (type >= 8) out += static_cast<char>(type - 7);
    if (size >= 29) out += static_cast<char>(size - 29);
  }
  static void writeText(std::string& out, std::string_view text) {
    writeHead(out, 2, text.size());
    out += text;
  }
  static void writeNumber(std::string& out, std::uint32_t number, unsigned type) {
    std::string octets;
    for (; number != 0; number >>= 8) octets.insert(octets.begin(), static_cast<char>(number));
    writeHead(out, type, octets.size());
    out += octets;
  }
  static void member(std::string& out, std::string_view name, std::uint32_t number, unsigned type = 6) {
    writeText(out, name);
    writeNumber(out, number, type);
  }
  static void writeMap(std::string& out, const Fields& fields) {
    writeHead(out, 7, fields.size());
    for (const auto& [name, field] : fields) {
      writeText(out, name);
      if (!field.map.empty())
        writeMap(out, field.map);
      else if (field.text.empty())
        writeNumber(out, field.number, 6);
      else
        writeText(out, field.text);
    }
  }

  std::vector<std::array<Record, 2>> nodes_{{}};
  std::vector<Fields> records_;
};

}  // namespace weir::test
