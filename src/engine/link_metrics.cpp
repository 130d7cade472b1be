#include "engine/link_metrics.h"

#include <memory>
#include <utility>

namespace weir::engine {

namespace {

struct LinkInquiry : std::enable_shared_from_this<LinkInquiry> {
  LinkInquiry(Engine& e, std::string m, std::function<void(query::Outcome<query::LinkMetrics>)> d)
      : engine(e), metrics(std::move(m)), done(std::move(d)) {}
  /// Asks the ports from `end` on, one after the other.
  void askFrom(std::size_t end) {
    while (end < 2 && !found.link.ends.at(end).at) ++end;
    if (end == 2) return done(std::move(found));
    const query::LinkPort& port = *found.link.ends.at(end).at;
    engine.ask(query::MetricQuestion{port.agent.text(), metrics, {}, wire::DataSource{0, port.ifIndex}},
               [self = shared_from_this(), end](query::Outcome<query::MetricResult> result) {
                 if (!result) return self->done(std::unexpected(std::move(result.error())));
                 self->found.metrics.at(end) = std::move(*result);
                 self->askFrom(end + 1);
               });
  }

  Engine& engine;
  std::string metrics;
  std::function<void(query::Outcome<query::LinkMetrics>)> done;
  query::LinkMetrics found;
};

}  // namespace

void askLinkMetrics(Engine& engine, std::string link, std::string metrics,
                    std::function<void(query::Outcome<query::LinkMetrics>)> done) {
  auto inquiry = std::make_shared<LinkInquiry>(engine, std::move(metrics), std::move(done));
  engine.ask(query::LinkEndsQuestion{std::move(link)}, [inquiry](query::Outcome<query::LinkEndsResult> ends) {
    if (!ends) return inquiry->done(std::unexpected(std::move(ends.error())));
    inquiry->found.link = std::move(*ends);
    inquiry->askFrom(0);
  });
}

}  // namespace weir::engine
