#pragma once
#include <array>
#include <cstdint>

#include "base/address.h"
#include "base/bytes.h"
#include "netlink/message.h"
#include "netlink/socket.h"

namespace weir::agent {

/// One end of a connection, whose socket is asked for, and the other end.
struct Connection {
  IpAddress local, remote;
  std::uint16_t localPort = 0, remotePort = 0;
  bool udp = false;  ///< there is nothing to tell of it but the cgroup of its socket
  /// A NETLINK_SOCK_DIAG socket in the network namespace that `local` belongs to; null: our own namespace.
  const netlink::Socket* network = nullptr;
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// What the kernel knows of a connection; units as in extended_tcp_info (0:2209).
struct SocketState {
  bool known = false;  ///< false: no such TCP connection, or the kernel did not answer
  std::uint32_t sendMss = 0, receiveMss = 0;
  std::uint32_t unacked = 0, lost = 0, retransmitted = 0;
  std::uint32_t pathMtu = 0;
  std::uint32_t roundTripUs = 0, roundTripVarianceUs = 0, minRoundTripUs = 0;
  std::uint32_t congestionWindow = 0, reordering = 0;
  std::uint64_t cgroup = 0;  ///< inode of its cgroup v2 folder, 0 unknown
};

/// Asks the kernel about sockets by their exact addresses (sock_diag(7), INET_DIAG), a batch at a time: all requests
/// for one network namespace leave in one message and the kernel answers before the call returns, so nothing is held
/// back for an answer. Nothing is allocated after start. Thread: one.
class SocketLookup {
 public:
  static constexpr std::size_t kMaxBatch = 64;

  [[nodiscard]] static Expected<SocketLookup> open();
  /// Takes a socket that stands in for the kernel, for tests.
  explicit SocketLookup(netlink::Socket socket) : socket_(std::move(socket)) {}

  void begin() { count_ = 0; }
  /// Adds a question; the same connection once. Returns its place, or kMaxBatch when the batch is full.
  std::size_t add(const Connection& connection);
  /// Asks; `network` of each connection must still be open. Answers are there afterwards.
  void resolve();
  [[nodiscard]] const SocketState& at(std::size_t place) const { return states_[place]; }

  struct Counters {
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void askFrom(const netlink::Socket& socket, const netlink::Socket* network, std::size_t first);
  void read(Bytes datagram);
  void answer(const netlink::Message& message);

  netlink::Socket socket_;
  netlink::MessageWriter request_;
  std::array<Connection, kMaxBatch> connections_;
  std::array<SocketState, kMaxBatch> states_;
  std::array<bool, kMaxBatch> asked_{};
  std::array<std::uint8_t, 32 * 1024> buffer_{};
  std::size_t count_ = 0;
  std::size_t pending_ = 0;
  std::uint32_t firstSequence_ = 1;
  Counters counters_;
};

}  // namespace weir::agent
