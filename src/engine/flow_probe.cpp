// POST /flow/validate: a definition explained, with an example of what it counts.
#include <boost/json/value.hpp>

#include "engine/engine_impl.h"
#include "flow/explain.h"
#include "flow/hints.h"

namespace weir::engine {

namespace {

std::string probeName(std::uint64_t probe) {
  return kHiddenMark + std::to_string(probe);
}

/// The explanation without its end, so that the example can follow.
std::string explanationOf(const boost::json::value& body, const flow::CompiledDefinition& compiled, bool topology) {
  std::string out;
  JsonWriter json(out);
  json.beginObject();
  compiled.definition().writeJson(json.key("definition"));
  flow::explain(compiled, json);
  json.key("hints").beginArray();
  for (const std::string& hint : flow::hintsOf(body, compiled)) json.string(hint);
  const bool ofEdge = compiled.definition().scope == flow::CacheScope::edge;
  if (ofEdge && !topology) json.string(flow::kNoTopologyHint);
  json.endArray();
  return out;
}

constexpr std::string_view kClockStands =
    "The engine's clock stood still meanwhile: the capture is at its end, so there is no traffic to show.";
constexpr std::string_view kNothing = "No sample that arrived meanwhile is counted by this definition.";

std::string withExample(std::string explanation, double seconds, std::string_view flows) {
  explanation += R"(,"example":{"seconds":)";
  appendJsonNumber(explanation, seconds);
  explanation.append(R"(,"flows":)").append(flows);
  if (flows == "[]") {
    explanation += R"(,"note":)";
    appendJsonString(explanation, seconds > 0 ? kNothing : kClockStands);
  }
  return explanation + "}}";
}

}  // namespace

Answer EngineImpl::startProbe(const boost::json::value& body, std::uint64_t& probe) {
  auto definition = flow::Definition::fromJson(body);
  if (!definition) return Answer::invalid(definition.error());
  const auto compiled = flow::CompiledDefinition::compile("", *definition);
  if (!compiled) return Answer::invalid(compiled.error());
  const auto id = probes_.add(kMaxProbes);
  if (!id) return Answer::unavailable("too many definitions are being validated: try again in a second");
  // Nothing of it may show: neither records in the log nor datagrams of IPFIX.
  definition->log = definition->flowStart = false;
  definition->ipfixCollectors.clear();
  probes_.set(*id, {probeName(*id), explanationOf(body, **compiled, !store_.snapshot()->topology->empty()), now()});
  if (const auto put = store_.putHidden(probeName(*id), std::move(*definition)); !put) {
    probes_.remove(*id);
    return Answer::invalid(put.error());
  }
  probe = *id;
  return Answer::text("");
}

bool EngineImpl::probeIsRipe(std::uint64_t probe) const {
  const auto start = probes_.startOf(probe);
  return !start || now() - *start >= kSecond;
}

void EngineImpl::finishProbe(std::uint64_t probe, AnswerCallback done) {
  auto found = probes_.get(probe);
  if (!found) return done(Answer::notFound("there is no such probe"));
  const double seconds = secondsFromNanos(std::max<Nanos>(0, now() - found->start));
  constexpr unsigned kShown = 10;
  ActiveFlowsRequest request{"ALL", found->name, kShown, 0, "max"};
  askActiveFlows(std::move(request),
                 [this, probe, seconds, found = std::move(*found), done = std::move(done)](Answer answer) mutable {
                   store_.remove(Kind::flow, found.name);
                   probes_.remove(probe);
                   if (answer.status != Answer::Status::ok) return done(std::move(answer));
                   done(Answer::text(withExample(std::move(found.explanation), seconds, answer.json)));
                 });
}

}  // namespace weir::engine
