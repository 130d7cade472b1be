#include "api/log_polls.h"

#include "api/answers.h"

namespace weir::api {

LogPolls logPolls(engine::Engine& engine, http::Timers& timers) {
  return {timers,
          [&engine](const LogQuestion& q) -> std::optional<http::Response> {
            auto records = engine.logRecords(q.log, {q.names, q.after, q.max});
            if (!records) return std::nullopt;
            return jsonResponse(std::move(*records));
          },
          jsonResponse("[]")};
}

}  // namespace weir::api
