#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "engine/datagram_source.h"
#include "unit/ingest/capture_files.h"

namespace weir::engine {
namespace {

using namespace weir::test;

/// A datagram to `port` that holds `body`, at a second of the capture.
Frame datagram(std::uint32_t second, std::uint16_t port, const std::string& body) {
  const Octets payload = text(body);
  return {second, 0, ip4(be(5000, 2) + be(port, 2) + be(payload.size() + 8, 2) + be(0, 2) + payload)};
}

std::string bodies(DatagramSource& source) {
  std::string out;
  TimedDatagram one;
  while (source.next(one)) out.append(one.payload.begin(), one.payload.end());
  return out;
}

std::string ofFile(const Octets& capture) {
  const TemporaryFile file(capture);
  auto source = openCapture(file.path(), 6343);
  return source ? bodies(**source) : source.error().text();
}

/// The same through a named pipe.
std::string ofPipe(const Octets& capture) {
  const TemporaryFile place(Octets{});
  std::remove(place.path().c_str());
  if (mkfifo(place.path().c_str(), 0600) != 0) return "no pipe";
  auto source = openCapture(place.path(), 6343);
  if (!source) return source.error().text();
  std::thread writer([&] {
    const int fd = open(place.path().c_str(), O_WRONLY);
    for (std::size_t at = 0; at < capture.size();) {
      const ssize_t n = write(fd, capture.data() + at, capture.size() - at);
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
    close(fd);
  });
  std::string out;
  if (const auto begun = (*source)->begin(); !begun) out = begun.error().text();
  if (out.empty()) out = bodies(**source);
  writer.join();
  return out;
}

TEST(CaptureSource, TakesTheDatagramsOfThePort) {
  const Octets capture =
      pcap(101, {datagram(1, 53, "a"), datagram(2, 6343, "b"), datagram(9, 53, "c"), datagram(9, 6343, "d")});
  EXPECT_EQ(ofFile(capture), "bd");
  EXPECT_EQ(ofPipe(capture), "bd");
}

TEST(CaptureSource, TakesAllWhereThePortIsAbsent) {
  const Octets capture = pcap(101, {datagram(1, 7000, "a"), datagram(2, 7001, "b"), datagram(90, 53, "c")});
  EXPECT_EQ(ofFile(capture), "abc");
  EXPECT_EQ(ofPipe(capture), "abc");
}

TEST(CaptureSource, PipeDecidesWithinTenSecondsOrFourMebibytes) {
  EXPECT_EQ(ofPipe(pcap(101, {datagram(1, 53, "a"), datagram(10, 6343, "b"), datagram(11, 53, "c")})), "b");
  EXPECT_EQ(ofPipe(pcap(101, {datagram(1, 53, "a"), datagram(11, 53, "b"), datagram(12, 6343, "c")})), "abc");
  std::vector<Frame> many;
  const std::string large(60'000, 'x');
  for (int i = 0; i < 80; ++i) many.push_back(datagram(1, 53, large));
  many.push_back(datagram(2, 6343, "y"));
  EXPECT_EQ(ofPipe(pcap(101, many)).size(), 80 * large.size() + 1);
}

TEST(CaptureSource, GarbageIsAnErrorAndWaitsForNothing) {
  EXPECT_NE(ofFile(text("garbage")).find("not a pcap or pcapng capture"), std::string::npos);
  EXPECT_NE(ofPipe(text("garbage")).find("not a pcap or pcapng capture"), std::string::npos);
}

TEST(CaptureSource, PipeCannotBeRewound) {
  const TemporaryFile file(pcap(101, {datagram(1, 6343, "a")}));
  const auto source = openCapture(file.path(), 6343);
  ASSERT_TRUE(source);
  EXPECT_EQ(bodies(**source), "a");
  EXPECT_TRUE((*source)->rewind());
  EXPECT_EQ(bodies(**source), "a");
}

TEST(CaptureSource, InterruptEndsWaiting) {
  const TemporaryFile place(Octets{});
  std::remove(place.path().c_str());
  ASSERT_EQ(mkfifo(place.path().c_str(), 0600), 0);
  const auto source = openCapture(place.path(), 6343);
  ASSERT_TRUE(source);
  std::thread stopper([&] { (*source)->interrupt(); });
  TimedDatagram none;
  EXPECT_FALSE((*source)->next(none));
  stopper.join();
  EXPECT_EQ((*source)->report().error, "");
}

}  // namespace
}  // namespace weir::engine
