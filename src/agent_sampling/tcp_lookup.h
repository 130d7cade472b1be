#pragma once
#include <array>
#include <cstdint>

#include "base/address.h"
#include "base/bytes.h"
#include "netlink/message.h"
#include "netlink/socket.h"

namespace weir::agent {

/// One end of a connection here and the other end elsewhere.
struct Connection {
  IpAddress local, remote;
  std::uint16_t localPort = 0, remotePort = 0;
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// What the kernel knows of a connection; units as in extended_tcp_info (0:2209).
struct TcpState {
  bool known = false;  ///< false: no such connection, or the kernel did not answer
  std::uint32_t sendMss = 0, receiveMss = 0;
  std::uint32_t unacked = 0, lost = 0, retransmitted = 0;
  std::uint32_t pathMtu = 0;
  std::uint32_t roundTripUs = 0, roundTripVarianceUs = 0, minRoundTripUs = 0;
  std::uint32_t congestionWindow = 0, reordering = 0;
  std::uint64_t cgroup = 0;  ///< inode of its cgroup v2 folder, 0 unknown
};

/// Asks the kernel about TCP connections by their exact addresses (sock_diag(7), INET_DIAG), a batch at a time: all
/// requests leave in one message and the kernel answers before the call returns, so nothing is held back for an answer.
/// Nothing is allocated after start. Thread: one.
class TcpLookup {
 public:
  static constexpr std::size_t kMaxBatch = 64;

  [[nodiscard]] static Expected<TcpLookup> open();
  /// Takes a socket that stands in for the kernel, for tests.
  explicit TcpLookup(netlink::Socket socket) : socket_(std::move(socket)) {}

  void begin() { count_ = 0; }
  /// Adds a question; the same connection once. Returns its place, or kMaxBatch when the batch is full.
  std::size_t add(const Connection& connection);
  /// Asks. Answers are there afterwards.
  void resolve();
  [[nodiscard]] const TcpState& at(std::size_t place) const { return states_[place]; }

  struct Counters {
    std::uint64_t asked = 0;
    std::uint64_t answered = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  void read(Bytes datagram);
  void answer(const netlink::Message& message);

  netlink::Socket socket_;
  netlink::MessageWriter request_;
  std::array<Connection, kMaxBatch> connections_;
  std::array<TcpState, kMaxBatch> states_;
  std::array<std::uint8_t, 32 * 1024> buffer_{};
  std::size_t count_ = 0;
  std::size_t pending_ = 0;
  std::uint32_t firstSequence_ = 1;
  Counters counters_;
};

}  // namespace weir::agent
