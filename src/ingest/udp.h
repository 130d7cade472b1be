#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

namespace weir::ingest {

/// One received datagram. Valid until the next receive() of the receiver it came from.
class Datagram {
 public:
  Bytes payload;
  /// The sender, converted when asked for: only agents without an address of their own need it.
  /// An IPv4 sender seen through an IPv6 socket is given as IPv4.
  [[nodiscard]] IpAddress source() const;
  [[nodiscard]] std::uint16_t sourcePort() const;

 private:
  friend class UdpReceiver;
  const void* from_ = nullptr;  // sockaddr_in or sockaddr_in6 in the receiver's ring
};

/// One UDP socket, read in batches into memory of its own. A datagram is always received whole (65,535 octets), yet
/// only the pages that datagrams fill are resident: 256 KiB with datagrams of up to 2 KiB.
/// Thread: one at a time; each receiver of a group may have its own.
class UdpReceiver {
 public:
  static constexpr unsigned kBatch = 64;

  struct Options {
    IpAddress address;                    ///< none: all of this machine's, IPv6 and IPv4
    std::uint16_t port = 6343;            ///< 0: a free one, see port()
    std::size_t bufferBytes = 16U << 20;  ///< socket buffer asked for, up to 1000 MiB; forced where the process may,
                                          ///< and where it may not, a smaller one is a warning in the log
    unsigned group = 1;                   ///< number of sockets, 1 to 64
  };

  /// Opens `options.group` sockets on one port. With more than one, the kernel picks the socket by the agent's address
  /// inside the datagram (without one, by its sender), as shardOfDatagram does: socket i receives the agents of shard
  /// i. No datagram is accepted before all sockets are open. A port that any other socket uses is an error, also where
  /// that one would share it.
  [[nodiscard]] static Expected<std::vector<UdpReceiver>> openGroup(const Options& options);

  UdpReceiver(UdpReceiver&&) noexcept;
  UdpReceiver& operator=(UdpReceiver&&) noexcept;
  ~UdpReceiver();

  /// Up to kBatch datagrams that have arrived; empty when there are none. Never waits.
  [[nodiscard]] std::span<const Datagram> receive();

  /// For poll(); owned by the receiver.
  [[nodiscard]] int fd() const;
  [[nodiscard]] std::uint16_t port() const;
  /// Socket buffer granted, in octets as Linux counts them (with its own overhead, twice what was asked for).
  [[nodiscard]] std::size_t bufferBytes() const;

  /// Datagrams the kernel dropped since the socket opened, because its buffer was full or a checksum wrong.
  /// A system call: for a status page, not for every batch.
  [[nodiscard]] std::uint64_t kernelDrops();
  /// Failures of the receive call itself.
  [[nodiscard]] std::uint64_t receiveErrors() const;

 private:
  struct Ring;
  explicit UdpReceiver(std::unique_ptr<Ring> ring);
  std::unique_ptr<Ring> ring_;
};

}  // namespace weir::ingest
