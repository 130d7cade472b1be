#pragma once
#include <array>
#include <cstdint>
#include <string>

namespace weir::agent {

using Uuid = std::array<std::uint8_t, 16>;

/// Who this host is (host_descr, 0:2000).
struct HostIdentity {
  std::string hostname;  ///< at most 64 octets
  Uuid uuid{};
  std::uint32_t machineType = 0;  ///< x86_64 is 3
  std::string osRelease;          ///< at most 32 octets
};

/// Reads it below `root` ("" for the system). The UUID is the firmware's; else a hash of the machine id (`machineId` if
/// not empty, else /etc/machine-id); else, with neither, a hash of the host's name, so that hosts differ all the same.
[[nodiscard]] HostIdentity hostIdentity(const std::string& root, const std::string& machineId);

/// A UUID made of a text: version 8 of RFC 9562 (made by a rule of ours). The same text and space give the same UUID.
[[nodiscard]] Uuid hashedUuid(const Uuid& space, std::string_view text);

}  // namespace weir::agent
