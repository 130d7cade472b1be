// The files of docs/examples as they are: each threshold fires on the traffic that it is for, and none on ordinary
// traffic.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "support/engine_runner.h"

namespace weir {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kEsp = 50;
constexpr std::uint8_t kSyn = 0x02, kAck = 0x10;

/// A packet of the traffic, and how many of it a second.
struct Stream {
  std::string from, to;
  std::uint8_t protocol = kTcp;
  std::uint16_t fromPort = 40'000, toPort = 443;
  std::uint8_t tcpFlags = kAck;
  std::uint16_t fragment = 0;  ///< flags and offset of IPv4
  std::uint32_t bytes = 500;
  double perSecond = 0;
};

void put16(Octets& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// Its first octets: Ethernet, IPv4 or IPv6, and the ports.
Octets frameOf(const Stream& stream) {
  const IpAddress from = test::address(stream.from), to = test::address(stream.to);
  const bool v6 = from.family == IpAddress::Family::v6;
  Octets frame = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  put16(frame, v6 ? 0x86DD : 0x0800);
  const auto length = static_cast<std::uint16_t>(stream.bytes - 18);
  if (v6) {
    frame.insert(frame.end(), {0x60, 0, 0, 0});
    put16(frame, static_cast<std::uint16_t>(length - 40));
    frame.insert(frame.end(), {stream.protocol, 64});
  } else {
    frame.insert(frame.end(), {0x45, 0});
    put16(frame, length);
    put16(frame, 1);
    put16(frame, stream.fragment);
    frame.insert(frame.end(), {64, stream.protocol, 0, 0});
  }
  const std::ptrdiff_t size = v6 ? 16 : 4;
  frame.insert(frame.end(), from.octets.begin(), from.octets.begin() + size);
  frame.insert(frame.end(), to.octets.begin(), to.octets.begin() + size);
  if (stream.protocol == kIcmp) {
    frame.insert(frame.end(), {8, 0, 0, 0, 0, 1, 0, 1});
  } else {
    put16(frame, stream.fromPort);
    put16(frame, stream.toPort);
    frame.insert(frame.end(), {0, 0, 0, 1, 0, 0, 0, 0, 0x50, stream.tcpFlags, 0x10, 0, 0, 0, 0, 0});
  }
  return frame;
}

/// Five seconds of it, sampled 1 in `rate` at one port of a switch.
std::shared_ptr<const test::Capture> sampled(const std::vector<Stream>& streams, std::uint32_t rate) {
  constexpr Nanos kStep = 20 * kMillisecond;
  auto capture = std::make_shared<test::Capture>();
  test::TestAgent agent("10.0.0.1");
  std::vector<double> due(streams.size(), 0.0);
  std::uint32_t sequence = 0;
  for (Nanos time = 0; time < 5 * kSecond; time += kStep) {
    for (std::size_t i = 0; i < streams.size(); ++i) {
      // The first packets of streams are at different times.
      if (time == 0) due[i] = static_cast<double>(i) / static_cast<double>(streams.size());
      for (due[i] += streams[i].perSecond / rate * secondsFromNanos(kStep); due[i] >= 1; due[i] -= 1) {
        wire::Sample sample;
        sample.kind = wire::SampleKind::flow;
        sample.expanded = true;
        sample.source = {0, 1};
        sample.sequence = ++sequence;
        sample.samplingRate = rate;
        sample.samplePool = sequence * rate;
        sample.input = {0, 1};
        sample.output = {0, 2};
        const Octets frame = frameOf(streams[i]);
        agent.writer().beginSample(sample);
        agent.writer().add(wire::SampledHeader{1, streams[i].bytes, 4, frame});
        EXPECT_TRUE(agent.writer().endSample());
      }
    }
    const Nanos now = test::kStart + time;
    const Bytes payload = agent.finish(now);
    capture->push_back({now, test::address("192.0.2.1"), {payload.begin(), payload.end()}});
  }
  return capture;
}

/// One attack of each kind on a public address that no group names, by many sources that are public, too.
std::vector<Stream> attacks() {
  constexpr double kPerSecond = 2'000;  // of each source
  const std::vector<Stream> kinds = {
      {.protocol = kEsp},
      {.protocol = kUdp, .fragment = 0x2000},
      {.protocol = kIcmp},
      {.protocol = kUdp, .toPort = 27'015},
      {.protocol = kUdp, .fromPort = 123, .toPort = 50'000},
      {.tcpFlags = kSyn},
      {.tcpFlags = kAck, .bytes = 1'500},
      {.fromPort = 443, .toPort = 50'001, .tcpFlags = kSyn | kAck},
  };
  std::vector<Stream> streams;
  for (int source = 1; source <= 20; ++source) {
    for (Stream kind : kinds) {
      kind.from = "203.0.113." + std::to_string(source);
      kind.to = "198.18.7.1";
      kind.perSecond = kPerSecond;
      streams.push_back(kind);
    }
    for (const std::uint8_t protocol : {kUdp, kTcp}) {
      streams.push_back({.from = "2001:db8:200::" + std::to_string(source),
                         .to = "2001:db8:300::1",
                         .protocol = protocol,
                         .perSecond = kPerSecond});
    }
  }
  return streams;
}

/// Clients of a web and a name server, with their answers, pings and new connections.
std::vector<Stream> ordinary() {
  std::vector<Stream> streams;
  for (int client = 1; client <= 50; ++client) {
    const std::string v4 = "203.0.113." + std::to_string(client), v6 = "2001:db8:200::" + std::to_string(client);
    const auto port = static_cast<std::uint16_t>(30'000 + client);
    for (const auto& [from, to] :
         {std::pair(v4, std::string("198.18.7.1")), std::pair(v6, std::string("2001:db8:300::1"))}) {
      streams.push_back({.from = from, .to = to, .fromPort = port, .bytes = 100, .perSecond = 60});
      streams.push_back({.from = from, .to = to, .fromPort = port, .tcpFlags = kSyn, .bytes = 78, .perSecond = 2});
      streams.push_back({.from = to, .to = from, .fromPort = 443, .toPort = port, .bytes = 1'500, .perSecond = 60});
      streams.push_back(
          {.from = from, .to = to, .protocol = kUdp, .fromPort = port, .toPort = 53, .bytes = 90, .perSecond = 5});
      streams.push_back(
          {.from = to, .to = from, .protocol = kUdp, .fromPort = 53, .toPort = port, .bytes = 200, .perSecond = 5});
    }
    streams.push_back({.from = v4, .to = "198.18.7.1", .protocol = kIcmp, .bytes = 102, .perSecond = 1});
  }
  return streams;
}

/// Thresholds that fired, with the key of the flow that did it first.
std::map<std::string, std::string> fired(const std::string& definitions, std::shared_ptr<const test::Capture> capture) {
  const auto engine = test::replayEngine(std::move(capture), definitions, 2);
  std::map<std::string, std::string> out;
  auto listener = engine->subscribe({.name = "test", .events = true, .inReplay = test::InReplay::waits});
  listener.listen([&](const engine::News& news) {
    if (const auto* event = std::get_if<std::shared_ptr<const event::Event>>(&news))
      out.emplace((*event)->thresholdId, (*event)->flowKey.value_or(""));
  });
  EXPECT_TRUE(engine->start());
  engine->waitForReplay();
  engine->stop();
  return out;
}

std::string textOf(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Examples, EachThresholdFiresOnItsTrafficAndOnNoOther) {
  const auto attack = sampled(attacks(), 100), calm = sampled(ordinary(), 20);
  std::size_t files = 0, thresholds = 0;
  for (const auto& file : std::filesystem::directory_iterator(WEIR_SOURCE_DIR "/docs/examples")) {
    if (file.path().extension() != ".json") continue;
    ++files;
    SCOPED_TRACE(file.path().filename().string());
    const std::string definitions = textOf(file.path());
    const auto parsed = json::parseLenient(definitions).value();
    const auto hot = fired(definitions, attack);
    const boost::json::value* all = parsed.as_object().if_contains("thresholds");
    for (const auto& [name, threshold] : all == nullptr ? boost::json::object() : all->as_object()) {
      ++thresholds;
      const auto at = hot.find(std::string(name));
      EXPECT_NE(at, hot.end()) << std::string_view(name) << " did not fire";
      if (at != hot.end()) {
        EXPECT_TRUE(at->second.contains("198.18.7.1") || at->second.contains("2001:DB8:300::1")) << at->second;
      }
    }
    for (const auto& [name, key] : fired(definitions, calm)) ADD_FAILURE() << name << " fired on " << key;
  }
  EXPECT_EQ(files, 4U);
  EXPECT_EQ(thresholds, 11U);
}

}  // namespace
}  // namespace weir
