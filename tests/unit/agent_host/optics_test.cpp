#include "agent_host/optics.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::agent {
namespace {

std::vector<std::uint8_t> sfp() {
  std::vector<std::uint8_t> m(512);
  storeBe16(m.data() + 60, 1310);
  m[92] = 0x68;
  std::uint8_t* d = m.data() + 256;
  storeBe16(d + 96, static_cast<std::uint16_t>(-5 * 256 - 128));  // -5.5 degrees
  storeBe16(d + 98, 33'000);                                      // 3.3 V
  storeBe16(d + 100, 3'000);                                      // 6 mA
  storeBe16(d + 102, 5'012);
  storeBe16(d + 104, 4'000);
  storeBe16(d + 24, 12'589);
  storeBe16(d + 34, 158);
  return m;
}

TEST(Optics, AnSfpTellsItsDiagnostics) {
  const auto optics = parseOptics(ModuleLayout::sff8472, sfp());
  ASSERT_TRUE(optics);
  EXPECT_EQ(optics->millidegrees, -5500);
  EXPECT_EQ(optics->millivolts, 3300);
  EXPECT_EQ(optics->laneCount, 1);
  EXPECT_EQ(optics->lanes[0].biasMicroamperes, 6000);
  EXPECT_EQ(optics->lanes[0].sendMicrowatts, 501);
  EXPECT_EQ(optics->lanes[0].receiveMicrowatts, 400);
  EXPECT_EQ(optics->lanes[0].sendMost, 1258);
  EXPECT_EQ(optics->lanes[0].receiveLeast, 15);
  EXPECT_EQ(optics->lanes[0].wavelength, 1310);
}

TEST(Optics, ModulesThatSayNothingGiveNothing) {
  auto none = sfp();
  none[92] = 0;
  EXPECT_FALSE(parseOptics(ModuleLayout::sff8472, none));
  auto external = sfp();
  external[92] |= 0x10;
  EXPECT_FALSE(parseOptics(ModuleLayout::sff8472, external));
  auto cut = sfp();
  cut.resize(300);
  EXPECT_FALSE(parseOptics(ModuleLayout::sff8472, cut));
  EXPECT_FALSE(parseOptics(ModuleLayout::sff8636, std::vector<std::uint8_t>(256))) << "copper";
  EXPECT_FALSE(parseOptics(ModuleLayout::sff8636, std::vector<std::uint8_t>(255)));
}

TEST(Optics, AQsfpHasFourLanesInTheRecord) {
  std::vector<std::uint8_t> m(256);
  storeBe16(m.data() + 22, 40 * 256);
  storeBe16(m.data() + 26, 32'500);
  for (std::size_t i = 0; i < 4; ++i) storeBe16(m.data() + 50 + 2 * i, static_cast<std::uint16_t>(10'000 + 10 * i));
  storeBe16(m.data() + 186, 1310 * 20);
  const auto optics = parseOptics(ModuleLayout::sff8636, m);
  ASSERT_TRUE(optics);
  EXPECT_EQ(optics->laneCount, 4);

  wire::DatagramWriter writer;
  writer.begin({});
  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.expanded = true;
  writer.beginSample(sample);
  addOptics(writer, 7, *optics);
  ASSERT_TRUE(writer.endSample());
  auto reader = wire::DatagramReader::open(writer.finish()).value();
  ASSERT_TRUE(reader.next(sample));
  wire::Record record;
  ASSERT_TRUE(sample.records.next(record));
  wire::sfp out;
  ASSERT_EQ(wire::readRecord(record, out), wire::kNoFault);
  EXPECT_EQ(out.module_id, 7);
  EXPECT_EQ(out.module_temperature, 40'000);
  ASSERT_EQ(out.lanes.count, 4);
  EXPECT_EQ(loadBe32(out.lanes.bytes.data() + 40 * 3), 4) << "index of the last lane";
  EXPECT_EQ(loadBe32(out.lanes.bytes.data() + 40 * 3 + 8), 1003) << "its power";
  EXPECT_EQ(loadBe32(out.lanes.bytes.data() + 40 * 3 + 36), 1310) << "its wavelength";
}

}  // namespace
}  // namespace weir::agent
