#include "wire/writer.h"

#include <gtest/gtest.h>

#include "wire/rt.h"

namespace weir::wire {
namespace {

DatagramHeader header() {
  DatagramHeader h;
  h.agent = *IpAddress::parse("10.0.0.7");
  h.subAgent = 3;
  h.sequence = 42;
  h.uptimeMs = 123456;
  return h;
}

Sample flowSample(bool expanded) {
  Sample s;
  s.kind = SampleKind::flow;
  s.expanded = expanded;
  s.sequence = 9;
  s.source = {0, 17};
  s.samplingRate = 1000;
  s.samplePool = 9000;
  s.drops = 1;
  s.input = {0, 17};
  s.output = {1, 258};
  return s;
}

void expectSame(const Sample& a, const Sample& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.sequence, b.sequence);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.drops, b.drops);
  EXPECT_EQ(a.input.format, b.input.format);
  EXPECT_EQ(a.input.value, b.input.value);
  EXPECT_EQ(a.output.format, b.output.format);
  EXPECT_EQ(a.output.value, b.output.value);
}

TEST(WriterTest, HeaderOfEveryAddressFamily) {
  DatagramWriter writer;
  for (const auto& [agent, size] :
       {std::pair{IpAddress{}, 24U}, {*IpAddress::parse("10.0.0.7"), 28U}, {*IpAddress::parse("2001:db8::7"), 40U}}) {
    DatagramHeader h = header();
    h.agent = agent;
    writer.begin(h);
    const Bytes bytes = writer.finish();
    EXPECT_EQ(bytes.size(), size);
    auto reader = DatagramReader::open(bytes);
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->header().agent, agent);
    EXPECT_EQ(reader->header().subAgent, 3U);
    EXPECT_EQ(reader->header().sequence, 42U);
    EXPECT_EQ(reader->header().uptimeMs, 123456U);
    EXPECT_EQ(reader->header().sampleCount, 0U);
  }
}

TEST(WriterTest, FlowSamplesInBothForms) {
  const std::uint8_t frame[] = {1, 2, 3, 4, 5, 6, 7};
  DatagramWriter writer;
  for (const bool expanded : {false, true}) {
    writer.begin(header());
    const Sample written = flowSample(expanded);
    writer.beginSample(written);
    writer.add(SampledHeader{1, 1518, 4, frame});
    extended_switch vlan;
    vlan.src_vlan = 10;
    vlan.dst_vlan = 20;
    writer.add(vlan);
    ASSERT_TRUE(writer.endSample());
    const Bytes bytes = writer.finish();
    EXPECT_EQ(bytes.size() % 4, 0U);

    auto reader = DatagramReader::open(bytes);
    ASSERT_TRUE(reader);
    Sample read;
    ASSERT_TRUE(reader->next(read));
    EXPECT_EQ(read.expanded, expanded);
    EXPECT_EQ(read.recordCount, 2U);
    EXPECT_EQ(read.samplingRate, 1000U);
    EXPECT_EQ(read.samplePool, 9000U);
    expectSame(written, read);
    Record record;
    ASSERT_TRUE(read.records.next(record));
    SampledHeader sampled;
    ASSERT_EQ(parseSampledHeader(record, sampled), kNoFault);
    EXPECT_EQ(sampled.frameLength, 1518U);
    EXPECT_TRUE(std::ranges::equal(sampled.header, frame));
    ASSERT_TRUE(read.records.next(record));
    ExtendedSwitch view;
    ASSERT_EQ(parseExtendedSwitch(record, view), kNoFault);
    EXPECT_EQ(view.srcVlan, 10U);
    EXPECT_EQ(view.dstVlan, 20U);
    EXPECT_FALSE(read.records.next(record));
    EXPECT_FALSE(reader->next(read));
    EXPECT_FALSE(reader->faults().any());
  }
}

TEST(WriterTest, DiscardSample) {
  DatagramWriter writer;
  writer.begin(header());
  Sample written;
  written.kind = SampleKind::discard;
  written.sequence = 5;
  written.source = {0, 70000000};
  written.drops = 2;
  written.input = {0, 3};
  written.output = {0, 4};
  written.reason = 258;
  writer.beginSample(written);
  extended_function function;
  function.symbol = "ip_forward";
  writer.add(function);
  ASSERT_TRUE(writer.endSample());
  auto reader = DatagramReader::open(writer.finish());
  Sample read;
  ASSERT_TRUE(reader && reader->next(read));
  expectSame(written, read);
  EXPECT_EQ(read.reason, 258U);
}

TEST(WriterTest, CounterSamplesOfAHost) {
  DatagramWriter writer;
  writer.begin(header());
  Sample written;
  written.kind = SampleKind::counters;
  written.source = {2, 1};
  written.sequence = 8;
  writer.beginSample(written);
  host_descr descr;
  descr.hostname = "h1";
  descr.uuid = {1, 2, 3};
  descr.machine_type = 3;
  descr.os_name = 2;
  descr.os_release = "6.1.0";
  writer.add(descr);
  host_cpu cpu;
  cpu.load_one = 0.25F;
  cpu.cpu_guest_nice = 9;
  writer.add(cpu);
  host_disk_io disk;
  disk.part_max_used = -1;
  disk.bytes_written = 1ULL << 40;
  writer.add(disk);
  ASSERT_TRUE(writer.endSample());

  auto reader = DatagramReader::open(writer.finish());
  Sample read;
  ASSERT_TRUE(reader && reader->next(read));
  expectSame(written, read);
  Record record;
  host_descr descrRead;
  ASSERT_TRUE(read.records.next(record));
  ASSERT_EQ(readRecord(record, descrRead), kNoFault);
  EXPECT_EQ(descrRead.hostname, "h1");
  EXPECT_EQ(descrRead.uuid, descr.uuid);
  EXPECT_EQ(descrRead.os_release, "6.1.0");
  host_cpu cpuRead;
  ASSERT_TRUE(read.records.next(record));
  ASSERT_EQ(readRecord(record, cpuRead), kNoFault);
  EXPECT_EQ(cpuRead.load_one, 0.25F);
  EXPECT_EQ(cpuRead.cpu_guest_nice, 9U);
  host_disk_io diskRead;
  ASSERT_TRUE(read.records.next(record));
  ASSERT_EQ(readRecord(record, diskRead), kNoFault);
  EXPECT_EQ(diskRead.part_max_used, -1);
  EXPECT_EQ(diskRead.bytes_written, 1ULL << 40);
}

TEST(WriterTest, SampleThatDoesNotFitIsTakenBack) {
  DatagramWriter writer(200);
  writer.begin(header());
  Sample sample;
  sample.kind = SampleKind::counters;
  unsigned fitted = 0;
  for (; fitted < 10; ++fitted) {
    writer.beginSample(sample);
    writer.add(ethernet_counters{});
    if (!writer.endSample()) break;
  }
  EXPECT_EQ(fitted, 2U);  // 28 + 2 * (8 + 12 + 8 + 52)
  const Bytes bytes = writer.finish();
  EXPECT_EQ(bytes.size(), 188U);
  auto reader = DatagramReader::open(bytes);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->header().sampleCount, 2U);
  Sample read;
  EXPECT_TRUE(reader->next(read) && reader->next(read));
  EXPECT_FALSE(reader->next(read));
  EXPECT_FALSE(reader->faults().any());

  writer.begin(header());
  EXPECT_EQ(writer.sampleCount(), 0U);
  writer.beginSample(sample);
  EXPECT_TRUE(writer.endSample()) << "goes on after a sample that did not fit";
}

TEST(WriterTest, WrongValuesMakeTheSampleFail) {
  DatagramWriter writer;
  writer.begin(header());
  const RecordSpec& spec = *recordSpec(RecordSpace::flow, "extended_vni_egress");
  FieldValue value;
  value.type = FieldType::u64;
  writer.beginSample(flowSample(false));
  writer.add(spec, {&value, 1});
  EXPECT_FALSE(writer.endSample()) << "u64 for a u32";
  writer.beginSample(flowSample(false));
  writer.add(spec, {});
  EXPECT_FALSE(writer.endSample()) << "a value missing";
  value.type = FieldType::u32;
  writer.beginSample(flowSample(false));
  writer.add(spec, {&value, 1});
  EXPECT_TRUE(writer.endSample());
}

TEST(WriterTest, CompactFormHasItsLimits) {
  Sample sample = flowSample(false);
  EXPECT_TRUE(fitsCompact(sample));
  sample.source.index = 1U << 24;
  EXPECT_FALSE(fitsCompact(sample));
  sample.source.index = 1;
  sample.input.value = 0x40000000;
  EXPECT_FALSE(fitsCompact(sample));
}

FieldValue number(FieldType type, std::uint64_t n) {
  FieldValue value;
  value.type = type;
  value.number = n;
  return value;
}

TEST(RtTest, MetricsAndFlows) {
  DatagramWriter writer;
  writer.begin(header());
  writer.beginRtMetric("site.a");
  writer.addRt("requests", number(FieldType::u64, 1ULL << 33), true);
  writer.addRt("depth", number(FieldType::u32, 12));
  FieldValue load;
  load.type = FieldType::f64;
  load.real = 0.5;
  writer.addRt("load", load);
  ASSERT_TRUE(writer.endSample());
  writer.beginRtFlow("site.b", 400, 800);
  const std::uint8_t address[] = {10, 0, 0, 1};
  FieldValue ip;
  ip.type = FieldType::ip4;
  ip.bytes = address;
  writer.addRt("client", ip);
  ASSERT_TRUE(writer.endSample());

  auto reader = DatagramReader::open(writer.finish());
  ASSERT_TRUE(reader);
  Sample sample;
  ASSERT_TRUE(reader->next(sample));
  EXPECT_EQ(sample.kind, SampleKind::rtMetric);
  auto metrics = RtReader::open(sample);
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->dataSource(), "site.a");
  RtField field;
  ASSERT_TRUE(metrics->next(field));
  EXPECT_EQ(field.name, "requests");
  EXPECT_TRUE(field.counter);
  EXPECT_EQ(field.value.number, 1ULL << 33);
  ASSERT_TRUE(metrics->next(field));
  EXPECT_EQ(field.valueType, 3U);
  EXPECT_FALSE(field.counter);
  ASSERT_TRUE(metrics->next(field));
  EXPECT_EQ(field.value.real, 0.5);
  EXPECT_FALSE(metrics->next(field));
  EXPECT_EQ(metrics->fault(), kNoFault);

  ASSERT_TRUE(reader->next(sample));
  EXPECT_EQ(sample.kind, SampleKind::rtFlow);
  EXPECT_EQ(sample.samplingRate, 400U);
  EXPECT_EQ(sample.samplePool, 800U);
  auto flow = RtReader::open(sample);
  ASSERT_TRUE(flow && flow->next(field));
  EXPECT_EQ(field.value.address(), *IpAddress::parse("10.0.0.1"));
}

TEST(RtTest, UnknownTypeStopsAndShortSampleIsAFault) {
  std::uint8_t body[32] = {};
  Sample sample;
  sample.kind = SampleKind::rtMetric;
  storeBe32(body + 4, 3);    // name "", three metrics
  storeBe32(body + 12, 77);  // name "", type 77
  sample.body = body;
  auto reader = RtReader::open(sample);
  ASSERT_TRUE(reader);
  RtField field;
  EXPECT_FALSE(reader->next(field));
  EXPECT_EQ(reader->fault(), kNoFault);
  storeBe32(body + 12, 6);
  sample.body = Bytes(body, 20);
  reader = RtReader::open(sample);
  EXPECT_FALSE(reader->next(field));
  EXPECT_EQ(reader->fault(), Fault::recordContent);
  sample.body = Bytes(body, 7);
  EXPECT_FALSE(RtReader::open(sample));
  sample.kind = SampleKind::rtFlow;
  sample.body = Bytes(body, 15);
  EXPECT_FALSE(RtReader::open(sample));
}

}  // namespace
}  // namespace weir::wire
