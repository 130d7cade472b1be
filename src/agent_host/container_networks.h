#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/address.h"
#include "netlink/socket.h"

namespace weir::agent {

/// The network namespaces of containers and pods: whose an address is, and sockets inside them, by which their
/// connections can be asked for. Two sockets are kept open for each namespace, at most kMaxNetworks of them; they close
/// with the update that misses its container. Thread: one.
class ContainerNetworks {
 public:
  static constexpr std::size_t kMaxNetworks = 512;
  static constexpr std::size_t kMaxAddresses = 64;  ///< of a network; root inside may create any number

  /// root: "" for the system; a test has its own /proc.
  explicit ContainerNetworks(std::string root) : root_(std::move(root)) {}

  struct Container {
    std::uint64_t process = 0;  ///< one that lives in it
    std::uint32_t source = 0;   ///< index of its data source; 0: its packets are not to be marked
  };
  /// These exist now. Of those that share a namespace the first has its addresses; those in our own are passed over. An
  /// address that two namespaces share belongs to neither. Needs CAP_SYS_ADMIN and CAP_SYS_PTRACE: what is refused is
  /// logged once.
  void update(std::span<const Container> containers);

  struct Owner {
    std::uint32_t source = 0;                      ///< as in Container
    const netlink::Socket* connections = nullptr;  ///< NETLINK_SOCK_DIAG, inside; until the next update()
  };
  /// Null where the address is no container's. Nothing is allocated.
  [[nodiscard]] const Owner* find(const IpAddress& address) const;
  [[nodiscard]] std::size_t size() const { return networks_.size(); }

 private:
  using Id = std::pair<std::uint64_t, std::uint64_t>;  // device and inode of a namespace
  struct Inside {
    netlink::Socket connections, addresses;
    std::uint32_t source = 0;
    bool seen = false;
  };
  struct Hash {
    std::size_t operator()(const IpAddress& a) const { return a.hash(); }
  };
  [[nodiscard]] bool open(const std::string& path, Inside& out);
  void readAddresses(const Inside& inside);

  std::string root_;
  std::map<Id, std::unique_ptr<Inside>> networks_;
  std::unordered_map<IpAddress, Owner, Hash> owners_;
  bool complained_ = false, complainedOfAddresses_ = false;
};

}  // namespace weir::agent
