#include "api/log_polls.h"

#include "api/answers.h"

namespace weir::api {

LogPolls logPolls(engine::Engine& engine, http::Timers& timers) {
  return {timers,
          [&engine](const LogQuestion& q, LogPolls::Seen& seen) -> std::optional<http::Response> {
            if (seen) {
              // Where there was no answer, only records that came since can make one.
              const auto since = engine.recordsAfter(q.log, {q.names, *seen, std::nullopt}, 1);
              seen = since.cursor;
              if (since.records.empty()) return std::nullopt;
            } else {
              seen = q.after;
            }
            auto records = engine.logRecords(q.log, {q.names, q.after, q.max});
            if (!records) return std::nullopt;
            return jsonResponse(std::move(*records));
          },
          jsonResponse("[]")};
}

}  // namespace weir::api
