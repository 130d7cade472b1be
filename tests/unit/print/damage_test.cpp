// Whatever arrives, the line is one JSON object whose names are distinct, and nothing is read outside the datagram.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "reference_files.h"
#include "support/captures.h"
#include "support/pcap.h"

namespace weir::print {
namespace {

namespace json = boost::json;
using Octets = std::vector<std::uint8_t>;

/// Accepts JSON whose objects have distinct names and whose values are all texts, lists or objects.
struct Checker {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  using Error = boost::system::error_code;
  using View = json::string_view;

  std::vector<std::set<std::string>> names;
  std::string key;
  std::string complaint;

  bool no(const char* what) {
    complaint = what;
    return false;
  }
  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) { return names.emplace_back(), true; }
  bool on_object_end(std::size_t, Error&) { return names.pop_back(), true; }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t, Error&) { return true; }
  bool on_key_part(View part, std::size_t, Error&) { return key.append(part.data(), part.size()), true; }
  bool on_key(View part, std::size_t, Error&) {
    key.append(part.data(), part.size());
    const bool fresh = names.back().insert(key).second;
    if (!fresh) complaint = "twice: " + key;
    key.clear();
    return fresh;
  }
  bool on_string_part(View, std::size_t, Error&) { return true; }
  bool on_string(View, std::size_t, Error&) { return true; }
  bool on_number_part(View, Error&) { return no("a number"); }
  bool on_int64(std::int64_t, View, Error&) { return no("a number"); }
  bool on_uint64(std::uint64_t, View, Error&) { return no("a number"); }
  bool on_double(double, View, Error&) { return no("a number"); }
  bool on_bool(bool, Error&) { return no("a boolean"); }
  bool on_null(Error&) { return no("null"); }
  bool on_comment_part(View, Error&) { return no("a comment"); }
  bool on_comment(View, Error&) { return no("a comment"); }
};

void expectSound(const std::string& line) {
  json::basic_parser<Checker> parser{json::parse_options{}};
  boost::system::error_code error;
  const std::size_t read = parser.write_some(false, line.data(), line.size(), error);
  ASSERT_FALSE(error) << error.message() << " " << parser.handler().complaint << "\n" << line.substr(0, 2000);
  ASSERT_EQ(read, line.size()) << line;
  ASSERT_EQ(line.find('\n'), std::string::npos);
}

class Damage : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const auto capture = weir::test::capturePath(GetParam());
    ASSERT_TRUE(capture);
    payloads_ = weir::test::udpPayloads(*capture);
    ASSERT_FALSE(payloads_.empty());
  }

  // A copy that ends where its memory ends, so that the sanitizer sees a read behind it.
  void printExactCopy(Bytes bytes) {
    const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), copy.get());
    line_.clear();
    printer_.print({Bytes(copy.get(), bytes.size()), 0, {}, 0, 0, (++printed_ & 1) != 0, {}}, line_);
    expectSound(line_);
  }

  std::vector<Octets> payloads_;
  DatagramPrinter printer_;
  std::string line_;
  unsigned printed_ = 0;
};

TEST_P(Damage, truncated) {
  for (const Octets& payload : payloads_)
    for (std::size_t size = 0; size <= payload.size() && !HasFatalFailure(); size += size < 64 ? 1 : 7)
      printExactCopy(Bytes(payload).first(size));
}

TEST_P(Damage, mutated) {
  std::mt19937 random(1);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (const Octets& payload : payloads_) {
    if (payload.empty()) continue;
    for (int round = 0; round < 30 && !HasFatalFailure(); ++round) {
      Octets damaged = payload;
      for (std::size_t changes = 1 + below(6); changes != 0; --changes) {
        // Mostly whole words: lengths, counts and tags are where a decoder trips.
        const std::size_t word = below(damaged.size()) & ~std::size_t{3};
        constexpr std::uint8_t kTelling[] = {0, 1, 4, 0x7F, 0x80, 0xFF};
        damaged[std::min(word + below(4), damaged.size() - 1)] =
            below(2) == 0 ? kTelling[below(std::size(kTelling))] : static_cast<std::uint8_t>(below(256));
      }
      if (below(4) == 0) damaged.resize(below(damaged.size()) + 1);
      printExactCopy(damaged);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(captures, Damage,
                         testing::ValuesIn(weir::test::presentCaptures(
                             {"records.pcap", "legacy.pcap", "headers.pcap", "damaged.pcap",
                              "synthetic-flow-records.pcap", "synthetic-counter-records.pcap",
                              "synthetic-edge-cases.pcap", "synthetic-invalid.pcap", "synthetic-v2-v4.pcap",
                              "encap-headers.pcap", "cistern-vectors.pcap", "gopacket-vectors-a.pcap",
                              "goflow2-drop-function.pcap", "akvorado-1140.pcap"})));

// A small datagram must not become a large line.
TEST(LineSize, isBoundedByTheDatagram) {
  Octets payload = {0, 0, 0, 5, 0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF};
  payload.resize(65535);
  EXPECT_LT(test::printed(payload).size(), 10 * payload.size()) << "empty samples of an unknown type";
  // A flow sample full of empty records.
  payload[31] = 1;
  payload[33] = 0;
  payload[34] = 0xFF;
  payload[35] = 0xC0;
  for (std::size_t i = 64; i < 68; ++i) payload[i] = 0xFF;
  EXPECT_LT(test::printed(payload).size(), 12 * payload.size());
}

}  // namespace
}  // namespace weir::print
