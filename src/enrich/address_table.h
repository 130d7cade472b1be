#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "enrich/range_table.h"

namespace weir::enrich {

/// IPv4 and IPv6 addresses → an id, by longest prefix. Constant once built. Thread: any.
class AddressTable {
 public:
  static constexpr std::uint32_t kNone = RangeTable<std::uint32_t>::kNone;

  class Builder {
   public:
    /// The addresses that share the first `bits` bits with this one.
    void addPrefix(const IpAddress& address, unsigned bits, std::uint32_t id);
    /// From one address to another, both included. False: of two families, or the wrong way round.
    [[nodiscard]] bool addRange(const IpAddress& first, const IpAddress& last, std::uint32_t id);
    [[nodiscard]] AddressTable build() &&;
    [[nodiscard]] std::size_t size() const { return v4_.size() + v6_.size(); }

   private:
    std::vector<RangeTable<std::uint32_t>::Range> v4_;
    std::vector<RangeTable<Uint128>::Range> v6_;
  };

  AddressTable() = default;
  /// Of four or sixteen octets; kNone where no prefix holds the address.
  [[nodiscard]] std::uint32_t find(Bytes octets) const;
  /// Octets held.
  [[nodiscard]] std::size_t memory() const { return v4_.memory() + v6_.memory(); }

 private:
  RangeTable<std::uint32_t> v4_;
  RangeTable<Uint128> v6_;
};

/// `10.0.0.0/8`, `FC00::/7`, or an address alone.
struct Prefix {
  IpAddress address;
  unsigned bits = 0;
  [[nodiscard]] static std::optional<Prefix> parse(std::string_view text);
};

}  // namespace weir::enrich
