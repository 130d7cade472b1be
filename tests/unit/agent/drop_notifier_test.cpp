#include "agent/drop_notifier.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <vector>

#include "agent/drop_reason.h"

namespace weir::agent {
namespace {

std::uint32_t code(std::string_view reason, std::string_view trap = "", std::string_view group = "",
                   std::string_view function = "") {
  DropEvent event;
  event.reason = reason;
  event.trap = trap;
  event.trapGroup = group;
  event.function = function;
  return dropReasonCode(event);
}

TEST(DropReason, KernelNamesHaveTheCodesOfTheList) {
  EXPECT_EQ(code("NO_SOCKET"), 3);
  EXPECT_EQ(code("NETFILTER_DROP"), 258);
  EXPECT_EQ(code("SOCKET_RCVBUFF"), 259);
  EXPECT_EQ(code("NEIGH_FAILED"), 279);
  EXPECT_EQ(code("QDISC_DROP"), 261);
  EXPECT_EQ(code("PKT_TOO_SMALL"), 324) << "by sFlow's own name";
  EXPECT_EQ(code("TCP_FLAGS"), 340);
  EXPECT_EQ(code("TC_EGRESS"), 366);
  EXPECT_EQ(code("DEV_HDR"), 332);
  EXPECT_EQ(code("XDP"), 367);
  EXPECT_EQ(code("SOMETHING_NEW"), 256);
}

TEST(DropReason, TrapThenGroupThenFunctionDecide) {
  EXPECT_EQ(code("", "ttl_value_is_too_small", "l3_exceptions"), 257);
  EXPECT_EQ(code("", "brand_new_trap", "l3_exceptions"), 286);
  EXPECT_EQ(code("NOT_SPECIFIED", "", "", "tcp_v4_rcv"), 289);
  EXPECT_EQ(code("", "", "", "ip_rcv_core"), 285);
  EXPECT_EQ(code("", "", "", "br_handle_frame"), 284);
  EXPECT_EQ(code(""), 256);
}

/// Drops that the test says.
struct FakeSource : DropSource {
  netlink::Descriptor readEnd, writeEnd;
  std::vector<DropEvent> events;
  std::uint64_t heldBack = 0;
  FakeSource() {
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    readEnd = netlink::Descriptor(fds[0]);
    writeEnd = netlink::Descriptor(fds[1]);
  }
  [[nodiscard]] int fd() const override { return readEnd.get(); }
  void read(const Visit& visit) override {
    char c;
    EXPECT_EQ(::read(readEnd.get(), &c, 1), 1);
    for (const auto& event : events) visit(event);
    events.clear();
  }
  void allow(std::uint32_t) override {}
  [[nodiscard]] std::uint64_t takeHeldBack() override { return std::exchange(heldBack, 0); }
};

struct DropBench {
  EventLoop loop;
  std::vector<std::vector<std::uint8_t>> datagrams;
  SampleSender sender{[this](Bytes d) { datagrams.emplace_back(d.begin(), d.end()); }, 0};
  SequenceBook book;
  FakeSource* source = nullptr;
  int opened = 0;
  DropNotifier notifier{loop, sender, book, [this](const DropmonSettings&) -> Expected<std::unique_ptr<DropSource>> {
                          ++opened;
                          auto made = std::make_unique<FakeSource>();
                          source = made.get();
                          return made;
                        }};
  std::array<std::uint8_t, 60> octets{};

  DropBench() {
    const std::uint8_t address[] = {10, 0, 0, 1};
    sender.setIdentity(IpAddress::v4(address), 1);
  }
  DropEvent event(std::string_view reason) {
    DropEvent out;
    out.packet = octets;
    out.ethernet = true;
    out.etherType = 0x0800;
    out.length = 100;
    out.inDevice = 4;
    out.reason = reason;
    return out;
  }
  void drop(std::vector<DropEvent> events) {
    source->events = std::move(events);
    EXPECT_EQ(::write(source->writeEnd.get(), "x", 1), 1);
    loop.runOnce(kSecond);
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> reported() {  // reason and drops
    sender.flush();
    std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
    for (const auto& d : datagrams) {
      auto reader = wire::DatagramReader::open(d).value();
      for (wire::Sample s; reader.next(s);) {
        EXPECT_EQ(s.kind, wire::SampleKind::discard);
        EXPECT_EQ(s.sequence, out.size() + 1);
        EXPECT_EQ(s.input.value, 4);
        out.emplace_back(s.reason, s.drops);
      }
    }
    return out;
  }
};

TEST(DropNotifier, ReportsWithReasonAndIgnoresWhatIsNoLoss) {
  DropBench bench;
  DropmonSettings settings;
  settings.hide = "^UDP_";
  bench.notifier.apply(settings, 128);
  auto message = bench.event("NO_SOCKET");
  message.etherType = 0;  // between programs
  bench.drop({bench.event("NO_SOCKET"), bench.event("SOCKET_CLOSE"), bench.event("UDP_CSUM"), message,
              bench.event("TTL_EXCEEDED")});
  using Pair = std::pair<std::uint32_t, std::uint32_t>;
  EXPECT_EQ(bench.reported(), (std::vector<Pair>{{3, 0}, {257, 0}}));
  EXPECT_EQ(bench.notifier.seen(), 2);
}

TEST(DropNotifier, TheLimitHoldsAndTheRestIsCounted) {
  DropBench bench;
  DropmonSettings settings;
  settings.limit = 50;  // five in a tenth of a second
  bench.notifier.apply(settings, 128);
  bench.drop(std::vector<DropEvent>(20, bench.event("NO_SOCKET")));
  EXPECT_EQ(bench.reported().size(), 5);
  bench.source->heldBack = 100;
  bench.notifier.tick(bench.loop.now());
  EXPECT_EQ(bench.book.of({0, 0}).drops, 115);
  EXPECT_EQ(bench.notifier.seen(), 120);
}

TEST(DropNotifier, AFloodCutsTheFeedUntilItMayTryAgain) {
  DropBench bench;
  DropmonSettings settings;
  settings.max = 1000;
  bench.notifier.apply(settings, 128);
  const Nanos now = bench.loop.now();
  bench.source->heldBack = 5000;
  bench.notifier.tick(now);
  EXPECT_EQ(bench.opened, 1);
  bench.source->heldBack = 5000;
  bench.notifier.tick(now);  // the second flood in a row
  bench.notifier.tick(now + DropNotifier::kRest - 1);
  EXPECT_EQ(bench.opened, 1) << "it rests";
  bench.notifier.tick(now + DropNotifier::kRest);
  EXPECT_EQ(bench.opened, 2) << "and begins anew by itself";
  for (int i = 0; i < 2; ++i) {
    bench.source->heldBack = 5000;
    bench.notifier.tick(now + DropNotifier::kRest);
  }
  bench.notifier.apply(std::nullopt, 128);
  bench.notifier.apply(settings, 128);
  EXPECT_EQ(bench.opened, 3) << "a new configuration may try at once";
}

}  // namespace
}  // namespace weir::agent
