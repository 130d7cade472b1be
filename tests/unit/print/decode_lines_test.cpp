// The lines of the repository's captures, octet by octet. That their values are right is expected_test.cpp's business.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "reference_files.h"
#include "support/captures.h"

namespace weir::print {
namespace {

class DecodeLines : public testing::TestWithParam<const char*> {};

// WEIR_UPDATE_CAPTURES=1 writes them anew.
TEST_P(DecodeLines, AreThoseOfTheFile) {
  const std::string capture = weir::test::capturePath(std::string(GetParam()) + ".pcap").value();
  const std::vector<std::string> lines = test::printCapture(capture);
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/tests/captures/" + GetParam() + ".decode.jsonl";
  if (std::getenv("WEIR_UPDATE_CAPTURES") != nullptr) {
    std::ofstream file(path);
    for (const std::string& line : lines) file << line << '\n';
  }
  const std::vector<std::string> expected = test::objectLines(path);
  ASSERT_EQ(lines.size(), expected.size());
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], expected[i]) << GetParam() << " datagram " << i;
}

INSTANTIATE_TEST_SUITE_P(captures, DecodeLines, testing::Values("records", "legacy", "headers", "damaged"),
                         [](const auto& capture) { return std::string(capture.param); });

}  // namespace
}  // namespace weir::print
