#include "base/address.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir {
namespace {

TEST(IpAddress, ParsesAndPrintsIpv4) {
  const auto a = IpAddress::parse("192.168.0.14");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->family, IpAddress::Family::v4);
  EXPECT_EQ(a->text(), "192.168.0.14");
  EXPECT_EQ(a->bits(), 32);
  EXPECT_EQ(a->octets[3], 14);
  EXPECT_EQ(a->octets[4], 0) << "the unused octets are zero: addresses compare by all sixteen";
}

TEST(IpAddress, PrintsIpv6LowerCaseAndCompressed) {
  const auto a = IpAddress::parse("fe80:0:0:0:a00:27ff:feb8:326d");
  ASSERT_TRUE(a);
  EXPECT_EQ(a->text(), "fe80::a00:27ff:feb8:326d");
  EXPECT_EQ(a->bits(), 128);
  EXPECT_EQ(IpAddress::parse("::")->text(), "::");
}

TEST(IpAddress, RefusesEverythingElse) {
  const char* const bad[] = {"",        " 1.2.3.4",   "1.2.3.4 ", "1.2.3",      "1.2.3.256",  "1.2.3.4:6343",
                             "[::1]",   "fe80::1%lo", "::1::",    "0x7f.0.0.1", "1.2.3.4/32", "localhost",
                             "1:2:3:4", "01.2.3.4.5", "g::1"};
  for (const char* text : bad) EXPECT_FALSE(IpAddress::parse(text)) << text;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(IpAddress::parse(std::string(100, '1')));
}

TEST(IpAddress, OrdersNoneThenIpv4ThenIpv6) {
  const std::set<IpAddress> ordered{*IpAddress::parse("::1"), *IpAddress::parse("10.0.0.10"), IpAddress{},
                                    *IpAddress::parse("10.0.0.9"), *IpAddress::parse("9.0.0.0")};
  std::string text;
  for (const auto& a : ordered) text += a.text() + " ";
  EXPECT_EQ(text, " 9.0.0.0 10.0.0.9 10.0.0.10 ::1 ");
}

TEST(IpAddress, HashTellsFamiliesApart) {
  const std::uint8_t zero[16] = {};
  EXPECT_NE(IpAddress::v4(zero), IpAddress::v6(zero));
  EXPECT_NE(IpAddress::v4(zero).hash(), IpAddress::v6(zero).hash());
  EXPECT_EQ(IpAddress::parse("10.1.2.3")->hash(), IpAddress::parse("10.1.2.3")->hash());
}

TEST(AddressText, MacAndHex) {
  const std::uint8_t bytes[] = {0x00, 0x1b, 0x21, 0xab, 0xcd, 0xef};
  std::string out = ">";
  appendMac(out, bytes);
  EXPECT_EQ(out, ">001B21ABCDEF");
  out.clear();
  appendHex(out, Bytes(bytes, 2));
  EXPECT_EQ(out, "001B");
}

TEST(Bytes, LoadsAndStoresBigEndian) {
  std::uint8_t b[9] = {0xFF, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(loadBe16(b + 1), 0x0102);
  EXPECT_EQ(loadBe24(b + 1), 0x010203u);
  EXPECT_EQ(loadBe32(b + 1), 0x01020304u);
  EXPECT_EQ(loadBe64(b + 1), 0x0102030405060708u);
  storeBe16(b + 1, 0xA0B0);
  storeBe32(b + 3, 0xC0D0E0F0);
  EXPECT_EQ(loadBe64(b + 1), 0xA0B0C0D0E0F00708u);
  storeBe64(b, 1);
  EXPECT_EQ(b[7], 1);
  EXPECT_EQ(b[8], 8);
}

}  // namespace
}  // namespace weir
