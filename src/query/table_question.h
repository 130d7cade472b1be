#pragma once
#include <string>
#include <string_view>

#include "query/question.h"
#include "query/records.h"

namespace weir::query {

class TableQuery;

struct TableResult {
  Nanos asked = 0;
  RecordList rows;  ///< each the records of one data source, one for each column; sorted as asked for

  /// Large, so it is appended where it stays.
  void appendJson(std::string& out) const;
};

/// GET /table/{agent}/{metric}/json: a row per data source that has all columns.
struct TableQuestion {
  using Query = TableQuery;
  using Result = TableResult;
  static constexpr std::string_view kName = "table";
  std::string agents, metrics;
  Parameters filter = {};
};

}  // namespace weir::query
