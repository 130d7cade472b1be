#include "enrich/address_table.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::enrich {
namespace {

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::uint32_t find(const AddressTable& table, std::string_view text) {
  const IpAddress a = address(text);
  return table.find(Bytes(a.octets.data(), a.family == IpAddress::Family::v4 ? 4 : 16));
}

AddressTable tableOf(std::initializer_list<std::string_view> prefixes) {
  AddressTable::Builder builder;
  std::uint32_t id = 0;
  for (const std::string_view text : prefixes) {
    const auto prefix = Prefix::parse(text);
    builder.addPrefix(prefix.value().address, prefix->bits, id++);
  }
  return std::move(builder).build();
}

TEST(AddressTable, LongestPrefixWins) {
  const AddressTable table =
      tableOf({"0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "::/0", "FC00::/7"});
  EXPECT_EQ(find(table, "9.255.255.255"), 0U);
  EXPECT_EQ(find(table, "10.0.0.0"), 1U);
  EXPECT_EQ(find(table, "10.255.255.255"), 1U);
  EXPECT_EQ(find(table, "11.0.0.0"), 0U);
  EXPECT_EQ(find(table, "10.1.0.0"), 2U);
  EXPECT_EQ(find(table, "10.1.2.2"), 3U);
  EXPECT_EQ(find(table, "10.1.2.3"), 4U);
  EXPECT_EQ(find(table, "10.1.2.4"), 3U);
  EXPECT_EQ(find(table, "10.1.3.0"), 2U);
  EXPECT_EQ(find(table, "10.2.0.0"), 1U);
  EXPECT_EQ(find(table, "0.0.0.0"), 0U);
  EXPECT_EQ(find(table, "255.255.255.255"), 0U);
  EXPECT_EQ(find(table, "2001:db8::1"), 5U);
  EXPECT_EQ(find(table, "fd00::1"), 6U);
  EXPECT_EQ(find(table, "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 6U);
  EXPECT_EQ(find(table, "fe00::"), 5U);
  EXPECT_EQ(find(table, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 5U);
}

TEST(AddressTable, NothingWherePrefixesEnd) {
  const AddressTable table = tableOf({"10.0.0.0/8", "255.255.255.255", "0.0.0.0"});
  EXPECT_EQ(find(table, "10.0.0.1"), 0U);
  EXPECT_EQ(find(table, "9.0.0.0"), AddressTable::kNone);
  EXPECT_EQ(find(table, "11.0.0.0"), AddressTable::kNone);
  EXPECT_EQ(find(table, "255.255.255.254"), AddressTable::kNone);
  EXPECT_EQ(find(table, "255.255.255.255"), 1U);
  EXPECT_EQ(find(table, "0.0.0.0"), 2U);
  EXPECT_EQ(find(table, "0.0.0.1"), AddressTable::kNone);
  EXPECT_EQ(find(table, "::1"), AddressTable::kNone);
  EXPECT_EQ(find(AddressTable(), "10.0.0.1"), AddressTable::kNone);
}

TEST(AddressTable, HostBitsDoNotMatter) {
  const AddressTable table = tableOf({"10.1.2.3/8", "2001:db8::5/32"});
  EXPECT_EQ(find(table, "10.200.0.1"), 0U);
  EXPECT_EQ(find(table, "2001:DB8:FFFF::"), 1U);
}

TEST(AddressTable, FirstOfEqualPrefixes) {
  EXPECT_EQ(find(tableOf({"10.0.0.0/8", "10.0.0.0/8", "10.5.0.0/8"}), "10.1.1.1"), 0U);
}

TEST(AddressTable, Ranges) {
  AddressTable::Builder builder;
  ASSERT_TRUE(builder.addRange(address("10.0.0.5"), address("10.0.0.9"), 1));
  ASSERT_TRUE(builder.addRange(address("10.0.0.8"), address("10.0.0.20"), 2));
  ASSERT_TRUE(builder.addRange(address("::5"), address("::9"), 3));
  EXPECT_FALSE(builder.addRange(address("10.0.0.9"), address("10.0.0.8"), 4));
  EXPECT_FALSE(builder.addRange(address("10.0.0.9"), address("::9"), 4));
  const AddressTable table = std::move(builder).build();
  EXPECT_EQ(find(table, "10.0.0.4"), AddressTable::kNone);
  EXPECT_EQ(find(table, "10.0.0.5"), 1U);
  EXPECT_EQ(find(table, "10.0.0.8"), 2U);
  EXPECT_EQ(find(table, "10.0.0.20"), 2U);
  EXPECT_EQ(find(table, "10.0.0.21"), AddressTable::kNone);
  EXPECT_EQ(find(table, "::9"), 3U);
  EXPECT_EQ(find(table, "::a"), AddressTable::kNone);
}

TEST(Prefix, Text) {
  EXPECT_EQ(Prefix::parse("10.0.0.0/8")->bits, 8U);
  EXPECT_EQ(Prefix::parse("10.0.0.1")->bits, 32U);
  EXPECT_EQ(Prefix::parse("::/0")->bits, 0U);
  EXPECT_EQ(Prefix::parse("FC00::1")->bits, 128U);
  for (const char* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/ 8",
                          "10.0.0.0/4294967304", "10.0.0/8", "x"}) {
    EXPECT_FALSE(Prefix::parse(bad)) << bad;
  }
}

/// The definition of longest prefix match, taken literally.
struct Oracle {
  struct Entry {
    IpAddress address;
    unsigned bits;
    std::uint32_t id;
  };
  std::vector<Entry> entries;

  [[nodiscard]] std::uint32_t find(const IpAddress& a) const {
    const Entry* best = nullptr;
    for (const Entry& e : entries) {
      if (e.address.family != a.family || (best != nullptr && e.bits <= best->bits)) continue;
      bool same = true;
      for (unsigned bit = 0; bit < e.bits && same; ++bit) {
        same = ((e.address.octets[bit / 8] ^ a.octets[bit / 8]) >> (7 - bit % 8) & 1) == 0;
      }
      if (same) best = &e;
    }
    return best == nullptr ? AddressTable::kNone : best->id;
  }
};

TEST(AddressTable, AgreesWithTheDefinition) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 60; ++round) {
    Oracle oracle;
    AddressTable::Builder builder;
    // Few distinct octets, so that prefixes lie inside each other and share their ends.
    const auto any = [&](IpAddress::Family family) {
      static constexpr std::uint8_t kOctets[] = {0, 1, 10, 127, 128, 254, 255};
      IpAddress a;
      a.family = family;
      const unsigned count = family == IpAddress::Family::v4 ? 4 : 16;
      for (unsigned i = 0; i < count; ++i) {
        a.octets[i] = random() % 8 == 0 ? static_cast<std::uint8_t>(random()) : kOctets[random() % std::size(kOctets)];
      }
      return a;
    };
    const auto family = [&] { return random() % 2 == 0 ? IpAddress::Family::v4 : IpAddress::Family::v6; };
    const unsigned count = 1U + static_cast<unsigned>(random() % 200);
    for (std::uint32_t id = 0; id < count; ++id) {
      const IpAddress a = any(family());
      const unsigned bits = static_cast<unsigned>(random() % (static_cast<unsigned>(a.bits()) + 1));
      oracle.entries.push_back({a, bits, id});
      builder.addPrefix(a, bits, id);
    }
    const AddressTable table = std::move(builder).build();
    for (int i = 0; i < 2000; ++i) {
      IpAddress a = any(family());
      if (i % 2 == 0) {  // near the ends of a prefix
        a = oracle.entries[random() % oracle.entries.size()].address;
        a.octets[static_cast<unsigned>(a.bits()) / 8 - 1] += static_cast<std::uint8_t>(random() % 3 - 1);
      }
      const Bytes octets(a.octets.data(), static_cast<std::size_t>(a.bits()) / 8);
      ASSERT_EQ(table.find(octets), oracle.find(a)) << a.text() << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace weir::enrich
