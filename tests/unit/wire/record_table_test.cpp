#include "wire/record_table.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "wire/discard_reason.h"
#include "wire/records.h"
#include "wire/rt.h"
#include "wire/writer.h"

namespace weir::wire {
namespace {

// Octets for the fields of one record, so that their spans live as long as the test needs them.
class Values {
 public:
  explicit Values(const RecordSpec& spec) {
    storage_.reserve(spec.fields.size());
    for (const FieldSpec& field : spec.fields) values_.push_back(make(field));
  }
  [[nodiscard]] std::span<const FieldValue> all() const { return values_; }

 private:
  FieldValue make(const FieldSpec& field) {
    FieldValue value;
    value.type = field.type;
    value.name = field.name;
    storage_.emplace_back();
    auto& bytes = storage_.back();
    const auto octets = [&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) bytes.push_back(static_cast<std::uint8_t>(random_()));
    };
    const auto words = [&](std::initializer_list<std::uint32_t> list) {
      for (const std::uint32_t word : list) {
        bytes.resize(bytes.size() + 4);
        storeBe32(bytes.data() + bytes.size() - 4, word);
      }
    };
    switch (field.type) {
      case FieldType::u32:
        value.number = random_() & 0xFFFFFFFF;
        break;
      case FieldType::i32:
        value.number = static_cast<std::uint64_t>(-static_cast<std::int64_t>(random_() & 0x7FFFFFFF));
        break;
      case FieldType::u64:
        value.number = random_();
        break;
      case FieldType::f32:
        value.real = static_cast<double>(static_cast<float>(random_() & 0xFFFF) / 16);
        break;
      case FieldType::f64:
        value.real = static_cast<double>(random_()) / 3;
        break;
      case FieldType::ip4:
      case FieldType::op4:
        octets(4);
        break;
      case FieldType::addr:
        octets(storage_.size() % 2 == 0 ? 4 : 16);
        break;
      case FieldType::ip6:
      case FieldType::op16:
        octets(16);
        break;
      case FieldType::mac:
        octets(6);
        break;
      case FieldType::opaque:
      case FieldType::str:
        octets(1 + random_() % 11);
        break;
      case FieldType::u32s:
        value.number = 3;
        octets(12);
        break;
      case FieldType::lanes:
        value.number = 2;
        octets(80);
        break;
      case FieldType::aspath:
        value.number = 3;
        words({2, 2, 65001, 65002, 1, 1, 65003, 2, 0});
        break;
      case FieldType::adapters:
        value.number = 2;
        words({7, 1, 0x01020304, 0x05060000, 8, 0});
        break;
      case FieldType::pdus:
        value.number = 2;
        words({1, tag(0, 1036), 4, 9, 0});
        break;
    }
    value.bytes = bytes;
    return value;
  }

  std::mt19937_64 random_{1};
  std::vector<std::vector<std::uint8_t>> storage_;
  std::vector<FieldValue> values_;
};

Sample carrier(RecordSpace space) {
  Sample sample;
  sample.kind = space == RecordSpace::flow ? SampleKind::flow : SampleKind::counters;
  sample.sequence = 4;
  sample.source = {0, 12};
  return sample;
}

// One datagram with one sample with one record.
std::vector<std::uint8_t> encode(const RecordSpec& spec, std::span<const FieldValue> values) {
  DatagramWriter writer;
  writer.begin({});
  writer.beginSample(carrier(spec.space));
  writer.add(spec, values);
  if (!writer.endSample()) return {};
  const Bytes bytes = writer.finish();
  return {bytes.begin(), bytes.end()};
}

Record onlyRecord(Bytes datagram) {
  auto reader = DatagramReader::open(datagram);
  Sample sample;
  Record record;
  EXPECT_TRUE(reader && reader->next(sample) && sample.records.next(record));
  return record;
}

void expectSame(const FieldValue& a, const FieldValue& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.type, b.type) << a.name;
  EXPECT_EQ(a.number, b.number) << a.name;
  EXPECT_EQ(a.real, b.real) << a.name;
  EXPECT_TRUE(std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end())) << a.name;
}

class EveryRecord : public testing::TestWithParam<RecordSpec> {};

TEST_P(EveryRecord, WrittenIsReadBack) {
  const RecordSpec& spec = GetParam();
  const Values values(spec);
  const auto datagram = encode(spec, values.all());
  ASSERT_FALSE(datagram.empty());
  const Record record = onlyRecord(datagram);
  EXPECT_EQ(record.tag, spec.tag);
  std::size_t i = 0;
  EXPECT_EQ(forEachField(spec, record, [&](const FieldValue& value) { expectSame(values.all()[i++], value); }),
            kNoFault);
  EXPECT_EQ(i, spec.fields.size());
}

TEST_P(EveryRecord, CutShortIsAFaultAndDeliversNothing) {
  const RecordSpec& spec = GetParam();
  const Values values(spec);
  const auto datagram = encode(spec, values.all());
  const Record whole = onlyRecord(datagram);
  std::size_t optionalSize = 0;
  for (const FieldSpec& field : spec.fields)
    if (field.optional) optionalSize += 4;
  for (std::size_t n = 0; n + 4 <= whole.data.size(); n += 4) {
    Record record = whole;
    record.data = whole.data.first(n);
    unsigned delivered = 0;
    const Fault fault = forEachField(spec, record, [&](const FieldValue&) { ++delivered; });
    if (n < spec.minimumLength) {
      EXPECT_EQ(fault, Fault::recordShort) << n;
    } else if (optionalSize == 0) {
      EXPECT_EQ(fault, Fault::recordContent) << n;
    }
    EXPECT_TRUE(fault == kNoFault || delivered == 0U);
  }
}

TEST_P(EveryRecord, IsFoundByTagAndName) {
  const RecordSpec& spec = GetParam();
  EXPECT_EQ(recordSpec(spec.space, spec.tag)->name, spec.name);
  EXPECT_EQ(recordSpec(spec.space, spec.name)->tag, spec.tag);
  EXPECT_EQ(recordSpec(spec.space, Record{spec.tag, Dialect::v5, {}})->fields.data(), spec.fields.data());
  bool optional = false;
  for (const FieldSpec& field : spec.fields) {
    EXPECT_TRUE(field.optional || !optional) << "optional fields stand at the end";
    optional = field.optional;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryRecord, testing::ValuesIn(recordTable().begin(), recordTable().end()),
                         [](const auto& spec) {
                           return std::string(spec.param.space == RecordSpace::flow ? "flow_" : "counter_") +
                                  std::string(spec.param.name);
                         });

TEST(RecordTableTest, HoldsTheListOfTheSpecification) {
  unsigned flow = 0, counter = 0;
  std::set<std::pair<RecordSpace, std::uint32_t>> tags;
  for (const RecordSpec& spec : recordTable()) {
    ++(spec.space == RecordSpace::flow ? flow : counter);
    EXPECT_TRUE(tags.emplace(spec.space, spec.tag).second) << spec.name;
  }
  EXPECT_EQ(flow, 67U);
  EXPECT_EQ(counter, 50U);
  EXPECT_EQ(recordSpec(RecordSpace::flow, tag(0, 4000)), nullptr);
  EXPECT_EQ(recordSpec(RecordSpace::counter, "no_such_record"), nullptr);
}

// Lengths as the specification prints them.
TEST(RecordTableTest, LengthsAreThoseOfTheSpecification) {
  const std::pair<const char*, std::size_t> counters[] = {{"if_counters", 88},
                                                          {"ethernet_counters", 52},
                                                          {"tokenring_counters", 72},
                                                          {"vg_counters", 80},
                                                          {"vlan_counters", 28},
                                                          {"ieee80211_counters", 80},
                                                          {"lag_port_stats", 56},
                                                          {"slow_path_counts", 24},
                                                          {"ib_counters", 64},
                                                          {"pfc", 20},
                                                          {"processor", 28},
                                                          {"radio_utilization", 12},
                                                          {"queue_length", 52},
                                                          {"of_port", 12},
                                                          {"host_parent", 8},
                                                          {"host_cpu", 68},
                                                          {"host_memory", 72},
                                                          {"host_disk_io", 52},
                                                          {"host_net_io", 40},
                                                          {"mib2_ip_group", 76},
                                                          {"mib2_icmp_group", 100},
                                                          {"mib2_tcp_group", 60},
                                                          {"mib2_udp_group", 28},
                                                          {"virt_node", 28},
                                                          {"virt_cpu", 12},
                                                          {"virt_memory", 16},
                                                          {"virt_disk_io", 52},
                                                          {"virt_net_io", 40},
                                                          {"jvm_statistics", 100},
                                                          {"memcached_counters_v1", 144},
                                                          {"http_counters", 60},
                                                          {"app_resources", 40},
                                                          {"memcached_counters", 140},
                                                          {"vdi_counters", 92},
                                                          {"app_workers", 20},
                                                          {"ovs_dp_stats", 24},
                                                          {"energy", 24},
                                                          {"temperature", 12},
                                                          {"humidity", 4},
                                                          {"fans", 12},
                                                          {"bst_device_buffers", 8},
                                                          {"hw_tables", 144},
                                                          {"nvidia_gpu", 48}};
  for (const auto& [name, length] : counters) {
    const RecordSpec* spec = recordSpec(RecordSpace::counter, name);
    ASSERT_NE(spec, nullptr) << name;
    EXPECT_EQ(spec->minimumLength, length) << name;
    EXPECT_TRUE(spec->fixedLength) << name;
  }
  const std::pair<const char*, std::size_t> flows[] = {
      {"sampled_ethernet", 24},     {"sampled_ipv4", 32},         {"sampled_ipv6", 56},
      {"extended_switch", 16},      {"extended_openflow_v1", 16}, {"extended_ib_lrh", 40},
      {"extended_ib_grh", 48},      {"extended_ib_bth", 12},      {"transaction", 32},
      {"extended_socket_ipv4", 20}, {"extended_socket_ipv6", 44}, {"extended_nav_timing", 92},
      {"extended_tcp_info", 48},    {"extended_entities", 16},    {"extended_timestamp", 8}};
  for (const auto& [name, length] : flows)
    EXPECT_EQ(recordSpec(RecordSpace::flow, name)->minimumLength, length) << name;
}

TEST(RecordTableTest, OlderHostCpuLacksItsLastFields) {
  const RecordSpec& spec = *recordSpec(RecordSpace::counter, "host_cpu");
  const Values values(spec);
  const auto datagram = encode(spec, values.all().first(17));
  const Record record = onlyRecord(datagram);
  EXPECT_EQ(record.data.size(), 68U);
  unsigned fields = 0;
  EXPECT_EQ(forEachField(spec, record, [&](const FieldValue&) { ++fields; }), kNoFault);
  EXPECT_EQ(fields, 17U);

  host_cpu cpu;
  cpu.cpu_steal = 77;
  EXPECT_EQ(readRecord(record, cpu), kNoFault);
  EXPECT_EQ(cpu.cpu_user, values.all()[8].number);
  EXPECT_EQ(cpu.cpu_steal, 77U) << "keeps its value";
}

TEST(RecordTableTest, Payload80211HoldsDataOrASampledHeader) {
  std::vector<std::uint8_t> data(28);
  storeBe32(data.data(), 0x000FAC04);
  storeBe32(data.data() + 4, 1);
  storeBe32(data.data() + 8, 300);
  storeBe32(data.data() + 16, 8);
  const Record nested{tag(0, 1013), Dialect::v5, data};
  EXPECT_EQ(recordSpec(RecordSpace::flow, nested)->fields.size(), 5U);
  EXPECT_EQ(checkRecord(*recordSpec(RecordSpace::flow, nested), nested), kNoFault);
  storeBe32(data.data() + 4, 20);
  EXPECT_EQ(recordSpec(RecordSpace::flow, nested)->fields.size(), 2U);
}

TEST(RecordTableTest, CountsBeyondTheRecordAreRefused) {
  std::vector<std::uint8_t> data(44);
  const auto fault = [&](std::uint32_t recordTag, RecordSpace space, std::size_t at, std::uint32_t claimed) {
    std::fill(data.begin(), data.end(), std::uint8_t{0});
    storeBe32(data.data() + at, claimed);
    const Record record{recordTag, Dialect::v5, data};
    return checkRecord(*recordSpec(space, recordTag), record);
  };
  for (const std::uint32_t claimed : {0x40000000U, 0x20000001U, 0xFFFFFFFFU, 12U}) {
    EXPECT_EQ(fault(tag(0, 1012), RecordSpace::flow, 0, claimed), Fault::recordContent) << claimed;
    EXPECT_EQ(fault(tag(0, 1003), RecordSpace::flow, 16, claimed), Fault::recordContent) << claimed;
    EXPECT_EQ(fault(tag(0, 2001), RecordSpace::counter, 0, claimed), Fault::recordContent) << claimed;
    EXPECT_EQ(fault(tag(0, 1016), RecordSpace::flow, 0, claimed), Fault::recordContent) << claimed;
    EXPECT_EQ(fault(tag(0, 10), RecordSpace::counter, 16, claimed), Fault::recordContent) << claimed;
  }
  EXPECT_EQ(fault(tag(0, 1002), RecordSpace::flow, 0, 3), Fault::recordContent) << "address type 3";
}

TEST(RecordViewTest, GatewayOfEachDialect) {
  const RecordSpec& spec = *recordSpec(RecordSpace::flow, "extended_gateway");
  const Values values(spec);
  const auto datagram = encode(spec, values.all());
  ExtendedGateway gateway;
  ASSERT_EQ(parseExtendedGateway(onlyRecord(datagram), gateway), kNoFault);
  EXPECT_EQ(gateway.nexthop, values.all()[0].address());
  EXPECT_EQ(gateway.as, values.all()[1].number);
  EXPECT_EQ(gateway.dstPeerAs, 65001U);
  EXPECT_EQ(gateway.dstAs, 65003U);
  EXPECT_EQ(gateway.communityCount(), 3U);
  EXPECT_EQ(gateway.community(1), values.all()[5].at(1));
  EXPECT_EQ(gateway.localpref, values.all()[6].number);

  std::vector<std::uint8_t> flat(24);
  const std::uint32_t words[] = {1, 2, 3, 2, 65010, 65011};
  for (std::size_t i = 0; i < 6; ++i) storeBe32(flat.data() + 4 * i, words[i]);
  ASSERT_EQ(parseExtendedGateway({tag(0, 1003), Dialect::v2, flat}, gateway), kNoFault);
  EXPECT_EQ(gateway.srcPeerAs, 3U);
  EXPECT_EQ(gateway.dstPeerAs, 65010U);
  EXPECT_EQ(gateway.dstAs, 65011U);
  EXPECT_EQ(gateway.communityCount(), 0U);
  EXPECT_EQ(parseExtendedGateway({tag(0, 1003), Dialect::v4, flat}, gateway), Fault::recordContent);
}

TEST(RecordViewTest, LyingHeaderLength) {
  std::vector<std::uint8_t> data(20);
  SampledHeader header;
  for (const std::uint32_t claimed : {5U, 0xFFFFFFFFU}) {
    storeBe32(data.data() + 12, claimed);
    EXPECT_EQ(parseSampledHeader({tag(0, 1), Dialect::v5, data}, header), Fault::recordContent);
  }
  storeBe32(data.data() + 12, 3);
  ASSERT_EQ(parseSampledHeader({tag(0, 1), Dialect::v5, data}, header), kNoFault);
  EXPECT_EQ(header.header.size(), 3U);
  EXPECT_EQ(parseSampledHeader({tag(0, 1), Dialect::v5, Bytes(data).first(15)}, header), Fault::recordShort);
}

TEST(RecordTableTest, EveryTypeHasAName) {
  for (int i = 0; i <= static_cast<int>(FieldType::pdus); ++i)
    EXPECT_FALSE(fieldTypeName(static_cast<FieldType>(i)).empty());
  EXPECT_EQ(fieldTypeName(FieldType::aspath), "aspath");
  EXPECT_EQ(recordStatusName(RecordStatus::nvidia), "NVIDIA");
  EXPECT_EQ(laneFieldName(9), "rx_wavelength");
}

TEST(DiscardReasonTest, Names) {
  EXPECT_EQ(discardReasonName(0), "net_unreachable");
  EXPECT_EQ(discardReasonName(12), "dst_host_tos_unreachable");
  EXPECT_EQ(discardReasonName(15), "precedence_cutoff");
  EXPECT_EQ(discardReasonName(16), "");
  EXPECT_EQ(discardReasonName(255), "");
  EXPECT_EQ(discardReasonName(256), "unknown");
  EXPECT_EQ(discardReasonName(258), "acl");
  EXPECT_EQ(discardReasonName(303), "split_horizon");
  EXPECT_EQ(discardReasonName(332), "dev_hdr");
  EXPECT_EQ(discardReasonName(372), "bgp_flowspec");
  EXPECT_EQ(discardReasonName(373), "");
  EXPECT_EQ(discardReasonName(0xFFFFFFFF), "");
}

}  // namespace
}  // namespace weir::wire
