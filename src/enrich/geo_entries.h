#pragma once
// Inside the enrich room only: what the readers of geo files fill.
#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "enrich/address_table.h"
#include "enrich/labels.h"

namespace weir::enrich {

/// Which fields of a file are asked for.
enum class GeoKind : std::uint8_t { country, asn };

/// Addresses and what they belong to: a key (country code, AS number) and a name each.
struct GeoEntries {
  AddressTable::Builder addresses;
  Labels keys, names;

  /// The number of that entry; a new one where it is not there yet. An empty name stands for the key.
  std::uint32_t entry(std::string_view key, std::string_view name) {
    std::string text(key);
    (text += '\0') += name;
    const auto [it, isNew] = known_.try_emplace(std::move(text), static_cast<std::uint32_t>(keys.size()));
    if (isNew) {
      keys.emplace_back(key.substr(0, kMaxLabel));
      names.emplace_back((name.empty() ? key : name).substr(0, kMaxLabel));
    }
    return it->second;
  }

 private:
  boost::unordered_flat_map<std::string, std::uint32_t> known_;
};

/// Adds what a file holds. Errors name the file, and the line where it has lines.
[[nodiscard]] Expected<void> readMmdb(const std::string& path, GeoKind kind, GeoEntries& entries);
[[nodiscard]] Expected<void> readGeoCsv(const std::string& path, GeoEntries& entries);

}  // namespace weir::enrich
