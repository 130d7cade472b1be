#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/time.h"
#include "query/question.h"

namespace weir::query {

class FlowKeysQuery;

struct FlowKeysResult {
  Nanos asked = 0;
  std::map<std::string, Nanos> newest;  ///< flow key → when a sample last had it

  void writeJson(JsonWriter& json) const;
};

/// GET /flowkeys/json: the flow keys that samples had.
struct FlowKeysQuestion {
  using Query = FlowKeysQuery;
  using Result = FlowKeysResult;
  static constexpr std::string_view kName = "flowKeys";
};

}  // namespace weir::query
