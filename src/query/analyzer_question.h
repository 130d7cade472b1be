#pragma once
#include <string_view>
#include <vector>

#include "query/engine_view.h"
#include "query/question.h"
#include "query/shard_figures.h"

namespace weir::query {

class AnalyzerQuery;

struct AnalyzerResult {
  ShardFigures shards;  ///< of all shards together
  EngineFigures engine;

  /// All of them.
  [[nodiscard]] std::vector<FigureReading> figures() const;
};

/// What the analyzer tells of itself.
struct AnalyzerQuestion {
  using Query = AnalyzerQuery;
  using Result = AnalyzerResult;
  static constexpr std::string_view kName = "analyzer";
};

}  // namespace weir::query
