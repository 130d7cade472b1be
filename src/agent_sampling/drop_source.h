#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace weir::agent {

/// A packet that the kernel or the hardware has dropped. Points into the message it came in.
struct DropEvent {
  Bytes packet;  ///< its first octets, from the link header on if `ethernet`, else from the network header on
  bool ethernet = false;
  std::uint16_t etherType = 0;
  std::uint32_t length = 0;  ///< of what `packet` begins
  std::uint32_t inDevice = 0;
  std::string_view reason;     ///< the kernel's name: NO_SOCKET, NETFILTER_DROP
  std::string_view function;   ///< the kernel function that dropped it
  std::string_view trapGroup;  ///< of devlink, for hardware
  std::string_view trap;
  bool hardware = false;
  Nanos time = 0;
};

/// Where drops come from. Thread: one.
class DropSource {
 public:
  using Visit = std::function<void(const DropEvent&)>;
  virtual ~DropSource() = default;
  [[nodiscard]] virtual int fd() const = 0;
  /// Everything that is there.
  virtual void read(const Visit& visit) = 0;
  /// Lets the source report this many drops more; what is above, it only counts. A source that cannot hold back reports
  /// all.
  virtual void allow(std::uint32_t events) = 0;
  /// Drops that it has counted and not reported since the last call.
  [[nodiscard]] virtual std::uint64_t takeHeldBack() = 0;
};

}  // namespace weir::agent
