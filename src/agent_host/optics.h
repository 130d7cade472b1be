#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/writer.h"

namespace weir::agent {

/// What an optical module tells of itself; units as in the record sfp (0:10). 0: it does not say.
struct Optics {
  static constexpr std::size_t kMaxLanes = 4;
  struct Lane {
    std::uint32_t biasMicroamperes = 0;
    std::uint32_t sendMicrowatts = 0, sendLeast = 0, sendMost = 0;
    std::uint32_t receiveMicrowatts = 0, receiveLeast = 0, receiveMost = 0;
    std::uint32_t wavelength = 0;  ///< nm
  };
  std::uint32_t millivolts = 0;
  std::int32_t millidegrees = 0;
  std::uint32_t laneCount = 1;
  std::array<Lane, kMaxLanes> lanes;
};

/// How the octets of a module's memory are laid out (linux/ethtool.h, ETH_MODULE_*).
enum class ModuleLayout : std::uint8_t { sff8472 = 2, sff8636 = 3, sff8436 = 4 };

/// Reads a module's memory as ethtool gives it: SFF-8472 (SFP, one lane) or SFF-8636 and SFF-8436 (QSFP, four). Nothing
/// where the module has no diagnostics, calibrates them outside, or the memory is too short.
[[nodiscard]] std::optional<Optics> parseOptics(ModuleLayout layout, Bytes memory);

/// The record sfp (0:10); module: the lowest ifIndex of the ports that share it.
void addOptics(wire::DatagramWriter& writer, std::uint32_t module, const Optics& optics);

}  // namespace weir::agent
