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

TEST(MetricDocs, EveryNumberHasAUnitAndNoTextHas) {
  const MetricTable& table = metricTable();
  std::size_t numbers = 0;
  for (const RecordLayout& layout : table.layouts()) {
    for (const SlotSpec& slot : layout.slots) {
      const std::string what = std::string(layout.name) + " " + std::string(table.name(slot.ids.front()));
      EXPECT_EQ(slot.unit.empty(), isTextKind(slot.kind)) << what;
      EXPECT_EQ(slot.unit.ends_with("/s"), slot.kind == MetricKind::rate || slot.unit == "bit/s") << what;
      if (slot.kind == MetricKind::cpuShare || slot.kind == MetricKind::cpuPart || slot.kind == MetricKind::percentage) {
        EXPECT_EQ(slot.unit, "percent") << what;
      }
      for (const MetricId id : slot.ids) EXPECT_EQ(table.unit(id), slot.unit) << what << ": one name has one unit";
      numbers += slot.unit.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(numbers, 400U);
  for (const DerivedSpec& derived : table.derived()) EXPECT_FALSE(derived.unit.empty()) << table.name(derived.id);
}

TEST(MetricDocs, HelpTellsOriginAndUnit) {
  const auto help = [](std::string_view name) { return metricHelp(metricTable().find(name)); };
  EXPECT_EQ(help("ifinoctets"), "ifInOctets of if_counters: bytes/s");
  EXPECT_EQ(help("ifspeed"), "ifSpeed of if_counters: bit/s");
  EXPECT_EQ(help("ifinutilization"), "800 · ifinoctets / ifspeed: percent");
  EXPECT_EQ(help("opt_lane_3_rx_power"), "sfp_lane: uW");
  EXPECT_EQ(help("part_max_used"), "part_max_used of host_disk_io: percent");
  for (MetricId id = 0; id < metricTable().size(); ++id)
    EXPECT_EQ(metricHelp(id).find_first_of("\\\n"), std::string::npos) << metricTable().name(id);
}

}  // namespace
}  // namespace weir::model
