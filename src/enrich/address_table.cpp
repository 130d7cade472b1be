#include "enrich/address_table.h"

#include <charconv>

namespace weir::enrich {

namespace {

Uint128 loadV6(const std::uint8_t* octets) {
  return static_cast<Uint128>(loadBe64(octets)) << 64 | loadBe64(octets + 8);
}

// The numbers from `number` with all bits behind the first `bits` zero to the one with all of them set.
template <class Number>
typename RangeTable<Number>::Range rangeOf(Number number, unsigned bits, std::uint32_t id) {
  const Number host = bits == 0 ? ~Number{0} : bits == sizeof(Number) * 8 ? Number{0} : ~Number{0} >> bits;
  return {number & ~host, number | host, id};
}

}  // namespace

void AddressTable::Builder::addPrefix(const IpAddress& address, unsigned bits, std::uint32_t id) {
  if (address.family == IpAddress::Family::v4) v4_.push_back(rangeOf(loadBe32(address.octets.data()), bits, id));
  if (address.family == IpAddress::Family::v6) v6_.push_back(rangeOf(loadV6(address.octets.data()), bits, id));
}

bool AddressTable::Builder::addRange(const IpAddress& first, const IpAddress& last, std::uint32_t id) {
  if (first.family != last.family || first > last) return false;
  if (first.family == IpAddress::Family::v4) {
    v4_.push_back({loadBe32(first.octets.data()), loadBe32(last.octets.data()), id});
  } else {
    v6_.push_back({loadV6(first.octets.data()), loadV6(last.octets.data()), id});
  }
  return true;
}

AddressTable AddressTable::Builder::build() && {
  AddressTable table;
  table.v4_ = RangeTable<std::uint32_t>(std::move(v4_));
  table.v6_ = RangeTable<Uint128>(std::move(v6_));
  return table;
}

std::uint32_t AddressTable::find(Bytes octets) const {
  return octets.size() == 4 ? v4_.find(loadBe32(octets.data())) : v6_.find(loadV6(octets.data()));
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto most = static_cast<unsigned>(address->bits());
  if (slash == std::string_view::npos) return Prefix{*address, most};
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > most) return std::nullopt;
  return Prefix{*address, bits};
}

}  // namespace weir::enrich
