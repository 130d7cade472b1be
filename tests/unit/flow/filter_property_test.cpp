// g++ 12 warns of std::regex itself when sanitizers are on.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <regex>
#include <set>

#include "capture_samples.h"
#include "flow/key_table.h"
#include "test_sample.h"

// Random filters, decided twice: by the compiled program and by an evaluator that only knows texts.

namespace weir::flow {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) {
  return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
}

struct Tree {
  enum Kind { any, all, comparison } kind = comparison;
  std::vector<Tree> children;
  std::string key;
  bool negated = false, pattern = false;
  std::vector<std::string> rights;
};

// Keys and what texts they have in the samples; each text is what the key alone shows.
class Texts {
 public:
  explicit Texts(const test::CaptureSamples& samples) : samples_(samples) {}

  const std::vector<std::optional<std::string>>& of(const std::string& key) {
    auto& texts = texts_[key];
    if (!texts.empty()) return texts;
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf(key, "requests"));
    EXPECT_TRUE(compiled) << key;
    for (const SampleFields& fields : samples_.fields) {
      const auto outcome = test::run(**compiled, fields);
      texts.push_back(outcome.counted ? std::optional(outcome.key) : std::nullopt);
    }
    return texts;
  }

 private:
  const test::CaptureSamples& samples_;
  std::map<std::string, std::vector<std::optional<std::string>>> texts_;
};

std::string randomKey(Random& random) {
  static const std::vector<std::string> functions{"prefix:stack:.:2",
                                                  "suffix:stack:.:1",
                                                  "first:stack:.:ip:ip6:arp",
                                                  "or:tcpsourceport:udpsourceport:icmptype",
                                                  "null:vlan:0",
                                                  "range:bytes:64:200",
                                                  "range:ipttl:10:64",
                                                  "mask:ipsource:16",
                                                  "bits:ipbytes:255",
                                                  "oui:macsource",
                                                  "concat:-:ipsource:ipprotocol",
                                                  "eq:ipsource:ipdestination",
                                                  "if:ipprotocol:6:tcpdestinationport:udpdestinationport",
                                                  "or:ipsource:ip6source",
                                                  "suffix:ipsource:.:1",
                                                  "null:[first:stack:.:tcp:udp]:other",
                                                  "or:vlan:mplslabel:iptos"};
  if (below(random, 3) == 0) return functions[below(random, functions.size())];
  const auto table = flowKeyTable();
  const FlowKeyEntry& entry = table[below(random, table.size())];
  std::string key(entry.name);
  if (entry.layered && below(random, 4) == 0) key += '.' + std::to_string(below(random, 3));
  return key;
}

std::string pattern(Random& random, const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (below(random, 4) == 0)
      out += '.';
    else if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      out += c;
    else
      out += std::string("\\") + c;
  }
  if (below(random, 5) == 0) out += ".*";
  if (below(random, 5) == 0) out = "(x|" + out + ")";
  if (out.empty()) out = "x?";
  return out;
}

Tree randomTree(Random& random, Texts& texts, unsigned depth) {
  Tree tree;
  if (depth != 0 && below(random, 3) != 0) {
    tree.kind = below(random, 2) == 0 ? Tree::any : Tree::all;
    const std::size_t n = 2 + below(random, 2);
    for (std::size_t i = 0; i < n; ++i) tree.children.push_back(randomTree(random, texts, depth - 1));
    return tree;
  }
  tree.key = randomKey(random);
  tree.negated = below(random, 3) == 0;
  tree.pattern = below(random, 3) == 0;
  const auto& seen = texts.of(tree.key);
  const std::size_t n = 1 + below(random, 3);
  for (std::size_t i = 0; i < n; ++i) {
    const auto& text = seen[below(random, seen.size())];
    std::string right = text ? *text : below(random, 2) == 0 ? "null" : "4711";
    if (below(random, 6) == 0) right = "null";
    if (right != "null" && tree.pattern) right = pattern(random, right);
    tree.rights.push_back(right.empty() ? "x" : right);
  }
  return tree;
}

std::string write(const Tree& tree) {
  std::string out;
  if (tree.kind == Tree::comparison) {
    out = tree.key + (tree.negated ? "!" : "") + (tree.pattern ? "~" : "=");
    for (std::size_t i = 0; i < tree.rights.size(); ++i) out += (i != 0 ? "," : "") + tree.rights[i];
    return out;
  }
  for (std::size_t i = 0; i < tree.children.size(); ++i) {
    if (i != 0) out += tree.kind == Tree::any ? "|" : "&";
    const bool bare =
        tree.children[i].kind == Tree::comparison || (tree.kind == Tree::any && tree.children[i].kind == Tree::all);
    out += bare ? write(tree.children[i]) : "(" + write(tree.children[i]) + ")";
  }
  return out;
}

bool decide(const Tree& tree, Texts& texts, std::size_t sample) {
  if (tree.kind == Tree::any) {
    return std::any_of(tree.children.begin(), tree.children.end(),
                       [&](const Tree& c) { return decide(c, texts, sample); });
  }
  if (tree.kind == Tree::all) {
    return std::all_of(tree.children.begin(), tree.children.end(),
                       [&](const Tree& c) { return decide(c, texts, sample); });
  }
  const auto& text = texts.of(tree.key)[sample];
  bool holds = false;
  for (const std::string& right : tree.rights) {
    if (!text)
      holds = holds || right == "null";
    else if (tree.pattern)
      holds = holds || std::regex_match(*text, std::regex(right));
    else
      holds = holds || *text == right;
  }
  return holds != tree.negated;
}

void compare(const std::string& capture, std::size_t samples, unsigned filters) {
  const auto all = test::readSamples(capture, samples);
  if (!all) GTEST_SKIP() << "the shared captures are absent";
  ASSERT_GT(all->fields.size(), 100U);
  Texts texts(*all);
  Random random(20260001);
  std::size_t accepted = 0;
  for (unsigned i = 0; i < filters; ++i) {
    const Tree tree = randomTree(random, texts, 3);
    const std::string text = write(tree);
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf("", "requests", text));
    ASSERT_TRUE(compiled) << text << ": " << compiled.error().text();
    // A few samples each: the evaluator of texts is slow.
    for (unsigned k = 0; k < 25; ++k) {
      const std::size_t sample = below(random, all->fields.size());
      const bool expected = decide(tree, texts, sample);
      accepted += expected;
      ASSERT_EQ(test::run(**compiled, all->fields[sample]).counted, expected) << text << "\nsample " << sample << '\n'
                                                                              << (*compiled)->programText();
    }
  }
  std::printf("%s: %u filters on %zu samples, %zu of %u decisions true\n", capture.c_str(), filters, all->fields.size(),
              accepted, filters * 25);
  EXPECT_GT(accepted, filters);
}

TEST(FilterProperty, RandomFiltersDecideAsTextsDoOnFabricTraffic) {
  compare("ecmp.pcap", 2000, 400);
}
TEST(FilterProperty, RandomFiltersDecideAsTextsDoOnTunnels) {
  compare("encap-headers.pcap", 2000, 400);
}

TEST(Capture, FabricTrafficHasTheKnownPair) {
  const auto all = test::readSamples("ecmp.pcap", 2000);
  if (!all) GTEST_SKIP() << "the shared captures are absent";
  const auto compiled = CompiledDefinition::compile("t", test::definitionOf("ipsource,ipdestination", "bytes"));
  ASSERT_TRUE(compiled);
  std::map<std::string, double> bytes;
  for (const SampleFields& fields : all->fields) {
    const auto outcome = test::run(**compiled, fields);
    if (outcome.counted) bytes[outcome.key] += outcome.amount;
  }
  EXPECT_GT(bytes["10.4.1.2,10.4.2.2"], 1e6);
}

TEST(Capture, KeysSeenOnTunnelsHaveSuffixes) {
  const auto all = test::readSamples("encap-headers.pcap", 2000);
  if (!all) GTEST_SKIP() << "the shared captures are absent";
  KeysSeen seen;
  Nanos now = kSecond;
  for (const SampleFields& fields : all->fields) seen.note(fields, now += kMillisecond);
  std::set<std::string> names;
  for (const auto& [name, time] : seen.list()) names.insert(name);
  for (const char* name : {"ipsource", "ipsource.1", "vxlanvni", "genevevni", "gtpteid", "mplslabel.1", "vlan.1",
                           "ip6source", "sctpsourceport", "stack", "inputifindex"}) {
    EXPECT_EQ(names.count(name), 1U) << name;
  }
}

}  // namespace
}  // namespace weir::flow
