#include "agent_host/host_identity.h"

#include <sys/utsname.h>

#include <cstring>

#include "agent_host/text_file.h"
#include "base/hash.h"

namespace weir::agent {

namespace {

/// 32 hex digits with or without dashes.
bool readHex(std::string_view text, Uuid& out) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    int value = 0;
    if (c >= '0' && c <= '9') {
      value = c - '0';
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      value = (c | 0x20) - 'a' + 10;
    } else {
      break;
    }
    if (digits == 32) return false;
    std::uint8_t& octet = out[digits++ / 2];
    octet = static_cast<std::uint8_t>(octet << 4 | value);
  }
  return digits == 32 && out != Uuid{};
}

/// sFlow's machine_type.
std::uint32_t machineType(std::string_view machine) {
  struct Row {
    std::string_view prefix;
    std::uint32_t type;
  };
  static constexpr Row kRows[] = {{"x86_64", 3}, {"i", 2},       {"x86", 2},  {"ia64", 4}, {"sparc", 5},
                                  {"alpha", 6},  {"ppc", 7},     {"m68k", 8}, {"mips", 9}, {"aarch", 10},
                                  {"arm", 10},   {"parisc", 11}, {"s390", 12}};
  for (const auto& row : kRows)
    if (machine.starts_with(row.prefix)) return row.type;
  return 1;  // other
}

}  // namespace

Uuid hashedUuid(const Uuid& space, std::string_view text) {
  Uuid out;
  for (std::uint64_t half = 0; half < 2; ++half) {
    const std::uint64_t h = hashBytes(text.data(), text.size(), hashBytes(space.data(), space.size(), half + 1));
    std::memcpy(out.data() + half * 8, &h, 8);
  }
  out[6] = static_cast<std::uint8_t>((out[6] & 0x0F) | 0x80);
  out[8] = static_cast<std::uint8_t>((out[8] & 0x3F) | 0x80);
  return out;
}

HostIdentity hostIdentity(const std::string& root, const std::string& machineId) {
  HostIdentity out;
  utsname system{};
  (void)::uname(&system);
  out.hostname = std::string(system.nodename).substr(0, 64);
  out.osRelease = std::string(system.release).substr(0, 32);
  out.machineType = machineType(system.machine);
  if (const auto firmware = readText(root + "/sys/class/dmi/id/product_uuid", 64))
    if (Uuid uuid{}; readHex(*firmware, uuid)) {
      out.uuid = uuid;
      return out;
    }
  std::string id = machineId;
  if (id.empty()) id = readText(root + "/etc/machine-id", 64).value_or("");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  out.uuid = hashedUuid(Uuid{}, id.empty() ? out.hostname : id);
  return out;
}

}  // namespace weir::agent
