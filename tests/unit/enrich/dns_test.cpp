#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>

#include "enrich/dns_resolver.h"
#include "support/dns_server.h"
#include "support/lookup_bench.h"

namespace weir::enrich {
namespace {

TEST(ReverseName, OfBothFamilies) {
  EXPECT_EQ(reverseName(address("10.1.2.3")), "3.2.1.10.in-addr.arpa");
  EXPECT_EQ(reverseName(address("2001:db8::567:89ab")),
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

/// Answers as they come.
class Answers {
 public:
  DnsResolver::Deliver taker() {
    return [this](unsigned shard, std::vector<DnsAnswer> answers) {
      const std::lock_guard lock(mutex_);
      for (DnsAnswer& answer : answers) all_.emplace_back(shard, std::move(answer));
      arrived_.notify_all();
    };
  }
  std::vector<std::pair<unsigned, DnsAnswer>> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(arrived_.wait_for(lock, std::chrono::seconds(30), [&] { return all_.size() >= count; }));
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::pair<unsigned, DnsAnswer>> all_;
};

TEST(DnsResolver, AsksEachAddressOnce) {
  test::DnsServer server;
  server.set("1.0.0.10.in-addr.arpa", {"host.example.com", 300});
  server.set("2.0.0.10.in-addr.arpa", {"", 0});
  server.set(reverseName(address("2001:db8::1")), {"six.example.com", 1});
  Answers answers;
  auto resolver = DnsResolver::open(server.place(), answers.taker());
  ASSERT_TRUE(resolver) << resolver.error().text();
  EXPECT_EQ((*resolver)->servers(), std::vector<std::string>{"127.0.0.1"});
  (*resolver)->ask(0, {address("10.0.0.1"), address("10.0.0.2"), address("10.0.0.3"), address("2001:db8::1")});
  auto all = answers.wait(4);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second.address < b.second.address; });
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].second.name, "host.example.com.");
  EXPECT_EQ(all[0].second.lifetime, 300 * kSecond);
  EXPECT_EQ(all[1].second.name, "");
  EXPECT_EQ(all[1].second.lifetime, DnsResolver::kNone);
  EXPECT_EQ(all[2].second.name, "") << "there is no such name";
  EXPECT_EQ(all[2].second.lifetime, DnsResolver::kNone);
  EXPECT_EQ(all[3].second.name, "six.example.com.");
  EXPECT_EQ(all[3].second.lifetime, DnsResolver::kLeast);
  EXPECT_EQ(server.asked("1.0.0.10.in-addr.arpa"), 1U);
}

TEST(DnsResolver, ManyQuestions) {
  test::DnsServer server;
  std::vector<IpAddress> addresses;
  for (int i = 0; i < 2'000; ++i) {
    const std::string octets = std::to_string(i / 250) + "." + std::to_string(i % 250);
    addresses.push_back(address("10.0." + octets));
    server.set(reverseName(addresses.back()), {"h" + std::to_string(i) + ".example", 300});
  }
  Answers answers;
  auto resolver = DnsResolver::open(server.place(), answers.taker());
  ASSERT_TRUE(resolver);
  (*resolver)->ask(1, addresses);
  unsigned named = 0;
  for (const auto& [shard, answer] : answers.wait(addresses.size())) {
    EXPECT_EQ(shard, 1U);
    named += !answer.name.empty();
  }
  EXPECT_EQ(named, addresses.size());
}

TEST(DnsResolver, EndsWhileQuestionsAreUnderWay) {
  const int silent = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);  // bound, and never read
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
  socklen_t size = sizeof place;
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&place), &size), 0);
  Answers answers;
  std::optional<bool> hostFailed;  // nothing: the end came before the question was put
  {
    auto resolver = DnsResolver::open("127.0.0.1:" + std::to_string(ntohs(place.sin_port)), answers.taker());
    ASSERT_TRUE(resolver);
    (*resolver)->ask(0, {address("10.0.0.1"), address("10.0.0.2")});
    (*resolver)->addresses("flows.example.com", [&](const auto& a) { hostFailed = !a.has_value(); });
    pollfd wait{silent, POLLIN, 0};
    EXPECT_EQ(::poll(&wait, 1, 10'000), 1);
  }
  EXPECT_NE(hostFailed, false);
  ::close(silent);
}

/// What a host's addresses are, as text.
std::string addressesOf(DnsResolver& resolver, const std::string& host) {
  std::promise<Expected<HostAddresses>> promise;
  auto answer = promise.get_future();
  resolver.addresses(host, [&](Expected<HostAddresses> a) { promise.set_value(std::move(a)); });
  if (answer.wait_for(std::chrono::seconds(30)) != std::future_status::ready) return "no answer";
  const auto got = answer.get();
  if (!got) return "error";
  std::string out;
  for (const IpAddress& each : got->list) out += each.text() + " ";
  return out + std::to_string(got->lifetime / kSecond);
}

TEST(DnsResolver, AddressesOfHosts) {
  test::DnsServer server;
  server.setHost("flows.example.com", {address("2001:db8::9"), address("10.0.0.9")});
  server.setHost("six.example.com", {address("2001:db8::6")});
  Answers answers;
  auto resolver = DnsResolver::open(server.place(), answers.taker());
  ASSERT_TRUE(resolver);
  EXPECT_EQ(addressesOf(**resolver, "flows.example.com."), "10.0.0.9 2001:db8::9 300");
  EXPECT_EQ(addressesOf(**resolver, "six.example.com."), "2001:db8::6 300");
  EXPECT_EQ(addressesOf(**resolver, "nosuch.example.com."), "error");
}

TEST(DnsResolver, AddressesOfTheHostsFile) {
  if (!std::filesystem::exists("/etc/hosts")) GTEST_SKIP() << "this machine has no /etc/hosts";
  test::DnsServer server;
  Answers answers;
  auto resolver = DnsResolver::open(server.place(), answers.taker());
  ASSERT_TRUE(resolver);
  EXPECT_TRUE(addressesOf(**resolver, "localhost").starts_with("127.0.0.1 "));
}

TEST(DnsResolver, WrongServers) {
  Answers answers;
  EXPECT_FALSE(DnsResolver::open("no address", answers.taker()));
}

TEST(PtrAnswer, BehindAnAlias) {
  std::vector<std::uint8_t> query{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const std::string name = test::DnsServer::encoded("1.0.0.10.in-addr.arpa");
  query.insert(query.end(), name.begin(), name.end());
  query.insert(query.end(), {0, 12, 0, 1});
  const test::DnsServer::Record record{"host.example.com", 100'000'000};
  const auto message = test::DnsServer::answer(query, &record, true);
  EXPECT_EQ(readPtrAnswer(address("10.0.0.1"), message).name, "host.example.com.");
  EXPECT_EQ(readPtrAnswer(address("10.0.0.1"), message).lifetime, DnsResolver::kMost);
  // Cut anywhere, and with any octet damaged, it is an answer without a name, or with another one.
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(readPtrAnswer(address("10.0.0.1"), Bytes(message.data(), size)).name, "") << size;
  }
  for (std::size_t i = 0; i < message.size(); ++i) {
    for (const int flip : {0x01, 0x3F, 0x80, 0xC0, 0xFF}) {
      auto bad = message;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ flip);
      EXPECT_LT(readPtrAnswer(address("10.0.0.1"), bad).name.size(), 1'100U);
    }
  }
}

TEST(DnsNames, NothingUntilItIsKnown) {
  test::LookupBench bench;
  const auto names = std::make_shared<DnsNames>();
  bench.set({flow::LookupKind::dns, ""}, names);
  names->setTime(1'000 * kSecond);
  EXPECT_EQ(bench.key("dns:ipsource"), std::nullopt);
  EXPECT_EQ(bench.key("null:[dns:ipsource]:"), "");
  EXPECT_EQ(names->takeWanted(), std::vector<IpAddress>{address("10.0.0.1")}) << "asked for once";
  EXPECT_EQ(bench.key("dns:ipsource"), std::nullopt);
  EXPECT_FALSE(names->wants());
  names->put({{address("10.0.0.1"), "host.example.com.", 60 * kSecond}, {address("10.0.0.9"), "x.", kSecond}});
  EXPECT_EQ(bench.key("dns:ipsource"), "host.example.com.");
  EXPECT_EQ(bench.key("suffix:[dns:ipsource]:.:2"), "com.");
  EXPECT_EQ(bench.accepts("dns:ipsource~.*[.]example[.]com[.]"), true);
  bench.from("2001:db8::1");
  EXPECT_EQ(bench.key("dns:ip6source"), std::nullopt);
  EXPECT_EQ(names->takeWanted(), std::vector<IpAddress>{address("2001:db8::1")});
}

TEST(DnsNames, OldNamesStayWhileTheyAreAskedForAgain) {
  test::LookupBench bench;
  const auto names = std::make_shared<DnsNames>();
  bench.set({flow::LookupKind::dns, ""}, names);
  names->setTime(0);
  (void)bench.key("dns:ipsource");
  (void)names->takeWanted();
  names->put({{address("10.0.0.1"), "old.", 60 * kSecond}});
  names->setTime(59 * kSecond);
  EXPECT_EQ(bench.key("dns:ipsource"), "old.");
  EXPECT_FALSE(names->wants());
  names->setTime(60 * kSecond);
  EXPECT_EQ(bench.key("dns:ipsource"), "old.");
  EXPECT_EQ(names->takeWanted().size(), 1U);
  names->put({{address("10.0.0.1"), "new.", 60 * kSecond}});
  EXPECT_EQ(bench.key("dns:ipsource"), "new.");
  names->setTime(200 * kSecond);
  (void)bench.key("dns:ipsource");
  names->put({{address("10.0.0.1"), "", 60 * kSecond}});
  EXPECT_EQ(bench.key("dns:ipsource"), std::nullopt) << "it has no name any more";
}

TEST(DnsNames, Bounded) {
  test::LookupBench bench;
  const auto names = std::make_shared<DnsNames>();
  bench.set({flow::LookupKind::dns, ""}, names);
  std::size_t asked = 0;
  for (int i = 0; i < 3'000; ++i) {
    names->setTime(i * kMillisecond);
    bench.from("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    EXPECT_EQ(bench.key("dns:ipsource"), std::nullopt);
    if (i % 2'000 == 1'999) asked += names->takeWanted().size();
  }
  asked += names->takeWanted().size();
  EXPECT_EQ(asked, DnsNames::kMaxWanted + 1'000) << "what is beyond waits until the list was taken";
}

}  // namespace
}  // namespace weir::enrich
