#include "query/analyzer_query.h"

namespace weir::query {

std::vector<FigureReading> AnalyzerResult::figures() const {
  std::vector<FigureReading> all;
  readFigures(shards, all);
  readFigures(engine, all);
  return all;
}

}  // namespace weir::query
