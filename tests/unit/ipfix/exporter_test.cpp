#include "ipfix/exporter.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/socket_address.h"
#include "flows.h"
#include "support/ipfix_decoder.h"

namespace weir::ipfix {
namespace {

using test::address;
using test::kStart;
using test::pairsTo;
using test::recordOf;

/// A collector on loopback.
class Listener {
 public:
  explicit Listener(const char* on = "127.0.0.1") {
    SocketAddress place(address(on), 0);
    socket_ = ::socket(place.octets.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int size = 4 << 20;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    EXPECT_EQ(::bind(socket_, place.get(), place.size), 0);
    ::getsockname(socket_, place.get(), &place.size);
    port_ = ntohs(reinterpret_cast<sockaddr_in*>(place.get())->sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// The next message; fails the test when none comes.
  test::IpfixDecoder::Message next() {
    pollfd wait{socket_, POLLIN, 0};
    if (::poll(&wait, 1, 30'000) != 1) {
      ADD_FAILURE() << "no message";
      return {};
    }
    std::uint8_t buffer[2048];
    const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
    return decoder_.decode({buffer, static_cast<std::size_t>(size)});
  }
  /// All records until there are `count`.
  std::vector<test::IpfixDecoder::DataRecord> records(std::size_t count) {
    std::vector<test::IpfixDecoder::DataRecord> all;
    while (all.size() < count && !testing::Test::HasFailure()) {
      for (auto& record : next().records) all.push_back(std::move(record));
    }
    return all;
  }

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
  test::IpfixDecoder decoder_;
};

Exporter::Resolve noNames() {
  return [](const std::string& host, const Exporter::Answered&) { ADD_FAILURE() << "asked for " << host; };
}

std::vector<Record> recordsOf(const std::shared_ptr<const FlowExport>& flow, std::size_t count) {
  std::vector<Record> records;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) records.push_back(recordOf(flow, static_cast<double>(i)));
  return records;
}

TEST(Exporter, TellsTemplatesAtOnceAndRecordsWithinASecond) {
  Listener collector;
  Exporter exporter(noNames(), [] { return kStart; });
  const auto flow = pairsTo({{"127.0.0.1", collector.port()}});
  exporter.adopt({flow});
  const auto first = collector.next();
  EXPECT_EQ(first.templates.size(), 2U);
  EXPECT_EQ(first.exportTime, kStart / kSecond);
  const Nanos posted = monotonicNow();
  exporter.post(recordsOf(flow, 3));
  EXPECT_EQ(collector.records(3).size(), 3U);
  EXPECT_GE(monotonicNow() - posted, Exporter::kGather);
  exporter.stop();
  EXPECT_EQ(exporter.figures().messages, 2U);
  EXPECT_EQ(exporter.figures().recordsSent, 3U);
  EXPECT_EQ(exporter.figures().recordsLost, 0U);
}

TEST(Exporter, EachCollectorGetsItsRecords) {
  Listener one, two("::1");
  Exporter exporter(noNames(), [] { return kStart; });
  const auto both = pairsTo({{"127.0.0.1", one.port()}, {"::1", two.port()}});
  const auto second = pairsTo({{"::1", two.port()}}, true);
  exporter.adopt({both, second});
  exporter.post(recordsOf(both, 2));
  exporter.post(recordsOf(second, 1));
  exporter.stop();
  EXPECT_EQ(one.records(2).size(), 2U);
  EXPECT_EQ(two.records(3).size(), 3U);
  EXPECT_EQ(exporter.figures().recordsSent, 5U);
}

TEST(Exporter, TheEndSendsWhatWaits) {
  Listener collector;
  Exporter exporter(noNames(), [] { return kStart; });
  const auto flow = pairsTo({{"127.0.0.1", collector.port()}});
  exporter.adopt({flow});
  exporter.post(recordsOf(flow, 1'000));
  exporter.stop();
  const auto records = collector.records(1'000);
  ASSERT_EQ(records.size(), 1'000U);
  for (std::size_t i = 0; i < records.size(); ++i) EXPECT_EQ(records[i].number(1), i);
  exporter.adopt({flow});
  exporter.stop();
}

TEST(Exporter, RecordsOfADefinitionThatGoesAreSent) {
  Listener collector;
  Exporter exporter(noNames(), [] { return kStart; });
  const auto before = pairsTo({{"127.0.0.1", collector.port()}});
  const auto after = pairsTo({{"127.0.0.1", collector.port()}}, true);
  exporter.adopt({before});
  EXPECT_EQ(collector.next().templates.size(), 2U);
  exporter.post(recordsOf(before, 1));
  exporter.adopt({after});
  exporter.post(recordsOf(after, 1));
  exporter.post(recordsOf(before, 1));
  exporter.stop();
  // A straggler of the old definition may have been in time or not, but is not forgotten.
  EXPECT_GE(exporter.figures().recordsSent, 2U);
  EXPECT_EQ(exporter.figures().recordsSent + exporter.figures().recordsLost, 3U);
  const auto records = collector.records(exporter.figures().recordsSent);
  EXPECT_TRUE(records.front().has(136)) << "of the definition that went";
  EXPECT_EQ(std::ranges::count_if(records, [](const auto& r) { return !r.has(136); }), 1);
}

TEST(Exporter, ACollectorThatIsUsedAgainGoesOnWithItsNumbers) {
  Listener collector;  // its decoder takes no template number for two templates, and knows the sequence
  Exporter exporter(noNames(), [] { return kStart; });
  const auto before = pairsTo({{"127.0.0.1", collector.port()}});
  const auto after = pairsTo({{"127.0.0.1", collector.port()}}, true);
  exporter.adopt({before});
  exporter.post(recordsOf(before, 1));
  EXPECT_EQ(collector.records(1).size(), 1U);
  exporter.adopt({});
  exporter.adopt({after});
  exporter.post(recordsOf(after, 1));
  EXPECT_EQ(collector.records(1).size(), 1U);
}

TEST(Exporter, WhatWaitsIsBoundedAndCounted) {
  Exporter exporter(noNames(), [] { return kStart; });
  const auto flow = pairsTo({{"127.0.0.1", 9}, {"127.0.0.2", 9}});
  exporter.post(recordsOf(flow, Exporter::kMaxWaiting + 7));  // no thread yet: nothing takes them
  EXPECT_EQ(exporter.figures().recordsLost, 14U) << "two collectors";
  exporter.post(recordsOf(flow, 3));
  EXPECT_EQ(exporter.figures().recordsLost, 20U);
}

TEST(Exporter, WhatTheKernelRefusesIsCountedAndInTheLog) {
  testing::internal::CaptureStderr();
  Exporter exporter(noNames(), [] { return kStart; });
  const auto flow = pairsTo({{"255.255.255.255", 9}});  // broadcast needs a socket option
  exporter.adopt({flow});
  exporter.post(recordsOf(flow, 2));
  exporter.stop();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("IPFIX collector 255.255.255.255:9 cannot be sent to: "), std::string::npos) << log;
  EXPECT_EQ(exporter.figures().recordsSent, 0U);
  EXPECT_EQ(exporter.figures().recordsLost, 2U);
}

TEST(Exporter, HostsAreAskedForUntilTheyAreKnown) {
  Listener collector;
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<std::pair<std::string, Exporter::Answered>> asked;
  const auto question = [&] {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(arrived.wait_for(lock, std::chrono::seconds(30), [&] { return !asked.empty(); }));
    auto first = std::move(asked.front());
    asked.erase(asked.begin());
    return first;
  };
  Exporter exporter(
      [&](const std::string& host, Exporter::Answered done) {
        const std::lock_guard lock(mutex);
        asked.emplace_back(host, std::move(done));
        arrived.notify_all();
      },
      [] { return kStart; });
  const auto flow = pairsTo({{"flows.example.com", collector.port()}});
  exporter.adopt({flow});
  auto [host, done] = question();
  EXPECT_EQ(host, "flows.example.com");
  exporter.post(recordsOf(flow, Exporter::kMaxWaiting / 2));  // enough to be taken at once
  done(fail("no such host"));
  auto [again, doneAgain] = question();  // two seconds later
  EXPECT_EQ(again, "flows.example.com");
  EXPECT_EQ(exporter.figures().recordsLost, Exporter::kMaxWaiting / 2) << "there was no address";
  doneAgain(HostAddresses{{address("127.0.0.1")}, 300 * kSecond});
  EXPECT_EQ(collector.next().templates.size(), 2U);
  exporter.post(recordsOf(flow, 1));
  exporter.stop();
  EXPECT_EQ(collector.records(1).size(), 1U);
  EXPECT_EQ(exporter.figures().recordsSent, 1U);
}

}  // namespace
}  // namespace weir::ipfix
