// POST /flow/validate: a definition explained, with an example of what it counts.
#include <algorithm>
#include <boost/json/value.hpp>

#include "engine/engine_impl.h"
#include "engine/flow_explanation.h"
#include "query/active_flows_query.h"

namespace weir::engine {

namespace {

std::string probeName(std::uint64_t probe) {
  return kHiddenMark + std::to_string(probe);
}

std::shared_ptr<const flow::CompiledDefinition> findFlow(const Definitions& definitions, std::string_view name) {
  const FlowEntry* const flow = definitions.flows.find(name);
  return flow == nullptr ? nullptr : flow->compiled;
}

}  // namespace

query::Outcome<std::uint64_t> EngineImpl::startProbe(const boost::json::value& body) {
  auto definition = flow::Definition::fromJson(body);
  if (!definition) return query::invalid(definition.error());
  const auto compiled = flow::CompiledDefinition::compile("", *definition);
  if (!compiled) return query::invalid(compiled.error());
  const auto checked = store_.check(Kind::flow, body);
  if (!checked) return query::invalid(checked.error());
  const auto id = probes_.add(kMaxProbes);
  if (!id) return query::unavailable("too many definitions are being validated: try again in a second");
  // Nothing of it may show: neither records in the log nor datagrams of IPFIX.
  definition->log = definition->flowStart = false;
  definition->ipfixCollectors.clear();
  probes_.set(*id, {probeName(*id), *compiled, checked->hints, now()});
  if (const auto put = store_.putHidden(probeName(*id), std::move(*definition)); !put) {
    probes_.remove(*id);
    return query::invalid(put.error());
  }
  return *id;
}

bool EngineImpl::probeIsRipe(std::uint64_t probe) const {
  const auto start = probes_.startOf(probe);
  return !start || now() - *start >= kSecond;
}

void EngineImpl::finishProbe(std::uint64_t probe, std::function<void(query::Outcome<FlowExplanation>)> done) {
  auto found = probes_.get(probe);
  if (!found) return done(query::notFound("there is no such probe"));
  const double seconds = secondsFromNanos(std::max<Nanos>(0, now() - found->start));
  auto told = [this, probe, seconds, found = *found, done](query::Outcome<query::ActiveFlowsResult> flows) {
    store_.remove(Kind::flow, found.name);
    probes_.remove(probe);
    if (!flows) return done(std::unexpected(std::move(flows.error())));
    done(FlowExplanation{found.compiled, found.hints, seconds, std::move(*flows)});
  };
  auto inForce = findFlow(*store_.snapshot(), found->name);
  if (inForce == nullptr) return told(query::notFound("there is no such probe"));
  constexpr unsigned kShown = 10;
  const query::Context asked = context();
  auto query = query::ActiveFlowsQuery::prepare(std::move(inForce), {"ALL", found->name, kShown}, asked);
  if (!query) return told(std::unexpected(std::move(query.error())));
  run(std::move(*query), asked.now,
      [told](const query::ActiveFlowsQuery& q, query::Outcome<query::ActiveFlowsQuery::Partial> merged) {
        told(merged ? q.finish(std::move(*merged)) : std::unexpected(std::move(merged.error())));
      });
}

}  // namespace weir::engine
