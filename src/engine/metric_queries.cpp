// Queries about metrics: the query room's questions, put to all shards.
#include "engine/engine_impl.h"
#include "engine/source_reader.h"
#include "query/agent_metrics_query.h"
#include "query/dump_query.h"
#include "query/metric_names_query.h"
#include "query/metric_query.h"
#include "query/table_query.h"

namespace weir::engine {

namespace {

/// What /metric, /table and /dump are asked for, parsed.
struct Request {
  query::AgentSelector agents;
  query::MetricList metrics;
  query::Filter filter;
};

Expected<Request> parseRequest(const std::string& agents, const std::string& metrics, const Parameters& filter,
                               query::ListKind kind, const model::MetricNames& names,
                               std::shared_ptr<const model::Topology> topology) {
  auto selector = query::AgentSelector::parse(agents, std::move(topology));
  if (!selector) return std::unexpected(selector.error());
  auto list = query::MetricList::parse(metrics, kind, names);
  if (!list) return std::unexpected(list.error());
  auto conditions = query::Filter::parse(filter, names);
  if (!conditions) return std::unexpected(conditions.error());
  return Request{std::move(*selector), std::move(*list), std::move(*conditions)};
}

/// Merges the parts of the shards with the query's own merge.
template <class Query>
typename Query::Partial mergeAll(const Query& query, std::vector<typename Query::Partial>&& parts) {
  typename Query::Partial all = std::move(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) query.merge(all, std::move(parts[i]));
  return all;
}

/// Visits all data sources of a shard on behalf of a query of the query room.
template <class Query>
auto visitor(std::shared_ptr<const Query> query, Nanos now) {
  return [query = std::move(query), now](Shard& shard, typename Query::Partial& partial, Cursor& cursor) {
    return visitSources(shard, cursor, now, [&](const query::SourceView& view) { query->visit(view, partial); });
  };
}

}  // namespace

void EngineImpl::metricNames(AnswerCallback done) {
  using Query = query::MetricNamesQuery;
  const auto question = std::make_shared<const Query>(names_, now());
  askFlows<Query::Partial>(
      visitor(question, now()),
      [question](std::vector<Query::Partial>&& parts) {
        std::string out;
        JsonWriter json(out);
        question->write(mergeAll(*question, std::move(parts)), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::agentMetrics(std::string agent, AnswerCallback done) {
  using Query = query::AgentMetricsQuery;
  const auto question =
      std::make_shared<const Query>(query::AgentSelector::single(agent, store_.snapshot()->topology), names_);
  struct Part {
    Query::Partial partial;
    bool known = false;
  };
  const Nanos at = now();
  const auto address = IpAddress::parse(agent);
  askFlows<Part>(
      [question, at, address](Shard& shard, Part& part, Cursor& cursor) {
        if (address && shard.findAgent(*address) != nullptr) part.known = true;
        return visitSources(shard, cursor, at, [&](const query::SourceView& v) { question->visit(v, part.partial); });
      },
      [question, agent](std::vector<Part>&& parts) {
        Query::Partial all;
        bool known = false;
        for (Part& part : parts) {
          known = known || part.known;
          question->merge(all, std::move(part.partial));
        }
        if (!known && !all.found()) return Answer::notFound("there is no agent \"" + agent + "\"");
        std::string out;
        JsonWriter json(out);
        Query::write(std::move(all), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::metric(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) {
  using Query = query::MetricQuery;
  auto request = parseRequest(agents, metrics, filter, query::ListKind::metric, names_, store_.snapshot()->topology);
  if (!request) return done(Answer::invalid(request.error()));
  const auto question = std::make_shared<const Query>(std::move(request->agents), std::move(request->metrics),
                                                      std::move(request->filter), now());
  askFlows<Query::Partial>(
      visitor(question, now()),
      [question](std::vector<Query::Partial>&& parts) {
        std::string out;
        JsonWriter json(out);
        question->write(mergeAll(*question, std::move(parts)), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::table(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) {
  using Query = query::TableQuery;
  auto request = parseRequest(agents, metrics, filter, query::ListKind::table, names_, store_.snapshot()->topology);
  if (!request) return done(Answer::invalid(request.error()));
  const auto question = std::make_shared<const Query>(std::move(request->agents), std::move(request->metrics),
                                                      std::move(request->filter), now());
  askFlows<Query::Partial>(
      visitor(question, now()),
      [question](std::vector<Query::Partial>&& parts) {
        std::string out;
        JsonWriter json(out);
        question->write(mergeAll(*question, std::move(parts)), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

void EngineImpl::dump(std::string agents, std::string metrics, Parameters filter, AnswerCallback done) {
  using Query = query::DumpQuery;
  auto request = parseRequest(agents, metrics, filter, query::ListKind::dump, names_, store_.snapshot()->topology);
  if (!request) return done(Answer::invalid(request.error()));
  const auto question = std::make_shared<const Query>(std::move(request->agents), std::move(request->metrics),
                                                      std::move(request->filter), names_, now());
  askFlows<Query::Partial>(
      visitor(question, now()),
      [question](std::vector<Query::Partial>&& parts) {
        std::string out;
        JsonWriter json(out);
        Query::write(mergeAll(*question, std::move(parts)), json);
        return Answer::text(std::move(out));
      },
      std::move(done));
}

}  // namespace weir::engine
