#pragma once
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/error.h"
#include "base/json_writer.h"

namespace boost::json {
class value;
}

namespace weir::engine {

/// A relay of the datagrams that arrive on the sFlow port (docs/rest.md, "Forwarding"). A value.
struct Forwarding {
  static constexpr std::uint16_t kSflowPort = 6343;

  IpAddress address;
  std::uint16_t port = kSflowPort;
  std::vector<IpAddress> agents;  ///< only theirs; empty: all

  [[nodiscard]] static Expected<Forwarding> fromJson(const boost::json::value& body);
  void writeJson(JsonWriter& json) const;
  friend bool operator==(const Forwarding&, const Forwarding&) = default;
};

/// Whether a datagram sent there comes back to this machine. Thread: any.
[[nodiscard]] bool isOwnAddress(const IpAddress& address);

}  // namespace weir::engine
