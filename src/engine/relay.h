#pragma once
#include <cstdint>
#include <span>

#include "engine/definitions.h"
#include "ingest/udp.h"
#include "query/shard_figures.h"

namespace weir::engine {

using query::ShardFigures;

/// Sends received datagrams on, from sockets that never wait: what the kernel does not take at once is dropped and
/// counted. One for each shard. Thread: the shard's.
class Relay {
 public:
  Relay() = default;
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Sends each of the datagrams to each target that wants its agent.
  void send(const EntryList<ForwardingEntry>& targets, std::span<const ingest::Datagram> datagrams,
            ShardFigures& figures);

 private:
  [[nodiscard]] int socketFor(const IpAddress& address);
  int v4_ = -1, v6_ = -1;
};

}  // namespace weir::engine
