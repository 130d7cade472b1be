#include "agent_host/gpus.h"

#include <gtest/gtest.h>

namespace weir::agent {
namespace {

TEST(Gpus, TotalsOverAllOfThem) {
  auto gpus = Gpus::open(WEIR_FAKE_NVML);
  ASSERT_TRUE(gpus) << gpus.error().text();
  for (int second = 1; second <= 11; ++second) (*gpus)->integrate(second * kSecond);
  const auto record = (*gpus)->read();
  EXPECT_EQ(record.device_count, 2);
  EXPECT_EQ(record.processes, 6);
  EXPECT_EQ(record.gpu_time, 10 * (800 + 400));
  EXPECT_EQ(record.mem_time, 10 * (200 + 100));
  EXPECT_EQ(record.energy, 10 * 200'000);
  EXPECT_EQ(record.mem_total, 32ULL << 30);
  EXPECT_EQ(record.mem_free, 20ULL << 30);
  EXPECT_EQ(record.ecc_errors, 3);
  EXPECT_EQ(record.temperature, 52) << "the hottest";
  EXPECT_EQ(record.fan_speed, 0) << "a driver without that function";
}

TEST(Gpus, WithoutTheDriverThereAreNone) {
  EXPECT_FALSE(Gpus::open("libno-such-driver.so.1"));
  EXPECT_FALSE(Gpus::open("libc.so.6")) << "a library that is no NVML";
}

}  // namespace
}  // namespace weir::agent
