#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/definitions.h"
#include "model/metric_names.h"
#include "query/uncounted.h"

namespace weir::engine {

/// What is legal but hardly meant, because of what is there or not there besides the definition.
struct HintAround {
  std::string text;
  bool awaited = true;  ///< another definition may bring it, and they may be put in any order
};

/// `around`: the other definitions. `names`: metrics that came with the data.
[[nodiscard]] std::vector<HintAround> hintsAround(const FlowEntry& flow, const Definitions& around,
                                                  const model::MetricNames& names);
[[nodiscard]] std::vector<HintAround> hintsAround(const ThresholdEntry& threshold, const Definitions& around,
                                                  const model::MetricNames& names);
/// Of what the others name nothing can be missing.
template <class Entry>
[[nodiscard]] std::vector<HintAround> hintsAround(const Entry&, const Definitions&, const model::MetricNames&) {
  return {};
}

/// The definitions that count nothing, at most `most` of each kind, with their hints or what did not come for them.
/// `flows` and `metrics`: what nothing came for at any shard.
[[nodiscard]] std::vector<query::CountsNothing> countNothing(const Definitions& definitions,
                                                             const model::MetricNames& names,
                                                             const std::vector<query::Uncounted>& flows,
                                                             const std::vector<query::Uncounted>& metrics,
                                                             std::size_t most);

/// A hint on a name that a question asks about; nothing: there is such a threshold, a flow that makes records, or a
/// metric or flow.
[[nodiscard]] std::optional<std::string> hintOnThreshold(std::string_view name, const Definitions& definitions);
[[nodiscard]] std::optional<std::string> hintOnLoggedFlow(std::string_view name, const Definitions& definitions);
[[nodiscard]] std::optional<std::string> hintOnMetric(std::string_view name, const Definitions& definitions,
                                                      const model::MetricNames& names);

}  // namespace weir::engine
