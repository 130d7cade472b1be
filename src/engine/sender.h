#pragma once
#include <concepts>

#include "base/address.h"

namespace weir::engine {

/// The sender of a datagram: where an agent does not name itself it is the agent, otherwise it is rarely looked at, so
/// that of a received datagram is converted only when asked for. Refers to what it was made of.
class Sender {
 public:
  Sender(const IpAddress& known)  // NOLINT(google-explicit-constructor): the two are one to callers
      : of_(&known), read_([](const void* of) { return *static_cast<const IpAddress*>(of); }) {}
  /// Of anything that tells its source when asked.
  template <class Received>
  requires requires(const Received& r) {
    { r.source() } -> std::same_as<IpAddress>;
  }
  Sender(const Received& received)  // NOLINT(google-explicit-constructor)
      : of_(&received), read_([](const void* of) { return static_cast<const Received*>(of)->source(); }) {}
  [[nodiscard]] IpAddress address() const { return read_(of_); }

 private:
  const void* of_;
  IpAddress (*read_)(const void*);
};

}  // namespace weir::engine
