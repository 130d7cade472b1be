#include <boost/json/object.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "make_captures/made.h"
#include "support/test_agent.h"

namespace weir::captures {

namespace {

namespace json = boost::json;

constexpr const char* kDefinitions = R"({
 "flows": {
  "pairs": {"keys": "ipsource,ipdestination", "value": "bytes"},
  "records": {"keys": "ipsource,ipdestination,tcpdestinationport", "value": "bytes", "values": "frames", "log": true,
              "activeTimeout": 5},
  "sites": {"keys": "group:ipsource:site,group:ipdestination:site", "value": "bytes"},
  "sources": {"keys": "ipdestination", "value": "count:ipsource"},
  "drops": {"keys": "reason,ipsource", "value": "frames", "dropped": true},
  "users": {"keys": "user", "value": "frames"},
  "total": {"value": "bytes"}
 },
 "thresholds": {
  "heavy": {"metric": "pairs", "value": 1250000, "byFlow": true, "timeout": 1},
  "port": {"metric": "ifinoctets", "value": 5000000, "timeout": 10},
  "load": {"metric": "load_one", "value": 2, "timeout": 30}
 },
 "groups": {"site": {"north": ["10.1.0.0/16"], "south": ["10.2.0.0/16"]}}
}
)";
constexpr double kTau = 2, kHeavy = 1'250'000, kRearmAfter = 1;

/// The threshold `heavy` by its definition: one number a flow, updated with each sample.
class HeavyOracle {
 public:
  /// Whether this sample makes an event, and of what value.
  [[nodiscard]] std::optional<double> add(const std::string& place, double amount, double now) {
    Flow& flow = flows_[place];
    // Since when the rate has been below the limit, if it is now.
    const double decayed = flow.rate * std::exp(-(now - flow.last) / kTau);
    if (!flow.armed && decayed < kHeavy && now - (flow.last + kTau * std::log(flow.rate / kHeavy)) >= kRearmAfter)
      flow.armed = true;
    flow.rate = decayed + amount / kTau;
    flow.last = now;
    if (!flow.armed || flow.rate <= kHeavy) return std::nullopt;
    flow.armed = false;
    return flow.rate;
  }

 private:
  struct Flow {
    double rate = 0, last = 0;
    bool armed = true;
  };
  std::map<std::string, Flow> flows_;
};

/// Two switches and a host for half a minute.
class Fabric {
 public:
  Fabric() : leaf_("192.0.2.1"), spine_("192.0.2.2"), host_("192.0.2.3") {
    for (test::TestAgent* agent : {&leaf_, &spine_, &host_}) agent->restart(kBegin - 1'000 * kSecond);
  }

  std::vector<MadeFile> files() {
    for (unsigned tick = 0; tick <= 300; ++tick) step(tick);
    const std::string_view definitions = kDefinitions;
    return {{"fabric.pcap", capture_.pcap()},
            {"fabric.define.json", {definitions.begin(), definitions.end()}},
            {"fabric.events.json", lines(events_)}};
  }

 private:
  /// One tick is 100 ms.
  void step(unsigned tick) {
    const bool first = tick >= 50 && tick < 150, second = tick >= 220 && tick < 270;
    if ((first || second) && tick % 5 == 0) elephant(tick);
    if (tick % 10 == 3) mice(tick);
    if (tick % 50 == 1) ports(tick);
    if (tick % 100 == 2) hosts(tick);
    if (tick % 40 == 7) others(tick);
  }

  /// A pair of addresses that passes 10 Mbit/s by far; both switches see it.
  void elephant(unsigned tick) {
    const test::FlowSpec onLeaf{
        .source = {0, 1}, .from = "10.1.0.1", .to = "10.2.0.1", .bytes = 1500, .rate = 1000, .input = 1, .output = 2};
    test::FlowSpec onSpine = onLeaf;
    onSpine.source = {0, 3};
    onSpine.input = 3;
    onSpine.output = 4;
    leaf_.flow(onLeaf);
    heavy("192.0.2.1", "1", onLeaf, tick, 0);
    send(leaf_, tick, 0);
    spine_.flow(onSpine);
    heavy("192.0.2.2", "3", onSpine, tick, 20);
    send(spine_, tick, 20);
  }

  /// Pairs that never pass the limit; IPv6 among them.
  void mice(unsigned tick) {
    static constexpr const char* kSources[] = {"10.1.0.5", "10.1.0.6", "10.2.0.7", "10.2.0.8", "10.3.0.9"};
    for (const char* from : kSources) {
      const test::FlowSpec mouse{.source = {0, 2},
                                 .from = from,
                                 .to = "10.1.0.1",
                                 .bytes = 300,
                                 .rate = 1000,
                                 .toPort = 443,
                                 .input = 2,
                                 .output = 1};
      leaf_.flow(mouse);
      heavy("192.0.2.1", "2", mouse, tick, 10);
    }
    send(leaf_, tick, 10);
  }

  /// Port 1 carries 2.5 MB/s, and 12.5 MB/s from second 10 to second 15.
  void ports(unsigned tick) {
    leaf_.counters({0, 1}, {.inOctets = octets_, .outOctets = octets_ / 2});
    send(leaf_, tick, 30);
    const bool busy = tick >= 101 && tick < 151;
    octets_ += 5 * (busy ? 12'500'000 : 2'500'000);
    if (tick == 151) event("192.0.2.1", "1", "port", "ifinoctets", 12'500'000, tick, 30);
  }

  void hosts(unsigned tick) {
    host_.host("server1", tick >= 200 ? 3.0F : 0.5F);
    host_.metric("app", "queue_length", tick);
    send(host_, tick, 40);
    if (tick == 202) event("192.0.2.3", "2.1", "load", "load_one", 3, tick, 40);
  }

  /// Drop notifications and a field of an application's own.
  void others(unsigned tick) {
    leaf_.discard({.source = {0, 2}, .from = "10.3.0.9", .to = "10.1.0.1", .input = 2, .output = 0});
    send(leaf_, tick, 50);
    host_.customFlow("app", 10, "user", tick % 3);
    send(host_, tick, 60);
  }

  void heavy(const char* agent, const char* source, const test::FlowSpec& spec, unsigned tick, unsigned offset) {
    const std::string key = std::string(spec.from) + "," + spec.to;
    const double amount = static_cast<double>(spec.bytes) * spec.rate;
    const auto value =
        oracle_.add(std::string(agent) + " " + source + " " + key, amount, tick / 10.0 + offset / 1000.0);
    if (!value) return;
    event(agent, source, "heavy", "pairs", *value, tick, offset);
    events_.back().as_object()["flowKey"] = key;
  }

  void event(const char* agent, const char* source, const char* threshold, const char* metric, double value,
             unsigned tick, unsigned offset) {
    events_.push_back(json::object{{"agent", agent},
                                   {"dataSource", source},
                                   {"thresholdID", threshold},
                                   {"metric", metric},
                                   {"timestamp", timeOf(tick, offset) / kMillisecond},
                                   {"value", value}});
  }

  static Nanos timeOf(unsigned tick, unsigned offset) {
    return kBegin + static_cast<Nanos>(tick) * 100 * kMillisecond + static_cast<Nanos>(offset) * kMillisecond;
  }
  void send(test::TestAgent& agent, unsigned tick, unsigned offset) {
    const Nanos now = timeOf(tick, offset);
    capture_.add(now, agent.finish(now));
  }

  test::TestAgent leaf_, spine_, host_;
  CaptureBuilder capture_;
  HeavyOracle oracle_;
  json::array events_;
  std::uint64_t octets_ = 1'000'000'000;
};

}  // namespace

std::vector<MadeFile> makeFabric() {
  return Fabric().files();
}

}  // namespace weir::captures
