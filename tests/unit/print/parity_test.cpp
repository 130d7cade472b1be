// Every shared capture, field by field, against the reference decoder's output beside it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <initializer_list>
#include <set>
#include <string>

#include "reference_files.h"
#include "support/captures.h"

namespace weir::print {
namespace {

namespace json = boost::json;
using Names = std::set<std::string_view>;

// Members that the reference does not have, by the object they stand in. An element of which the reference prints
// nothing but the tag may have any, and so may a datagram that it gave up.
const Names kDatagramExtras = {"fault", "udpPayloadSize"};
const Names kSampleExtras = {"data"};
const Names kElementExtras = {"src_port", "dst_port", "tcp_flags", "dst_as_path_segments", "TCPFlagsSampled",
                              "cpu_1m",   "status",   "dirn",      "module_temperature",   "part_max_used"};

// Datagrams whose lengths lie, where the reference reads on behind the end of a sample or record and we do not.
// All are marked as stopped; what it read there is left out.
bool readsBehindAnEnd(const std::string& capture, std::size_t datagram) {
  static const std::set<std::size_t> kDatagrams = {8, 23, 24, 25, 27, 39, 54};
  return capture == "synthetic-invalid.pcap" && kDatagrams.contains(datagram);
}

/// Finds the first difference between the reference's object and ours.
class Comparison {
 public:
  enum class Rule {
    strict,  ///< nothing missing, nothing else, the same order
    more     ///< nothing missing
  };

  explicit Comparison(Rule rule) : rule_(rule) {}

  bool datagram(const json::object& reference, const json::object& ours) {
    // Where the reference printed no samples it found no datagram; ours may be one (agent address type 0).
    Names extras = kDatagramExtras;
    if (!reference.contains("samples"))
      extras.merge(Names{"agentSubId", "packetSequenceNo", "sysUpTime", "samplesInPacket", "samples"});
    return object(reference, ours, "", extras);
  }
  [[nodiscard]] const std::string& difference() const { return difference_; }

 private:
  bool differ(const std::string& path, const std::string& what) {
    difference_ = path + ": " + what;
    return false;
  }

  bool object(const json::object& reference, const json::object& ours, const std::string& path, const Names& extras) {
    auto at = ours.begin();
    for (const auto& [name, value] : reference) {
      if (name == "sflowtool_stopped") continue;
      const auto found = ours.find(name);
      const std::string here = path + "/" + std::string(name);
      if (found == ours.end()) return differ(here, "missing");
      if (rule_ == Rule::strict) {
        while (at != ours.end() && !reference.contains(at->key())) ++at;
        if (at == ours.end() || at->key() != name) return differ(here, "out of order");
        ++at;
      }
      if (!this->value(value, found->value(), here)) return false;
    }
    if (rule_ != Rule::strict) return true;
    for (const auto& [name, value] : ours)
      if (!reference.contains(name) && !extras.contains(std::string_view(name.data(), name.size())))
        return differ(path + "/" + std::string(name), "not in the reference: " + json::serialize(value));
    return true;
  }

  bool value(const json::value& reference, const json::value& ours, const std::string& path) {
    if (reference.is_array()) {
      if (!ours.is_array()) return differ(path, "no list");
      const json::array& a = reference.get_array();
      const json::array& b = ours.get_array();
      if (rule_ == Rule::strict ? a.size() != b.size() : a.size() > b.size())
        return differ(path, std::to_string(b.size()) + " elements instead of " + std::to_string(a.size()));
      for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        if (!element(a[i], b[i], path + "/" + std::to_string(i))) return false;
      return true;
    }
    if (reference == ours) return true;
    return differ(path, json::serialize(ours) + " instead of " + json::serialize(reference));
  }

  bool element(const json::value& reference, const json::value& ours, const std::string& path) {
    if (!reference.is_object() || !ours.is_object()) return value(reference, ours, path);
    const json::object& a = reference.get_object();
    const json::object& b = ours.get_object();
    const bool sample = a.contains("sampleType_tag");
    if (sample) return object(a, b, path, kSampleExtras);
    const bool skipped = a.size() == 1 && (a.contains("flowBlock_tag") || a.contains("counterBlock_tag"));
    if (!skipped) return object(a, b, path, kElementExtras);
    Names any;
    for (const auto& [name, ignored] : b) any.insert(std::string_view(name.data(), name.size()));
    return object(a, b, path, any);
  }

  Rule rule_;
  std::string difference_;
};

void compare(const std::string& capture, std::size_t datagram, const std::string& reference, const std::string& ours) {
  if (reference == ours) return;
  boost::system::error_code error;
  const json::value parsed = json::parse(ours, error);
  ASSERT_FALSE(error) << capture << " datagram " << datagram << ": " << error.message() << "\n" << ours;
  json::object expected = json::parse(reference).get_object();
  const bool stopped = expected.contains("sflowtool_stopped");
  if (stopped && readsBehindAnEnd(capture, datagram)) expected.erase("samples");
  Comparison comparison(stopped ? Comparison::Rule::more : Comparison::Rule::strict);
  EXPECT_TRUE(comparison.datagram(expected, parsed.get_object()))
      << capture << " datagram " << datagram << " " << comparison.difference();
}

class Parity : public testing::TestWithParam<std::string> {};

TEST_P(Parity, everyFieldOfTheReference) {
  const std::string path = weir::test::captureFolder() + "/" + GetParam();
  const std::vector<std::string> reference = test::objectLines(path + ".sflowtool.json");
  ASSERT_FALSE(reference.empty());
  const std::vector<std::string> ours = test::printCapture(path);
  ASSERT_EQ(ours.size(), reference.size()) << "one line for each UDP payload";
  for (std::size_t i = 0; i < ours.size() && !HasFailure(); ++i) compare(GetParam(), i, reference[i], ours[i]);
}

INSTANTIATE_TEST_SUITE_P(captures, Parity, testing::ValuesIn(test::referenceCaptures()), [](const auto& capture) {
  std::string name = capture.param;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Parity);

TEST(ParityCaptures, areThere) {
  if (test::referenceCaptures().empty()) GTEST_SKIP() << "no captures in " << weir::test::captureFolder();
  EXPECT_GE(test::referenceCaptures().size(), 28U);
}

// The comparison itself must see what is wrong.
TEST(ParityComparison, seesDifferences) {
  const auto differs = [](const char* reference, const char* ours) {
    return !Comparison(Comparison::Rule::strict)
                .datagram(json::parse(reference).get_object(), json::parse(ours).get_object());
  };
  EXPECT_FALSE(differs(R"({"a":"1","samples":[]})", R"({"a":"1","samples":[],"fault":"x"})"));
  EXPECT_TRUE(differs(R"({"a":"1"})", R"({"a":"2"})"));
  EXPECT_TRUE(differs(R"({"a":"1"})", R"({"a":1})"));
  EXPECT_TRUE(differs(R"({"a":"1"})", R"({})"));
  EXPECT_TRUE(differs(R"({"a":"1"})", R"({"a":"1","b":"2"})"));
  EXPECT_TRUE(differs(R"({"a":"1","b":"2"})", R"({"b":"2","a":"1"})"));
  EXPECT_TRUE(differs(R"({"samples":[]})", R"({"samples":[{}]})"));
  EXPECT_TRUE(
      differs(R"({"samples":[{"sampleType_tag":"0:1","elements":[{"flowBlock_tag":"0:1","x":"1"}]}]})",
              R"({"samples":[{"sampleType_tag":"0:1","elements":[{"flowBlock_tag":"0:1","x":"1","y":"2"}]}]})"));
  EXPECT_FALSE(differs(R"({"samples":[{"sampleType_tag":"0:1","elements":[{"flowBlock_tag":"0:9"}]}]})",
                       R"({"samples":[{"sampleType_tag":"0:1","elements":[{"flowBlock_tag":"0:9","y":"2"}]}]})"));
}

}  // namespace
}  // namespace weir::print
