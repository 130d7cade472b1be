#include "model/sender_watch.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::model {
namespace {

using Verdict = SenderWatch::Verdict;

/// A device that counts its datagrams and its uptime.
struct Device {
  std::uint32_t sequence, uptimeMs;
};

class SenderWatchTest : public testing::Test {
 protected:
  /// Time passes, and a device sends its next datagram from an address.
  Verdict send(Device& device, const char* from, double seconds = 1) {
    now_ += nanosFromSeconds(seconds);
    return note(from, ++device.sequence, static_cast<std::uint32_t>(device.uptimeMs + now_ / kMillisecond));
  }
  Verdict note(const char* from, std::uint32_t sequence, std::uint32_t uptimeMs, std::string_view content = "c") {
    const Bytes octets(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
    return watch_.note({*IpAddress::parse(from), sequence, uptimeMs, now_}, octets);
  }
  void restart(Device& device) { device = {0, static_cast<std::uint32_t>(-(now_ / kMillisecond))}; }
  void separate(const char* other) { watch_.separate(*IpAddress::parse(other)); }
  std::string others() {
    std::string out;
    for (const IpAddress& other : watch_.others(now_)) out += (out.empty() ? "" : " ") + other.text();
    return out;
  }
  SenderWatch watch_;
  Nanos now_ = 0;
};

TEST_F(SenderWatchTest, TwoDevicesTakeTurns) {
  Device a{1000, 90'000'000}, b{7, 60'000};
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::same);
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::same);
  EXPECT_EQ(send(b, "192.0.2.2"), Verdict::different);
  EXPECT_EQ(send(b, "192.0.2.2"), Verdict::same);
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::conflict);
  EXPECT_EQ(watch_.rival().text(), "192.0.2.2");
  EXPECT_EQ(others(), "") << "who of them is another device is not for the watch to say";
}

TEST_F(SenderWatchTest, SlowDevicesTakeTurnsTwice) {
  Device a{1000, 90'000'000}, b{7, 60'000};
  send(a, "192.0.2.1", 50);
  EXPECT_EQ(send(b, "192.0.2.2", 50), Verdict::different);
  EXPECT_EQ(send(a, "192.0.2.1", 50), Verdict::different);
  EXPECT_EQ(send(b, "192.0.2.2", 50), Verdict::conflict);
}

TEST_F(SenderWatchTest, DevicesThatStartedTogetherDifferByTheirCounts) {
  for (const std::uint32_t lead : {1, 9, 50, 1000, 5000, 1'000'000}) {
    watch_ = {};
    Device a{100, 60'000}, b{100 + lead, 60'000};
    EXPECT_EQ(send(a, "192.0.2.1"), Verdict::same);
    EXPECT_EQ(send(b, "192.0.2.2"), lead <= 4096 ? Verdict::same : Verdict::different) << "as if some were lost";
    EXPECT_EQ(send(a, "192.0.2.1"), Verdict::conflict)
        << lead << ": a number that is earlier, at an uptime that is later";
  }
}

TEST_F(SenderWatchTest, DevicesOfEqualCountsDifferByTheirUptime) {
  Device a{100, 60'000}, b{100, 70'000};
  send(a, "192.0.2.1");
  EXPECT_EQ(send(b, "192.0.2.2"), Verdict::different);
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::conflict);
}

TEST_F(SenderWatchTest, DevicesInLockStepDifferByWhatTheySend) {
  for (const bool equal : {false, true}) {
    watch_ = {};
    unsigned conflicts = 0;
    for (std::uint32_t i = 1; i <= 5; ++i) {
      note("192.0.2.1", i, 60'000 + 1000 * i, "a" + std::to_string(i));
      conflicts +=
          note("192.0.2.2", i, 60'000 + 1000 * i, (equal ? "a" : "b") + std::to_string(i)) == Verdict::conflict;
    }
    EXPECT_EQ(conflicts != 0, !equal) << "the same content comes twice by two ways";
  }
}

TEST_F(SenderWatchTest, AfterTheConflictSendersAreKnown) {
  Device a{1000, 90'000'000}, b{7, 60'000}, c{77, 600'000};
  send(a, "192.0.2.1");
  send(b, "192.0.2.2");
  ASSERT_EQ(send(a, "192.0.2.1"), Verdict::conflict);
  separate("192.0.2.2");
  EXPECT_EQ(watch_.sender().text(), "192.0.2.1");
  EXPECT_EQ(send(b, "192.0.2.2"), Verdict::other);
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::same) << "not a restart";
  EXPECT_EQ(send(c, "192.0.2.3"), Verdict::other) << "a third device, at once";
  EXPECT_EQ(send(a, "192.0.2.9"), Verdict::same) << "another address of the first";
  EXPECT_EQ(others(), "192.0.2.2 192.0.2.3");
  now_ += 3600 * kSecond;
  EXPECT_EQ(others(), "");
  EXPECT_EQ(send(a, "192.0.2.2"), Verdict::same) << "an address that another device had an hour ago";
}

TEST_F(SenderWatchTest, TheLaterSenderMayBeTheOneThatLeaves) {
  Device a{1000, 90'000'000}, b{7, 60'000};
  send(b, "192.0.2.2");
  send(a, "192.0.2.1");
  ASSERT_EQ(send(b, "192.0.2.2"), Verdict::conflict);
  separate("192.0.2.2");
  EXPECT_EQ(watch_.sender().text(), "192.0.2.1") << "the last datagram of this device is the one before";
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::same);
  EXPECT_EQ(send(b, "192.0.2.2"), Verdict::other);
}

TEST_F(SenderWatchTest, ForgedSendersDoNotPushTheDeviceOut) {
  Device a{1000, 90'000'000};
  send(a, "192.0.2.1");
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(note(("198.51.100." + std::to_string(i)).c_str(), i * 77'777, i * 100'000), Verdict::different) << i;
  }
  EXPECT_EQ(send(a, "192.0.2.1"), Verdict::conflict);
}

TEST_F(SenderWatchTest, OneDeviceWithSeveralAddressesIsOne) {
  Device device{4'294'967'290, 4'294'960'000};  // count and uptime wrap on the way
  const char* const addresses[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.3", "192.0.2.4", "192.0.2.5"};
  for (int i = 0; i < 100; ++i) {
    if (i % 7 == 0) device.sequence += 3;  // lost on the way
    ASSERT_EQ(send(device, addresses[i * i % 6]), Verdict::same) << i;
  }
}

TEST_F(SenderWatchTest, OneOfTwoWaysTakesLonger) {
  for (std::uint32_t i = 0; i < 200; ++i) {  // 10 datagrams a second; those of the second way come 4 s late
    now_ += 100 * kMillisecond;
    ASSERT_EQ(note("192.0.2.1", 1000 + i, 60'000 + 100 * i), Verdict::same) << i;
    if (i < 40) continue;
    ASSERT_EQ(note("192.0.2.2", 960 + i, 56'000 + 100 * i), Verdict::same) << i;
  }
}

TEST_F(SenderWatchTest, SendersThatDoNotCountDifferByTheirUptimeOnly) {
  for (std::uint32_t i = 0; i < 20; ++i) {
    now_ += kSecond;
    ASSERT_EQ(note(i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", 0, 60'000 + 1000 * i), Verdict::same) << i;
  }
}

TEST_F(SenderWatchTest, DeviceThatBeginsAnewBehindAnotherAddressIsOne) {
  Device device{5000, 60'000};
  send(device, "192.0.2.1");
  restart(device);
  EXPECT_EQ(send(device, "192.0.2.2", 60), Verdict::different);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(device, "192.0.2.2"), Verdict::same);
  restart(device);
  EXPECT_EQ(send(device, "192.0.2.1", 60), Verdict::different) << "and back, with a count of its own";
  EXPECT_EQ(send(device, "192.0.2.1"), Verdict::same);
}

TEST_F(SenderWatchTest, DeviceThatBeginsAnewTimeAndAgainIsOne) {
  Device device{0, 0};
  for (int i = 0; i < 20; ++i) {
    EXPECT_NE(send(device, i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", 20), Verdict::conflict) << i;
    EXPECT_NE(send(device, i % 2 == 0 ? "192.0.2.1" : "192.0.2.2", 10), Verdict::conflict) << i;
    restart(device);
  }
}

TEST_F(SenderWatchTest, RareTurnsDoNotAddUp) {
  Device a{1000, 90'000'000}, b{7, 60'000};
  send(a, "192.0.2.1");
  send(b, "192.0.2.2");
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_EQ(send(a, "192.0.2.1", 3600), Verdict::different);
    EXPECT_EQ(send(b, "192.0.2.2", 3600), Verdict::different);
  }
}

}  // namespace
}  // namespace weir::model
