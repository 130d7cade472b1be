#pragma once
#include <functional>
#include <utility>

#include "agent_sampling/kernel_sample.h"
#include "netlink/socket.h"

namespace weir::agent {

/// Packets that a firewall rule logs to an NFLOG group (linux/netfilter/nfnetlink_log.h). Thread: one.
class NflogSource {
 public:
  using Visit = std::function<void(const KernelSample&)>;

  /// Binds the group; headerBytes of each packet are asked for. Needs CAP_NET_ADMIN.
  [[nodiscard]] static Expected<NflogSource> open(std::uint32_t group, std::uint32_t headerBytes);
  /// Reads from a socket that stands in for the kernel.
  explicit NflogSource(netlink::Socket socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int fd() const { return socket_.fd(); }
  /// Everything that is there. The rate of the samples is not filled in.
  void read(const Visit& visit);
  /// Packets lost on the way to us since the last call.
  [[nodiscard]] std::uint32_t takeDrops() { return std::exchange(drops_, 0); }

 private:
  void packet(const netlink::Message& message, const Visit& visit);

  netlink::Socket socket_;
  GapCounter gaps_;
  std::uint32_t drops_ = 0;
};

}  // namespace weir::agent
