#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "flow/definition.h"
#include "query/active_flows_question.h"

namespace weir::engine {

/// A flow definition explained, with an example of what it counts.
struct FlowExplanation {
  std::shared_ptr<const flow::CompiledDefinition> compiled;
  std::vector<std::string> hints;  ///< what is legal in it, but hardly meant
  double seconds = 0;              ///< of the engine's clock that the example took; 0: the clock stood still
  query::ActiveFlowsResult flows;  ///< the largest meanwhile

  void writeJson(JsonWriter& json) const;
};

}  // namespace weir::engine
