#pragma once
#include "base/address.h"
#include "engine/agent.h"

/// Several devices with one agent address: which of them is the agent of that address.
namespace weir::engine {

/// Which of two senders keeps the agent's name: the one that sends from the agent address, else the one that was heard
/// first, so that a device that comes later does not take the name away.
[[nodiscard]] const IpAddress& keeperOf(const AgentState& agent, const IpAddress& one, const IpAddress& other);

/// A line in the log, a few a minute at most: forged datagrams must not fill the log. Thread: any.
void warnOfSharedAddress(const AgentState& agent, const IpAddress& keeper, const IpAddress& other);

}  // namespace weir::engine
