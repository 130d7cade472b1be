#include <fstream>

#include "enrich/geo_entries.h"

namespace weir::enrich {

namespace {

/// The fields of a line (RFC 4180 without line breaks inside fields).
std::vector<std::string> fieldsOf(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

/// `first,last,key[,name]` or `prefix,key[,name]`. False: the line is none of them.
bool takeLine(const std::vector<std::string>& fields, GeoEntries& entries) {
  const auto prefix = Prefix::parse(fields[0]);
  if (!prefix || fields.size() < 2) return false;
  const bool isRange = fields[0].find('/') == std::string::npos;
  const std::size_t at = isRange ? 2 : 1;
  if (fields.size() <= at) return false;
  // Without a key the address is unassigned.
  const bool isNobody = fields[at].empty() || fields[at] == "0";
  const std::uint32_t id =
      isNobody ? AddressTable::kNone : entries.entry(fields[at], fields.size() > at + 1 ? fields[at + 1] : "");
  if (!isRange) {
    entries.addresses.addPrefix(prefix->address, prefix->bits, id);
    return true;
  }
  const auto last = IpAddress::parse(fields[1]);
  return last && entries.addresses.addRange(prefix->address, *last, id);
}

}  // namespace

Expected<void> readGeoCsv(const std::string& path, GeoEntries& entries) {
  std::ifstream file(path);
  if (!file) return fail("cannot be read", path);
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (takeLine(fieldsOf(line), entries)) continue;
    const bool isHeading = number == 1 && !(line.front() >= '0' && line.front() <= '9');
    if (!isHeading) {
      return fail("line " + std::to_string(number) + ": expected first address,last address,code or number[,name]",
                  path);
    }
  }
  if (file.bad()) return fail("cannot be read", path);
  return {};
}

}  // namespace weir::enrich
