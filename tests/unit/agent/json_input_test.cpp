#include "agent/json_input.h"

#include <gtest/gtest.h>

#include <map>

#include "network_builder.h"
#include "wire/rt.h"

namespace weir::agent {
namespace {

struct JsonInputBench {
  EventLoop loop;
  std::vector<std::uint8_t> last;
  SampleSender sender{[this](Bytes d) { last.assign(d.begin(), d.end()); }, 0};
  SequenceBook book;
  NoNetwork network;
  CounterPoller poller{sender, book, network, "/nonexistent", 1};
  JsonInput input{loop, sender, book, poller, 1};

  JsonInputBench() {
    const std::uint8_t address[] = {10, 0, 0, 1};
    sender.setIdentity(IpAddress::v4(address), 1);
    AgentSettings settings;
    settings.sampling.byName["app.busy"] = 400;
    settings.sampling.fallback = 1;
    input.apply(settings);
  }
  wire::DatagramReader flush() {
    sender.flush();
    return wire::DatagramReader::open(last).value();
  }
  wire::Sample one(std::string_view text) {
    input.message(text);
    auto reader = flush();
    wire::Sample sample;
    EXPECT_TRUE(reader.next(sample)) << text;
    return sample;
  }
};

TEST(JsonInput, RtMetricsOfEveryType) {
  JsonInputBench bench;
  const auto sample = bench.one(R"({"rtmetric":{"datasource":"web-1","s":{"type":"string","value":"up"},
    "c":{"type":"counter32","value":7},"g":{"type":"gaugeDouble","value":1.5},"l":{"type":"gauge64","value":5000000000},
    "odd":{"type":"nothing","value":1}}})");
  ASSERT_EQ(sample.kind, wire::SampleKind::rtMetric);
  auto reader = wire::RtReader::open(sample).value();
  EXPECT_EQ(reader.dataSource(), "web-1");
  std::map<std::string, wire::RtField> fields;
  for (wire::RtField f; reader.next(f);) fields[std::string(f.name)] = f;
  EXPECT_EQ(reader.fault(), wire::kNoFault);
  ASSERT_EQ(fields.size(), 4) << "a type that nobody knows is left out";
  EXPECT_EQ(fields["s"].value.text(), "up");
  EXPECT_TRUE(fields["c"].counter);
  EXPECT_EQ(fields["g"].value.real, 1.5);
  EXPECT_EQ(fields["l"].value.number, 5'000'000'000);
}

TEST(JsonInput, RtFlowsOfEveryType) {
  JsonInputBench bench;
  const auto sample =
      bench.one(R"({"rtflow":{"datasource":"robot","sampling_rate":10,"a":{"type":"ip","value":"10.1.2.3"},
    "m":{"type":"mac","value":"00:11:22:33:44:FF"},"i":{"type":"int32","value":-1},"f":{"type":"float","value":"2.5"}}})");
  ASSERT_EQ(sample.kind, wire::SampleKind::rtFlow);
  auto reader = wire::RtReader::open(sample).value();
  EXPECT_EQ(reader.samplingRate(), 10);
  std::map<std::string, wire::RtField> fields;
  for (wire::RtField f; reader.next(f);) fields[std::string(f.name)] = f;
  EXPECT_EQ(fields["a"].value.address().text(), "10.1.2.3");
  EXPECT_EQ(fields["m"].value.bytes[5], 0xFF);
  EXPECT_EQ(static_cast<std::uint32_t>(fields["i"].value.number), 0xFFFFFFFF);
  EXPECT_EQ(fields["f"].value.real, 2.5);
}

TEST(JsonInput, ApplicationSamples) {
  JsonInputBench bench;
  auto sample = bench.one(R"({"flow_sample":{"app_name":"shop","sampling_rate":1,
    "app_operation":{"operation":"buy","attributes":"id=1","status_descr":"OK","status":0,"req_bytes":43,"resp_bytes":234,"uS":2000},
    "app_initiator":{"actor":"me"},"extended_socket_ipv4":{"protocol":6,"local_ip":"10.0.0.1","remote_ip":"10.0.0.20","local_port":123,"remote_port":430}}})");
  EXPECT_EQ(sample.kind, wire::SampleKind::flow);
  EXPECT_EQ(sample.source, (wire::DataSource{3, 150'000}));
  EXPECT_EQ(sample.sequence, 1);
  EXPECT_EQ(sample.samplingRate, 1);
  std::map<std::uint32_t, wire::Record> records;
  for (wire::Record r; sample.records.next(r);) records[r.tag] = r;
  wire::app_operation operation;
  ASSERT_TRUE(records.contains(wire::app_operation::kTag));
  EXPECT_EQ(wire::readRecord(records[wire::app_operation::kTag], operation), wire::kNoFault);
  EXPECT_EQ(operation.application, "shop");
  EXPECT_EQ(operation.operation, "buy");
  EXPECT_EQ(operation.resp_bytes, 234);
  wire::extended_socket_ipv4 socket;
  EXPECT_EQ(wire::readRecord(records[wire::extended_socket_ipv4::kTag], socket), wire::kNoFault);
  EXPECT_EQ(socket.remote_ip[3], 20);
  EXPECT_EQ(socket.remote_port, 430);

  sample = bench.one(
      R"({"counter_sample":{"app_name":"shop","app_resources":{"user_time":33,"mem_max":66},"app_workers":{"workers_active":5}}})");
  EXPECT_EQ(sample.kind, wire::SampleKind::counters);
  EXPECT_EQ(sample.source, (wire::DataSource{3, 150'000}));
  EXPECT_EQ(sample.recordCount, 3) << "with its parent, the host";
  EXPECT_EQ(bench.one(R"({"counter_sample":{"app_name":"other","service_port":80,"app_workers":{}}})").source,
            (wire::DataSource{3, 80}));
}

TEST(JsonInput, ABusyApplicationIsSubsampled) {
  JsonInputBench bench;
  for (int i = 0; i < 4000; ++i)
    bench.input.message(
        R"({"flow_sample":{"app_name":"busy","sampling_rate":4,"app_operation":{"operation":"x","status":"timeout"}}})");
  const auto samples = bench.sender.counters().samples;
  EXPECT_NEAR(static_cast<double>(samples), 40, 32) << "1 in 4 came, 1 in 400 is wanted";
  EXPECT_EQ(bench.book.of({3, 150'000}).pool, 16'000);
}

TEST(JsonInput, WhatMakesNoSenseIsRefusedAndCounted) {
  JsonInputBench bench;
  for (const char* bad :
       {"", "{", "[]", "17", "{}", R"({"rtmetric":{"datasource":"1x"}})", R"({"rtmetric":{"datasource":"a b"}})",
        R"({"rtflow":{}})", R"({"flow_sample":{"app_operation":{}}})", R"({"rtmetric":5})"})
    bench.input.message(bad);
  EXPECT_EQ(bench.input.counters().messages, 10);
  EXPECT_EQ(bench.input.counters().refused, 10);
  EXPECT_EQ(bench.sender.counters().samples, 0);
}

}  // namespace
}  // namespace weir::agent
