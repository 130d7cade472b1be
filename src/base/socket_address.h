#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "base/address.h"

namespace weir {

/// An address and a port as the socket calls take them.
struct SocketAddress {
  sockaddr_storage octets{};
  socklen_t size = 0;

  SocketAddress(const IpAddress& address, std::uint16_t port) {
    if (address.family == IpAddress::Family::v4) {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(port);
      std::memcpy(&in.sin_addr, address.octets.data(), 4);
      std::memcpy(&octets, &in, size = sizeof in);
    } else {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(port);
      std::memcpy(&in.sin6_addr, address.octets.data(), 16);
      std::memcpy(&octets, &in, size = sizeof in);
    }
  }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&octets); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&octets); }
};

}  // namespace weir
