#include "flow/shared_fields.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "capture_samples.h"
#include "flow/key_table.h"
#include "test_sample.h"

// A definition evaluated by itself, and as a lookup among fields that it shares with others: the same key and amount.

namespace weir::flow {
namespace {

struct Made {
  bool counted = false;
  double amount = 0;
  std::array<std::uint8_t, CompiledDefinition::kMaxKeySize> key{};
  friend bool operator==(const Made&, const Made&) = default;
};

class SharedFieldsTest : public testing::TestWithParam<const char*> {};

TEST_P(SharedFieldsTest, LookupGivesWhatEvaluatingGives) {
  const auto samples = test::readSamples(GetParam(), 2'000);
  if (samples == nullptr) GTEST_SKIP() << "no capture " << GetParam();
  std::mt19937_64 random(5);
  const auto table = flowKeyTable();
  const auto anyKey = [&] {
    const FlowKeyEntry& entry = table[random() % table.size()];
    return std::string(entry.name) + (entry.layered && random() % 4 == 0 ? ".1" : "");
  };
  const std::vector<std::string> usual{"ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
                                       "macsource,macdestination", "ip6source,ip6destination", "inputifindex,vlan", ""};
  std::size_t direct = 0, counted = 0;
  for (unsigned round = 0; round < 40; ++round) {
    SharedFields fields;
    std::vector<std::pair<std::shared_ptr<const CompiledDefinition>, std::optional<DirectKey>>> definitions;
    for (unsigned i = 0; i < 12; ++i) {
      std::string keys = i < usual.size() ? usual[i] : anyKey();
      for (auto more = i < usual.size() ? 0 : random() % 5; more > 0; --more) keys += "," + anyKey();
      Definition definition = test::definitionOf(keys, i % 3 == 0 ? "frames" : i % 3 == 1 ? "bytes" : "bps");
      if (i % 4 == 3) definition.filter = "ipprotocol=6";
      auto compiled = CompiledDefinition::compile("t", definition);
      ASSERT_TRUE(compiled) << keys;
      auto bound = (*compiled)->direct(fields);
      direct += bound.has_value();
      definitions.emplace_back(*compiled, std::move(bound));
    }
    for (const SampleFields& sample : samples->fields) {
      SharedFields::Values values;
      fields.read(sample, values);
      for (const auto& [compiled, bound] : definitions) {
        if (!bound) continue;
        Made expected, got;
        expected.counted = compiled->evaluate(sample, expected.key.data(), expected.amount);
        got.counted =
            (!bound->filtered || compiled->accepts(sample)) && bound->make(sample, values, got.key.data(), got.amount);
        if (sample.sample->kind == wire::SampleKind::discard) continue;  // the shard keeps those apart
        counted += expected.counted;
        if (!expected.counted) expected = Made{};
        if (!got.counted) got = Made{};
        ASSERT_EQ(got, expected) << compiled->definition().keysText;
      }
    }
  }
  EXPECT_GT(direct, 200U) << "definitions that are lookups";
  EXPECT_GT(counted, samples->fields.size());
}

INSTANTIATE_TEST_SUITE_P(Captures, SharedFieldsTest,
                         testing::ValuesIn(weir::test::presentCaptures({"headers.pcap", "records.pcap", "ecmp.pcap",
                                                                        "encap-headers.pcap",
                                                                        "synthetic-flow-records.pcap"})),
                         [](const auto& capture) { return "capture" + std::to_string(capture.index); });

TEST(SharedFields, OneFieldIsReadOnceAndTheirNumberIsBounded) {
  SharedFields fields;
  Leaf leaf;
  leaf.layer = decode::Layer::ip;
  leaf.size = 1;
  leaf.mask = 0xFF;
  for (unsigned i = 0; i < SharedFields::kMax; ++i) {
    leaf.at = static_cast<std::uint8_t>(i);
    EXPECT_EQ(fields.add(leaf), i);
    EXPECT_EQ(fields.add(leaf), i);
  }
  leaf.at = SharedFields::kMax;
  EXPECT_EQ(fields.add(leaf), std::nullopt);
  fields.clear();
  EXPECT_EQ(fields.add(leaf), 0);
}

}  // namespace
}  // namespace weir::flow
