#pragma once
#include <memory>

#include "agent_sampling/drop_source.h"
#include "netlink/socket.h"

namespace weir::agent {

/// The kernel's drop monitor (generic netlink NET_DM, linux/net_dropmon.h). Thread: one.
class DropMonitor : public DropSource {
 public:
  struct Options {
    bool start = true;  ///< configure and start the feed; false: listen to one that another program runs
    bool software = true;
    bool hardware = true;
  };
  /// Error: the kernel has no drop monitor, or it does not let us. Needs CAP_NET_ADMIN.
  [[nodiscard]] static Expected<std::unique_ptr<DropMonitor>> open(const Options& options);
  /// Reads messages of that family from a socket that stands in for the kernel.
  DropMonitor(netlink::Socket socket, std::uint16_t family) : socket_(std::move(socket)), family_(family) {}
  ~DropMonitor() override;

  [[nodiscard]] int fd() const override { return socket_.fd(); }
  void read(const Visit& visit) override;
  void allow(std::uint32_t) override {}
  [[nodiscard]] std::uint64_t takeHeldBack() override { return 0; }

 private:
  void alert(const netlink::Message& message, const Visit& visit) const;
  [[nodiscard]] Expected<> command(std::uint8_t command, const Options& options) const;

  netlink::Socket socket_;
  std::uint16_t family_;
  bool started_ = false;
  Options options_;
};

}  // namespace weir::agent
