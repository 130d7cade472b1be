#include "engine/bounds.h"

#include <array>
#include <string>

#include "base/log.h"
#include "base/rate_limit.h"
#include "engine/settings.h"
#include "model/host_locations.h"

namespace weir::engine {

namespace {

constexpr Nanos kMinute = 60 * kSecond;

struct Line {
  RateLimit limit{1, kMinute};
  std::string text;             // behind the owner, where there is one
  std::string owner = "agent";  // what that is
};

Line& lineOf(Bound bound) {
  static const std::string agents = std::to_string(Limits::kAgents) + " agents send to one shard";
  static const std::string sources = std::to_string(Limits::kSources) + " data sources send to one shard";
  static std::array<Line, 8> lines{{
      {.text = agents +
               ": new ones take the place of silent ones. Are forged datagrams coming in? Let only agents reach "
               "the sFlow port"},
      {.text = agents + " and none of them is silent: new ones are refused (refusedAgents in /health/json). Set "
                        "workers.number higher"},
      {.text = sources + ": new ones take the place of silent agents' ones. Are forged datagrams coming in? Let only "
                         "agents reach the sFlow port"},
      {.text = sources + " and none of their agents is silent: new ones are refused (refusedDataSources in "
                         "/health/json). Set workers.number higher"},
      {.text = "has as many data sources as an agent may have (" + std::to_string(Limits::kSourcesOfAgent) +
               " numbered and " + std::to_string(Limits::kCustomSourcesOfAgent) +
               " custom ones): new ones are refused until others were silent for ten minutes"},
      {.text = "has more than " + std::to_string(Limits::kSubAgentsOfAgent) +
               " sub-agents: restarts and lost datagrams of further ones are not noticed"},
      {.text = std::to_string(model::HostLocations::kMaxHosts) +
               " hosts send at the edge of the topology, as seen by one shard: where further ones are is not learned"},
      {.text = "has more flows above its limit at one data source than are remembered (" +
               std::to_string(Limits::kArmingsOfSource) +
               ", fewer where an agent has many such flows): small ones give way to much larger ones, others have no "
               "event (thresholdsAtBound in /health/json). Raise its limit, or narrow the filter of its flow",
       .owner = "threshold"},
  }};
  return lines[static_cast<std::size_t>(bound)];
}

}  // namespace

void warnOfBound(Bound bound, std::string_view owner) {
  Line& line = lineOf(bound);
  if (!line.limit.admit(monotonicNow()).admitted) return;
  log::warning(owner.empty() ? line.text : line.owner + " " + std::string(owner) + " " + line.text);
}

}  // namespace weir::engine
