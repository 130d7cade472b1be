#pragma once
#include <functional>
#include <map>
#include <utility>

#include "agent_sampling/kernel_sample.h"
#include "netlink/socket.h"

namespace weir::agent {

/// Packets from the kernel's psample module (linux/psample.h): sampled by switch hardware or `tc action sample`.
/// Thread: one.
class PsampleSource {
 public:
  using Visit = std::function<void(const KernelSample&)>;
  struct Groups {
    std::uint32_t ingress = 0;  ///< group of packets received, 0: none wanted
    std::uint32_t egress = 0;   ///< of packets sent
  };

  /// Error: the kernel has no psample.
  [[nodiscard]] static Expected<PsampleSource> open(const Groups& groups);
  /// Reads messages of that family from a socket that stands in for the kernel.
  PsampleSource(netlink::Socket socket, std::uint16_t family, const Groups& groups)
      : socket_(std::move(socket)), family_(family), groups_(groups) {}

  [[nodiscard]] int fd() const { return socket_.fd(); }
  /// Everything that is there.
  void read(const Visit& visit);
  /// Packets lost on the way to us since the last call.
  [[nodiscard]] std::uint32_t takeDrops() { return std::exchange(drops_, 0); }

 private:
  void packet(const netlink::Message& message, const Visit& visit);

  netlink::Socket socket_;
  std::uint16_t family_;
  Groups groups_;
  GapCounter ingressGaps_, egressGaps_;
  std::uint32_t drops_ = 0;
};

}  // namespace weir::agent
