#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "query/question.h"
#include "query/source_key.h"

namespace weir::query {

class FlowValueQuery;

struct FlowValueResult {
  AgentId agent;
  wire::DataSource source;
  std::string key;
  std::uint32_t ageMs = 0;  ///< since the last sample
  double value = 0;

  void writeJson(JsonWriter& json) const;
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.source, self.key, self.ageMs, self.value); }
};

/// GET /flowvalue/{agent}/{name}/json: the value of one flow at one data source.
struct FlowValueQuestion {
  using Query = FlowValueQuery;
  using Result = FlowValueResult;
  static constexpr std::string_view kName = "flowValue";
  std::string agent;
  std::string name;      ///< `<dataSource>.<flow>`
  std::string key = {};  ///< as text
};

}  // namespace weir::query
