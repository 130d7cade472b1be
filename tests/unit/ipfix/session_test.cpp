#include "ipfix/session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "flows.h"
#include "support/ipfix_decoder.h"

namespace weir::ipfix {
namespace {

using test::address;
using test::IpfixDecoder;
using test::kStart;
using test::pairsTo;
using test::recordOf;

using Octets = std::vector<std::uint8_t>;

/// A session whose messages are decoded as they come, with a clock that the test turns.
class SessionTest : public testing::Test {
 protected:
  Session::Moment at(Nanos monotonic) { return {kStart + monotonic, 1'000 * kSecond + monotonic}; }
  std::vector<IpfixDecoder::Message> taken() { return std::exchange(messages, {}); }

  IpfixDecoder decoder;
  std::vector<IpfixDecoder::Message> messages;
  std::vector<std::size_t> sizes;
  Session session{[this](Bytes octets, unsigned records) {
    sizes.push_back(octets.size());
    messages.push_back(decoder.decode(octets));
    EXPECT_EQ(messages.back().records.size(), records);
  }};
  std::shared_ptr<const FlowExport> pairs = pairsTo({{"10.0.0.9", 4739}});
};

TEST_F(SessionTest, TemplatesThenRecords) {
  session.setFlows({pairs});
  ASSERT_TRUE(session.add(recordOf(pairs, 1500), at(0)));
  ASSERT_TRUE(session.add(recordOf(pairs, 64, 2, "2001:db8::5"), at(0)));
  session.flush(at(700 * kMillisecond));
  const auto sent = taken();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].templates, (std::vector<std::uint16_t>{256, 257}));
  EXPECT_TRUE(sent[0].records.empty());
  EXPECT_EQ(sent[1].exportTime, kStart / kSecond);
  EXPECT_EQ(sent[1].domain, 0U);
  ASSERT_EQ(sent[1].records.size(), 2U);

  using Fields = std::vector<IpfixDecoder::Field>;
  const Fields ip4{{152, 8}, {153, 8}, {130, 4}, {138, 8}, {8, 4}, {11, 2}, {10, 4}, {1, 8}, {136, 1}};
  EXPECT_EQ(decoder.templates().at(256), ip4);
  Fields ip6 = ip4;
  ip6[2] = {131, 16};
  EXPECT_EQ(decoder.templates().at(257), ip6);

  const auto& one = sent[1].records[0];
  EXPECT_EQ(one.templateId, 256);
  EXPECT_EQ(one.number(152), kStart / kMillisecond + 5);
  EXPECT_EQ(one.number(153), kStart / kMillisecond + 3000);
  EXPECT_EQ(one.octets(130), (Octets{192, 0, 2, 1}));
  EXPECT_EQ(one.number(138), 3U);
  EXPECT_EQ(one.octets(8), (Octets{10, 0, 0, 1}));
  EXPECT_EQ(one.number(11), 443U);
  EXPECT_EQ(one.number(10), 7U);
  EXPECT_EQ(one.number(1), 1500U);
  EXPECT_EQ(one.number(136), 1U);
  const auto& two = sent[1].records[1];
  EXPECT_EQ(two.templateId, 257);
  const IpAddress agent = address("2001:db8::5");
  EXPECT_EQ(two.octets(131), Octets(agent.octets.begin(), agent.octets.end()));
  EXPECT_EQ(two.number(1), 64U);
}

TEST_F(SessionTest, TemplatesAreToldAgain) {
  EXPECT_EQ(session.nextAnnouncement(), INT64_MAX);
  session.announce(at(0));
  EXPECT_TRUE(taken().empty()) << "there is nothing to tell";
  session.setFlows({pairs});
  EXPECT_LE(session.nextAnnouncement(), at(0).monotonic);
  session.announce(at(0));
  ASSERT_EQ(taken().size(), 1U);
  EXPECT_EQ(session.nextAnnouncement(), at(Session::kTemplateInterval).monotonic);
  session.announce(at(Session::kTemplateInterval - 1));
  EXPECT_TRUE(taken().empty());
  // What gathers meanwhile keeps its place before them.
  ASSERT_TRUE(session.add(recordOf(pairs, 1), at(Session::kTemplateInterval - 1)));
  session.announce(at(Session::kTemplateInterval));
  const auto sent = taken();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].records.size(), 1U);
  EXPECT_EQ(sent[1].templates, (std::vector<std::uint16_t>{256, 257}));
  EXPECT_EQ(sent[1].sequence, 1U) << "templates do not count";
  session.setFlows({});
  EXPECT_EQ(session.nextAnnouncement(), INT64_MAX);
}

TEST_F(SessionTest, AChangedDefinitionHasNewTemplates) {
  session.setFlows({pairs});
  session.announce(at(0));
  const auto changed = pairsTo({{"10.0.0.9", 4739}}, true);
  session.setFlows({changed});
  EXPECT_FALSE(session.add(recordOf(pairs, 1), at(kSecond))) << "it is gone";
  ASSERT_TRUE(session.add(recordOf(changed, 1), at(kSecond)));
  session.flush(at(kSecond));
  const auto sent = taken();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[1].templates, (std::vector<std::uint16_t>{258, 259}));
  ASSERT_EQ(sent[2].records.size(), 1U);
  EXPECT_FALSE(sent[2].records[0].has(136)) << "a flow that began has not ended";
}

TEST_F(SessionTest, RecordsArePacked) {
  session.setFlows({pairs});
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(session.add(recordOf(pairs, i), at(0)));
  session.flush(at(0));
  const auto sent = taken();
  std::size_t records = 0;
  for (const auto& message : sent) {
    for (const auto& record : message.records) EXPECT_EQ(record.number(1), records++);
  }
  EXPECT_EQ(records, 1'000U);
  EXPECT_EQ(sent.size(), 1U + (1'000 + 28) / 29) << "47 octets each, in 1,380 of a message";
  EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), Message::kMost);
}

TEST_F(SessionTest, TemplatesOfManyDefinitionsTakeSeveralMessages) {
  std::vector<std::shared_ptr<const FlowExport>> flows(100);
  for (auto& flow : flows) flow = pairsTo({{"10.0.0.9", 4739}});
  session.setFlows(flows);
  session.announce(at(0));
  EXPECT_EQ(decoder.templates().size(), 200U);
  EXPECT_GT(taken().size(), 5U);
  EXPECT_LE(*std::max_element(sizes.begin(), sizes.end()), Message::kMost);
  for (const auto& flow : flows) ASSERT_TRUE(session.add(recordOf(flow, 1), at(0)));
  session.flush(at(0));
  std::size_t records = 0;
  for (const auto& message : taken()) records += message.records.size();
  EXPECT_EQ(records, 100U);
}

TEST_F(SessionTest, NumbersOfTemplatesComeRoundLate) {
  session.setFlows({pairs});
  session.announce(at(0));
  const auto first = decoder.templates().begin()->first;
  std::set<std::uint16_t> used;
  for (int i = 0; i < 40'000; ++i) {
    const auto other = pairsTo({{"10.0.0.9", 4739}});
    session.setFlows({pairs, other});
    Session::Moment moment = at(0);
    if (i < 32'639) continue;  // as many pairs of numbers as there are beside the first: all have had their turn
    session.announce(moment);
    for (const auto& message : taken()) used.insert(message.templates.begin(), message.templates.end());
    break;
  }
  EXPECT_TRUE(used.contains(first)) << "in use all the time, so never given to another";
  EXPECT_TRUE(used.contains(258)) << "the oldest number that is free";
}

TEST_F(SessionTest, AnotherAddressIsANewSession) {
  session.setFlows({pairs});
  ASSERT_TRUE(session.add(recordOf(pairs, 1), at(0)));
  session.flush(at(0));
  (void)taken();
  session.beginAnew();
  decoder = IpfixDecoder();
  ASSERT_TRUE(session.add(recordOf(pairs, 1), at(0)));
  session.flush(at(0));
  EXPECT_EQ(taken().size(), 2U);
}

TEST(FlowExport, AllKeysAndCounts) {
  // Each key in a slot of 16 octets: 0xA0, 0xA1, … Numbers are little-endian there.
  std::vector<FlowExport::Key> keys;
  std::vector<std::uint8_t> key(16 * keyElements().size());
  for (std::size_t i = 0; i < keyElements().size(); ++i) {
    const KeyElement& element = keyElements()[i];
    keys.push_back({&element, static_cast<std::uint16_t>(16 * i), element.element.size});
    for (unsigned at = 0; at < element.element.size; ++at) key[16 * i + at] = static_cast<std::uint8_t>(0xA0 + at);
    if (element.value == KeyValue::interface) key[16 * i + 3] = 0x01;
  }
  const auto flow =
      std::make_shared<const FlowExport>(std::vector<Collector>{}, keys, FlowExport::Counts{true, true}, false);
  FlowFacts facts;
  facts.key = key.data();
  facts.octets = 2.5e18;
  facts.frames = 0.6;
  const std::string octets = flow->encode(facts);
  std::size_t expected = 0;
  for (const Element& field : flow->elements(false)) expected += field.size;
  ASSERT_EQ(octets.size(), expected);
  std::size_t at = 28;
  for (const KeyElement& element : keyElements()) {
    const unsigned size = element.element.size;
    for (unsigned i = 0; i < size; ++i, ++at) {
      const unsigned octet = 0xA0 + (element.value == KeyValue::octets ? i : size - 1 - i);
      const bool top = element.value == KeyValue::interface && i == 0;
      EXPECT_EQ(static_cast<std::uint8_t>(octets[at]), top ? 1 : octet) << element.key << " octet " << i;
    }
  }
  const auto* numbers = reinterpret_cast<const std::uint8_t*>(octets.data()) + at;
  EXPECT_EQ(loadBe64(numbers), 2'500'000'000'000'000'000ULL);
  EXPECT_EQ(loadBe64(numbers + 8), 1U);
}

TEST(FlowExport, WhatIsNoInterfaceIsZero) {
  const auto flow = std::make_shared<const FlowExport>(
      std::vector<Collector>{}, std::vector<FlowExport::Key>{{findKeyElement("outputifindex"), 0, 4}},
      FlowExport::Counts{}, true);
  const auto encoded = [&](std::uint32_t port) {
    FlowFacts facts;
    facts.key = reinterpret_cast<const std::uint8_t*>(&port);
    const std::string octets = flow->encode(facts);
    return loadBe32(reinterpret_cast<const std::uint8_t*>(octets.data()) + octets.size() - 4);
  };
  EXPECT_EQ(encoded(0), 0U);
  EXPECT_EQ(encoded(1001), 1001U);
  EXPECT_EQ(encoded(0x3FFFFFFE), 0x3FFFFFFEU);
  for (const std::uint32_t none : {0x3FFFFFFFU, 0xFFFFFFFEU, 0xFFFFFFFDU}) EXPECT_EQ(encoded(none), 0U) << none;
}

TEST(FlowExport, ACollectorThatIsNamedTwiceCountsOnce) {
  EXPECT_EQ(pairsTo({{"b", 1}, {"a", 2}, {"b", 1}})->collectors(), (std::vector<Collector>{{"a", 2}, {"b", 1}}));
}

}  // namespace
}  // namespace weir::ipfix
