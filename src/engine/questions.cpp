// Questions of the query room, put to the shards.
#include "engine/engine_impl.h"
#include "query/encoded.h"
#include "query/queries.h"

namespace weir::engine {

namespace {

/// The definition of a flow that users may ask about.
std::shared_ptr<const flow::CompiledDefinition> visibleFlow(const Definitions& definitions, std::string_view name) {
  const FlowEntry* const flow = definitions.flows.find(name);
  return flow == nullptr || flow->hidden ? nullptr : flow->compiled;
}

}  // namespace

query::Context EngineImpl::context() {
  auto definitions = store_.snapshot();
  auto topology = definitions->topology;
  return {now(),
          &names_,
          std::move(topology),
          &self_,
          [definitions = std::move(definitions)](std::string_view name) { return visibleFlow(*definitions, name); },
          replay_ != nullptr ? 0 : timeOfDayOffset()};
}

namespace {

/// Tells the partial result of this engine's shards, or what it becomes with those of other engines.
template <class Query>
void tell(query::Asked<typename Query::Question>& asked, const Query& query,
          query::Outcome<typename Query::Partial> merged) {
  if (!merged) return asked.refuse(merged.error());
  for (const std::string& octets : asked.others) {
    auto other = query::decode(query, octets);
    if (!other) return asked.refuse({query::Refusal::Reason::invalid, std::move(other.error())});
    query.merge(*merged, std::move(*other));
  }
  if (const auto* partial = std::get_if<query::DonePartial>(&asked.done)) {
    return (*partial)(query::encode<Query>(*merged));
  }
  std::get<0>(asked.done)(query.finish(std::move(*merged)));
}

}  // namespace

void EngineImpl::answer(query::AnyAsked asked) {
  std::visit(
      [&]<class Question>(query::Asked<Question>& one) {
        using Query = typename Question::Query;
        query::Context understood = context();
        understood.now = one.at.value_or(understood.now);
        auto query = Query::prepare(one.question, understood);
        if (!query) return one.refuse(query.error());
        run(std::move(*query), understood.now,
            [one = std::move(one)](const Query& q, query::Outcome<typename Query::Partial> merged) mutable {
              tell(one, q, std::move(merged));
            });
      },
      asked);
}

}  // namespace weir::engine
