#include "engine/shared_address.h"

#include <algorithm>

#include "base/log.h"
#include "base/rate_limit.h"

namespace weir::engine {

const IpAddress& keeperOf(const AgentState& agent, const IpAddress& one, const IpAddress& other) {
  const IpAddress& address = agent.id.address;
  if (one == address || other == address) return one == address ? one : other;
  const auto heard = [&](const IpAddress& sender) { return std::ranges::find(agent.senders, sender); };
  return heard(other) < heard(one) ? other : one;
}

void warnOfSharedAddress(const AgentState& agent, const IpAddress& keeper, const IpAddress& other) {
  static RateLimit limit{10, 60 * kSecond};
  const auto verdict = limit.admit(monotonicNow());
  if (!verdict.admitted) return;
  std::string line = "agent address " + agent.text + " is that of several devices: the datagrams of " + keeper.text() +
                     " and " + other.text() + " have numbers and uptimes of their own. " + keeper.text() +
                     " stays agent " + agent.text + ", " + other.text() + " is agent " +
                     AgentId(agent.id.address, other).text() + ". Give each device an agent address of its own";
  if (verdict.suppressed != 0) line += " (" + std::to_string(verdict.suppressed) + " such lines were left out)";
  log::warning(line);
}

}  // namespace weir::engine
