#pragma once
#include <cstdint>
#include <system_error>

#include "base/address.h"
#include "base/bytes.h"

namespace weir::ipfix {

/// Sends datagrams, at a pace that the socket buffers of collectors can follow: many records end at the same time, and
/// what a burst loses is not sent again (RFC 7011, section 10.3.1). 65,000 records at once reach an nfcapd with the
/// system's default buffer, all of them, within 0.2 s. One socket a family, so a collector sees one sender for the life
/// of the program. Thread: one.
class Sender {
 public:
  Sender() = default;
  ~Sender();
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  /// The error where the kernel did not take it. Waits a millisecond after each kBurst datagrams, and where the kernel
  /// has no room as long for it to have some.
  [[nodiscard]] std::error_code send(const IpAddress& address, std::uint16_t port, Bytes datagram);
  static constexpr unsigned kBurst = 16;

 private:
  [[nodiscard]] int socketFor(const IpAddress& address);
  int v4_ = -1, v6_ = -1;
  unsigned inBurst_ = 0;
};

}  // namespace weir::ipfix
