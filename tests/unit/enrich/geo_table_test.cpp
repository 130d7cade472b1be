#include "enrich/geo_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "enrich/vendor_table.h"
#include "support/lookup_bench.h"
#include "support/mmdb_writer.h"

namespace weir::enrich {
namespace {

using test::MmdbWriter;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "weir-geo-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const char* name, std::string_view text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  void take(Expected<flow::LookupTables> tables) {
    ASSERT_TRUE(tables) << tables.error().text();
    for (auto& [name, table] : *tables) bench.set(name, table);
  }
  void countries(std::vector<std::string> files) { take(readCountries(files)); }
  void asns(std::vector<std::string> files) { take(readAsns(files)); }
  static std::string problem(const Expected<flow::LookupTables>& tables) { return tables ? "" : tables.error().text(); }

  test::LookupBench bench;

 private:
  std::filesystem::path folder_;
};

MmdbWriter::Fields country(const char* code, const char* name) {
  return {{"country", {"", 0, {{"iso_code", {code, 0, {}}}, {"names", {"", 0, {{"en", {name, 0, {}}}}}}}}}};
}

TEST_F(Files, CountriesOfAnMmdb) {
  MmdbWriter writer;
  writer.add("10.0.0.0/8", country("US", "United States"));
  writer.add("10.0.0.0/24", country("DE", "Germany"));
  writer.add("2001:db8::/32", country("NZ", "New Zealand"));
  writer.add("192.0.2.0/24", {{"continent", {"EU", 0, {}}}});
  writer.addAlias();
  countries({file("c.mmdb", writer.file("Test-Country"))});
  EXPECT_EQ(bench.key("country:ipsource,country:ipsource:code"), "DE,DE");
  EXPECT_EQ(bench.key("country:ipsource:name"), "Germany");
  EXPECT_EQ(bench.key("country:ipsource:both"), "DE-Germany");
  EXPECT_EQ(bench.key("country:ipdestination"), std::nullopt) << "an entry without a country";
  bench.from("10.0.1.1");
  EXPECT_EQ(bench.key("country:ipsource:both"), "US-United States");
  EXPECT_EQ(bench.accepts("country:ipsource=US,DE&country:ipdestination=null"), true);
  bench.from("11.0.0.1");
  EXPECT_EQ(bench.key("country:ipsource"), std::nullopt);
  bench.from("2001:db8:5::1");
  EXPECT_EQ(bench.key("if:[first:stack:.:ip:ip6]:ip:[country:ipsource]:[country:ip6source]"), "NZ");
  bench.from("2002:0a00:0001::1");
  EXPECT_EQ(bench.key("country:ip6source"), std::nullopt) << "an alias of IPv4 addresses";
}

TEST_F(Files, PlainCountryCodes) {
  MmdbWriter writer;
  writer.add("10.0.0.0/8", {{"country_code", {"FR", 0, {}}}});
  countries({file("c.mmdb", writer.file("Test"))});
  EXPECT_EQ(bench.key("country:ipsource"), "FR");
  EXPECT_EQ(bench.key("country:ipsource:name"), "FR") << "the code stands for a name that is not there";
}

TEST_F(Files, SystemsOfAnMmdb) {
  MmdbWriter writer;
  writer.add("10.0.0.0/8", {{"autonomous_system_number", {"", 4200000001, {}}},
                            {"autonomous_system_organization", {"Example Net", 0, {}}}});
  writer.add("2001:db8::/32", {{"autonomous_system_number", {"", 64512, {}}}});
  asns({file("a.mmdb", writer.file("Test-ASN"))});
  EXPECT_EQ(bench.key("asn:ipsource,asn:ipsource:descr"), "4200000001,Example Net");
  EXPECT_EQ(bench.key("asn:ipsource:both"), "4200000001-Example Net");
  EXPECT_EQ(bench.accepts("asn:ipsource=4200000001"), true);
  EXPECT_EQ(bench.accepts("range:[asn:ipsource]:4200000000:4294967294=true"), true);
  EXPECT_EQ(bench.key("asn:ipdestination"), std::nullopt);
  bench.from("2001:db8::1");
  EXPECT_EQ(bench.key("asn:ip6source,asn:ip6source:descr"), "64512,64512");
}

TEST_F(Files, Csv) {
  const std::string four = file("4.csv",
                                "start,end,number,name\n"
                                "10.0.0.0,10.0.0.127,64500,\"Example, Inc. \"\"One\"\"\"\r\n"
                                "10.0.0.128,10.0.0.255,0,\n"
                                "10.1.0.0/16,64501,Two\n");
  const std::string six = file("6.csv", "# comment\n2001:db8::,2001:db8::ffff,64502,Six\n");
  asns({four, six});
  EXPECT_EQ(bench.key("asn:ipsource:both"), "64500-Example, Inc. \"One\"");
  bench.from("10.0.0.200");
  EXPECT_EQ(bench.key("asn:ipsource"), std::nullopt);
  bench.from("10.1.2.3");
  EXPECT_EQ(bench.key("asn:ipsource:descr"), "Two");
  bench.from("2001:db8::1:0");
  EXPECT_EQ(bench.key("asn:ip6source"), std::nullopt);
  bench.from("2001:db8::ffff");
  EXPECT_EQ(bench.key("asn:ip6source"), "64502");
  countries({file("c.csv", "10.1.0.0,10.1.255.255,GB,United Kingdom\n")});
  bench.from("10.1.2.3");
  EXPECT_EQ(bench.key("country:ipsource:both"), "GB-United Kingdom");
}

TEST_F(Files, ALaterFileWins) {
  const std::string one = file("1.csv", "10.0.0.0/8,AA\n10.0.0.0/24,AB\n"), two = file("2.csv", "10.0.0.0/8,BB\n");
  countries({one, two});
  EXPECT_EQ(bench.key("country:ipsource"), "AB") << "the longer prefix still holds";
  bench.from("10.9.0.1");
  EXPECT_EQ(bench.key("country:ipsource"), "BB");
}

TEST_F(Files, WrongFiles) {
  const std::string text = file("x.mmdb", "no database");
  EXPECT_NE(problem(readCountries({text})).find("x.mmdb"), std::string::npos);
  EXPECT_NE(problem(readCountries({text})).find("MaxMind"), std::string::npos);
  EXPECT_NE(problem(readAsns({file("x.csv", "10.0.0.0,10.0.0.9,1\n10.0.0.9,10.0.0.1,2\n")})).find("line 2"),
            std::string::npos);
  EXPECT_NE(problem(readAsns({file("y.csv", "10.0.0.0,10.0.0.9,AS1\n")})).find("AS numbers"), std::string::npos);
  EXPECT_NE(problem(readAsns({file("z.csv", "10.0.0.0,::9,1\n")})).find("line 1"), std::string::npos);
  EXPECT_NE(problem(readCountries({"/nosuchfile.csv"})), "");
  EXPECT_NE(problem(readCountries({"/nosuchfile.mmdb"})), "");
}

TEST_F(Files, DamagedMmdb) {
  // Whatever octets are wrong: an error or a table, no more.
  MmdbWriter writer;
  writer.add("10.0.0.0/8", country("US", "United States"));
  writer.add("2001:db8::/32", country("NZ", "New Zealand"));
  const std::string good = writer.file("Test");
  unsigned refused = 0;
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    refused += !readCountries({file("d.mmdb", bad)});
  }
  EXPECT_GT(refused, 0U);
  for (std::size_t size = 0; size < good.size(); size += 97)
    (void)readCountries({file("d.mmdb", good.substr(0, size))});
}

TEST_F(Files, Vendors) {
  const auto take = [&](const std::string& path) {
    auto table = readVendors(path);
    ASSERT_TRUE(table) << table.error().text();
    bench.set({flow::LookupKind::oui, ""}, *table);
  };
  take(file("oui.txt",
            "OUI/MA-L  Organization\n\n00-00-00   (hex)\t\tExample Systems, Inc.\r\n000000     (base 16)\t\tExample\n"
            "\t\t\t\tSomewhere\n0c-AA-00   (hex)\t\tOther\n"));
  EXPECT_EQ(bench.key("oui:macsource:name"), "Example Systems, Inc.");
  EXPECT_EQ(bench.key("oui:macsource"), "000000");
  bench.fromMac({0x0C, 0xAA, 0, 1, 2, 3});
  EXPECT_EQ(bench.key("oui:macsource:name"), "Other");
  EXPECT_EQ(bench.accepts("oui:macsource:name~Oth.*"), true);
  bench.fromMac({0x0C, 0xAA, 1, 1, 2, 3});
  EXPECT_EQ(bench.key("oui:macsource:name"), std::nullopt);
  take(file("manuf", "# comment\n00:00:00\tExample\tExample Corporation\n0C:AA:01:00:00:00/28\tSmall\tSmall Block\n"));
  EXPECT_EQ(bench.key("oui:macsource:name"), std::nullopt) << "blocks of fewer than 24 bits are left out";
  bench.fromMac({0, 0, 0, 1, 2, 3});
  EXPECT_EQ(bench.key("oui:macsource:name"), "Example Corporation");
  EXPECT_FALSE(readVendors("/nosuchfile"));
  EXPECT_FALSE(readVendors(file("empty", "nothing\n")));
}

}  // namespace
}  // namespace weir::enrich
