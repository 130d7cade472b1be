// /prometheus/metrics: the metric store for Prometheus.
#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "query/prometheus_query.h"

namespace weir::engine {

void EngineImpl::prometheusMetrics(std::string agents, std::string metrics, Parameters filter, PrometheusNames names,
                                   AnswerCallback done) {
  using Query = query::PrometheusQuery;
  const auto topology = store_.snapshot()->topology;
  auto selector = query::AgentSelector::parse(agents, topology);
  if (!selector) return done(Answer::invalid(selector.error()));
  auto list = query::MetricList::parse(metrics, query::ListKind::dump, names_);
  if (!list) return done(Answer::invalid(list.error()));
  auto conditions = query::Filter::parse(filter, names_);
  if (!conditions) return done(Answer::invalid(conditions.error()));
  const auto question =
      std::make_shared<const Query>(std::move(*selector), std::move(*list), std::move(*conditions), names_, topology,
                                    query::ExportNames{std::move(names.prefix), names.types});
  askFlows<Query::Partial>(
      [question, at = now()](Shard& shard, Query::Partial& partial, Cursor& cursor) {
        return visitSources(shard, cursor, at, [&](const query::SourceView& view) { question->visit(view, partial); });
      },
      [question](std::vector<Query::Partial>&& parts) {
        Query::Partial all = std::move(parts.front());
        for (std::size_t i = 1; i < parts.size(); ++i) Query::merge(all, std::move(parts[i]));
        return Answer::text(question->write(std::move(all)));
      },
      std::move(done));
}

}  // namespace weir::engine
