#include "wire/record_docs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace weir::wire {
namespace {

TEST(RecordDocs, ReferencePageIsWhatTheTableSays) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/records.md";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << recordsMarkdown();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), recordsMarkdown()) << "run this test with WEIR_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace weir::wire
