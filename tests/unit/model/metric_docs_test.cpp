#include "model/metric_docs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "model/metric_table.h"

namespace weir::model {
namespace {

TEST(MetricDocs, ReferencePageIsWhatTheTableSays) {
  const std::string path = std::string(WEIR_SOURCE_DIR) + "/docs/metrics.md";
  if (std::getenv("WEIR_UPDATE_DOCS") != nullptr) std::ofstream(path) << metricsMarkdown();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), metricsMarkdown()) << "run this test with WEIR_UPDATE_DOCS=1";
}

TEST(MetricDocs, NamesEveryMetricOfTheFirstInstance) {
  const std::string page = metricsMarkdown();
  const MetricTable& table = metricTable();
  std::size_t checked = 0;
  for (MetricId id = 0; id < table.size(); ++id) {
    const auto places = table.places(id);
    if (!places.empty() && places.front().instance != 0) continue;
    EXPECT_NE(page.find("`" + std::string(table.name(id)) + "`"), std::string::npos) << table.name(id);
    ++checked;
  }
  EXPECT_GT(checked, 400U);
}

}  // namespace
}  // namespace weir::model
