// The captures of tests/captures are what the generator makes, and decode and replay say of them what it meant.
#include "support/captures.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "ingest/capture.h"
#include "make_captures/made.h"
#include "make_captures/record_values.h"
#include "support/engine_runner.h"
#include "support/pcap.h"
#include "support/walk_datagram.h"
#include "unit/flow/capture_samples.h"
#include "unit/flow/test_sample.h"

namespace weir::captures {
namespace {

namespace json = boost::json;
using Octets = std::vector<std::uint8_t>;

std::string pathOf(const std::string& name) {
  return std::string(WEIR_SOURCE_DIR) + "/tests/captures/" + name;
}

Octets contentOf(const std::string& name) {
  std::ifstream file(pathOf(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

json::array elementsOf(const std::string& name) {
  const Octets content = contentOf(name);
  return json::parse(std::string(content.begin(), content.end())).as_array();
}

std::vector<MadeFile> allFiles() {
  std::vector<MadeFile> all;
  for (const auto make : {makeRecords, makeLegacy, makeHeaders, makeDamaged, makeFabric}) {
    auto files = make();
    std::move(files.begin(), files.end(), std::back_inserter(all));
  }
  return all;
}

// WEIR_UPDATE_CAPTURES=1 writes them anew.
TEST(MadeCaptures, AreWhatTheGeneratorMakes) {
  const bool writes = std::getenv("WEIR_UPDATE_CAPTURES") != nullptr;
  for (const MadeFile& file : allFiles()) {
    if (writes)
      std::ofstream(pathOf(file.name), std::ios::binary)
          .write(reinterpret_cast<const char*>(file.content.data()), static_cast<std::streamsize>(file.content.size()));
    EXPECT_TRUE(contentOf(file.name) == file.content)
        << file.name << " differs: if that is meant, WEIR_UPDATE_CAPTURES=1 writes it anew";
  }
}

TEST(MadeCaptures, HoldEveryRecord) {
  std::set<std::string> tags[2];
  for (const json::value& datagram : elementsOf("records.pcap.expected.json"))
    for (const json::value& sample : datagram.at("samples").as_array()) {
      if (!sample.as_object().contains("records")) continue;
      const std::string kind(sample.at("sample").as_string());
      for (const json::value& record : sample.at("records").as_array())
        tags[kind == "0:2" || kind == "0:4" ? 1 : 0].emplace(record.at("tag").as_string());
    }
  for (const wire::RecordSpec& spec : wire::recordTable())
    EXPECT_TRUE(tags[spec.space == wire::RecordSpace::counter ? 1 : 0].contains(tagText(spec.tag))) << spec.name;
}

TEST(MadeCaptures, PcapAndPcapngAreReadAlike) {
  const test::Capture pcap = test::readCapture(pathOf("legacy.pcap")), ng = test::readCapture(pathOf("legacy.pcapng"));
  ASSERT_EQ(pcap.size(), 12U);
  ASSERT_EQ(ng.size(), pcap.size());
  for (std::size_t i = 0; i < pcap.size(); ++i) {
    EXPECT_EQ(pcap[i].time, kBegin + static_cast<Nanos>(i) * kSecond);
    EXPECT_EQ(ng[i].time, pcap[i].time);
    EXPECT_EQ(ng[i].payload, pcap[i].payload);
  }
}

TEST(MadeCaptures, EachDamageHasItsFault) {
  const auto payloads = test::udpPayloads(pathOf("damaged.pcap"));
  const json::array expected = elementsOf("damaged.faults.json");
  ASSERT_EQ(payloads.size(), expected.size());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const std::string what(expected[i].at("what").as_string()), fault(expected[i].at("fault").as_string());
    const test::WalkTotals read = test::walkDatagram(payloads[i]);
    for (std::size_t f = 0; f < read.faults.of.size(); ++f) {
      const bool isIt = wire::faultName(static_cast<wire::Fault>(f)) == fault;
      EXPECT_EQ(read.faults.of[f] != 0, isIt) << what << ": " << wire::faultName(static_cast<wire::Fault>(f));
    }
    EXPECT_EQ(read.samples, expected[i].at("samples").as_int64()) << what;
    EXPECT_EQ(read.records, expected[i].at("records").as_int64()) << what;
  }
}

TEST(MadeCaptures, SampledHeadersHaveTheirKeys) {
  const auto samples = flow::test::readSamples("headers.pcap", 1'000);
  ASSERT_NE(samples, nullptr);
  const json::array expected = elementsOf("headers.keys.json");
  ASSERT_EQ(samples->fields.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string keys(expected[i].at("keys").as_string());
    const std::string texts(expected[i].at("texts").as_string());
    EXPECT_EQ(flow::test::keyText(keys, samples->fields[i]).value_or("none"), texts) << "sample " << i << ": " << keys;
  }
}

class MadeFabric : public testing::Test {
 protected:
  void SetUp() override {
    const Octets text = contentOf("fabric.define.json");
    definitions.assign(text.begin(), text.end());
    capture = std::make_shared<const test::Capture>(test::readCapture(pathOf("fabric.pcap")));
    ASSERT_GT(capture->size(), 100U);
  }
  std::string definitions;
  std::shared_ptr<const test::Capture> capture;
};

TEST_F(MadeFabric, GivesTheEventsOfItsThresholds) {
  const json::array expected = elementsOf("fabric.events.json");
  ASSERT_EQ(expected.size(), 6U);
  for (const unsigned shards : {1U, 3U}) {
    const test::Told told = test::replay(capture, definitions, shards, "pairs");
    json::array events = json::parse(told.events).as_array();
    std::reverse(events.begin(), events.end());
    ASSERT_EQ(events.size(), expected.size()) << told.events;
    for (std::size_t i = 0; i < events.size(); ++i) {
      for (const auto& [name, value] : expected[i].as_object()) {
        if (name == "value") continue;
        EXPECT_EQ(events[i].at(name), value) << "event " << i << " " << name;
      }
      const double value = expected[i].at("value").to_number<double>();
      EXPECT_NEAR(events[i].at("value").to_number<double>(), value, value * 1e-5) << "event " << i;
    }
  }
}

TEST_F(MadeFabric, GivesMetricsAndFlows) {
  const test::Told told = test::replay(capture, definitions, 2, "pairs");
  std::map<std::string, json::value> metrics;  // "agent dataSource name" → value
  const json::value dump = json::parse(told.dump), flows = json::parse(told.flows);
  for (const json::value& m : dump.as_array()) {
    const auto& object = m.as_object();
    if (!object.contains("metricValue")) continue;
    metrics[std::string(object.at("agent").as_string()) + " " + std::string(object.at("dataSource").as_string()) + " " +
            std::string(object.at("metricName").as_string())] = object.at("metricValue");
  }
  EXPECT_EQ(metrics.at("192.0.2.1 1 ifinoctets").to_number<double>(), 2'500'000);
  EXPECT_EQ(metrics.at("192.0.2.1 1 ifoutoctets").to_number<double>(), 1'250'000);
  EXPECT_EQ(metrics.at("192.0.2.3 2.1 load_one").to_number<double>(), 3);
  EXPECT_EQ(metrics.at("192.0.2.3 2.1 host_name").as_string(), "server1");
  EXPECT_EQ(metrics.at("192.0.2.3 app queue_length").to_number<double>(), 202);

  // Totals of the flow records: what was sampled, each packet as 1,000.
  std::map<std::string, double> bytes, frames;
  for (const json::value& record : flows.as_array()) {
    const std::string key(record.at("flowKeys").as_string());
    bytes[key] += record.at("value").to_number<double>();
    frames[key] += record.at("values").at(0).to_number<double>();
  }
  EXPECT_EQ(frames.at("10.1.0.1,10.2.0.1,80"), 2 * 30 * 1000) << "30 samples at each of two switches";
  EXPECT_EQ(bytes.at("10.1.0.1,10.2.0.1,80"), 1500 * frames.at("10.1.0.1,10.2.0.1,80"));
}

}  // namespace
}  // namespace weir::captures
