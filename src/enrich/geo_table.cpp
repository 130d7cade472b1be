#include "enrich/geo_table.h"

#include <charconv>

#include "enrich/geo_entries.h"

namespace weir::enrich {

namespace {

/// Addresses → a text, or a number where `texts` holds numbers.
class GeoLookup final : public flow::Lookup {
 public:
  GeoLookup(std::shared_ptr<const AddressTable> addresses, Labels texts)
      : addresses_(std::move(addresses)), texts_(std::move(texts)) {}
  GeoLookup(std::shared_ptr<const AddressTable> addresses, std::vector<std::uint32_t> numbers)
      : addresses_(std::move(addresses)), numbers_(std::move(numbers)) {}

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override {
    const auto octets = flow::addressOctets(key.forms, key.value);
    if (!octets) return false;
    const std::uint32_t id = addresses_->find(*octets);
    if (id == AddressTable::kNone) return false;
    if (numbers_.empty())
      setLabel(texts_, id, result);
    else
      result.number = numbers_[id];
    return true;
  }

 private:
  std::shared_ptr<const AddressTable> addresses_;
  Labels texts_;
  std::vector<std::uint32_t> numbers_;
};

Expected<GeoEntries> read(const std::vector<std::string>& files, GeoKind kind) {
  GeoEntries entries;
  // Of equal prefixes the first holds.
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto done = file->ends_with(".csv") ? readGeoCsv(*file, entries) : readMmdb(*file, kind, entries);
    if (!done) return std::unexpected(std::move(done.error()));
  }
  return entries;
}

Labels bothOf(const GeoEntries& entries) {
  Labels both;
  for (std::size_t i = 0; i < entries.keys.size(); ++i) both.push_back(entries.keys[i] + "-" + entries.names[i]);
  return both;
}

}  // namespace

Expected<flow::LookupTables> readCountries(const std::vector<std::string>& files) {
  auto entries = read(files, GeoKind::country);
  if (!entries) return std::unexpected(std::move(entries.error()));
  const auto addresses = std::make_shared<const AddressTable>(std::move(entries->addresses).build());
  flow::LookupTables tables;
  using enum flow::LookupKind;
  tables[{country, "both"}] = std::make_shared<GeoLookup>(addresses, bothOf(*entries));
  tables[{country, "code"}] = std::make_shared<GeoLookup>(addresses, std::move(entries->keys));
  tables[{country, "name"}] = std::make_shared<GeoLookup>(addresses, std::move(entries->names));
  return tables;
}

Expected<flow::LookupTables> readAsns(const std::vector<std::string>& files) {
  auto entries = read(files, GeoKind::asn);
  if (!entries) return std::unexpected(std::move(entries.error()));
  std::vector<std::uint32_t> numbers;
  for (const std::string& key : entries->keys) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (error != std::errc{} || end != key.data() + key.size()) {
      return fail("expected AS numbers, not \"" + key + "\"", files.empty() ? "" : files.front());
    }
    numbers.push_back(number);
  }
  const auto addresses = std::make_shared<const AddressTable>(std::move(entries->addresses).build());
  flow::LookupTables tables;
  using enum flow::LookupKind;
  tables[{asn, "both"}] = std::make_shared<GeoLookup>(addresses, bothOf(*entries));
  tables[{asn, "number"}] = std::make_shared<GeoLookup>(addresses, std::move(numbers));
  tables[{asn, "descr"}] = std::make_shared<GeoLookup>(addresses, std::move(entries->names));
  return tables;
}

}  // namespace weir::enrich
