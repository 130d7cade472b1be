#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "base/error.h"
#include "netlink/message.h"

namespace weir::netlink {

/// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// A non-blocking netlink socket, or any datagram socket that stands in for one in a test. Thread: one.
class Socket {
 public:
  Socket() = default;
  /// protocol: NETLINK_ROUTE and so on; groups: bits of the old multicast groups.
  [[nodiscard]] static Expected<Socket> open(int protocol, std::uint32_t groups = 0);
  /// Takes the descriptor over.
  explicit Socket(Descriptor descriptor) : fd_(std::move(descriptor)) {}

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(fd_); }
  /// Asks for a receive buffer of that many octets, above the system's limit if we may.
  void setReceiveBuffer(int octets) const;
  [[nodiscard]] Expected<> join(std::uint32_t group) const;

  [[nodiscard]] Expected<> send(Bytes message) const;
  enum class Received { data, nothing, overrun };
  /// One datagram into `buffer`, `out` is what of it was filled. overrun: the kernel had to drop some (ENOBUFS).
  /// Answers at once.
  [[nodiscard]] Received receive(std::span<std::uint8_t> buffer, Bytes& out) const;

  /// Hands each message that is there to visit(const Message&). Datagrams that the kernel had to drop are passed over:
  /// who numbers messages notices.
  template <class Visit>
  void readAll(Visit&& visit) const {
    std::array<std::uint8_t, kBufferSize> buffer;
    Bytes datagram;
    for (;;) {
      const Received received = receive(buffer, datagram);
      if (received == Received::nothing) return;
      if (received == Received::overrun) continue;
      MessageReader messages(datagram);
      for (Message message; messages.next(message);) visit(static_cast<const Message&>(message));
    }
  }

  /// Sends a request and hands each message of the answer to `visit`, until the answer is complete. Waits, at most
  /// kPatience: for start and slow paths only. Error: the kernel's.
  [[nodiscard]] Expected<> ask(Bytes request, const std::function<void(const Message&)>& visit) const;

 private:
  static constexpr int kPatienceMs = 2000;
  static constexpr std::size_t kBufferSize = 64 * 1024;
  [[nodiscard]] bool waitReadable() const;
  Descriptor fd_;
};

/// A generic-netlink family as the kernel numbers it (genl-ctrl).
struct Family {
  std::uint16_t id = 0;
  std::uint32_t group = 0;  ///< of the multicast group that was asked for; 0: there is none
};
/// Looks a family up by name, with one of its multicast groups. Error: the kernel has no such family.
[[nodiscard]] Expected<Family> findFamily(const Socket& socket, const char* name, std::string_view group);

}  // namespace weir::netlink
