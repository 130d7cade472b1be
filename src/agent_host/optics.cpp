#include "agent_host/optics.h"

namespace weir::agent {

namespace {

std::uint32_t u16(Bytes memory, std::size_t at) {
  return loadBe16(memory.data() + at);
}
std::int32_t millidegrees(Bytes memory, std::size_t at) {
  return static_cast<std::int16_t>(loadBe16(memory.data() + at)) * 1000 / 256;
}
// Units of the modules: 100 uV, 2 uA, 0.1 uW.
std::uint32_t millivolts(Bytes memory, std::size_t at) {
  return u16(memory, at) / 10;
}
std::uint32_t microamperes(Bytes memory, std::size_t at) {
  return u16(memory, at) * 2;
}
std::uint32_t microwatts(Bytes memory, std::size_t at) {
  return u16(memory, at) / 10;
}

/// SFF-8472 rev 12: the serial id (A0h), behind it the diagnostics (A2h).
std::optional<Optics> parseSfp(Bytes memory) {
  constexpr std::size_t kDiagnostics = 256, kSize = kDiagnostics + 120;
  constexpr std::uint8_t kImplemented = 0x40, kExternallyCalibrated = 0x10;
  if (memory.size() < kSize || (memory[92] & kImplemented) == 0 || (memory[92] & kExternallyCalibrated) != 0)
    return std::nullopt;
  const Bytes d = memory.subspan(kDiagnostics);
  Optics out;
  out.millidegrees = millidegrees(d, 96);
  out.millivolts = millivolts(d, 98);
  Optics::Lane& lane = out.lanes[0];
  lane.biasMicroamperes = microamperes(d, 100);
  lane.sendMicrowatts = microwatts(d, 102);
  lane.receiveMicrowatts = microwatts(d, 104);
  lane.sendMost = microwatts(d, 24);
  lane.sendLeast = microwatts(d, 26);
  lane.receiveMost = microwatts(d, 32);
  lane.receiveLeast = microwatts(d, 34);
  lane.wavelength = u16(memory, 60);
  return out;
}

/// SFF-8636 rev 2.10: the lower page, behind it page 0.
std::optional<Optics> parseQsfp(Bytes memory) {
  constexpr std::size_t kSize = 256;
  constexpr std::uint8_t kDataNotReady = 0x01;
  if (memory.size() < kSize || (memory[2] & kDataNotReady) != 0) return std::nullopt;
  Optics out;
  out.millidegrees = millidegrees(memory, 22);
  out.millivolts = millivolts(memory, 26);
  if (out.millivolts == 0) return std::nullopt;  // copper
  out.laneCount = 4;
  for (std::size_t i = 0; i < 4; ++i) {
    Optics::Lane& lane = out.lanes[i];
    lane.receiveMicrowatts = microwatts(memory, 34 + 2 * i);
    lane.biasMicroamperes = microamperes(memory, 42 + 2 * i);
    lane.sendMicrowatts = microwatts(memory, 50 + 2 * i);
    lane.wavelength = u16(memory, 186) / 20;
  }
  return out;
}

}  // namespace

std::optional<Optics> parseOptics(ModuleLayout layout, Bytes memory) {
  return layout == ModuleLayout::sff8472 ? parseSfp(memory) : parseQsfp(memory);
}

void addOptics(wire::DatagramWriter& writer, std::uint32_t module, const Optics& optics) {
  constexpr std::size_t kLaneOctets = 40;
  std::array<std::uint8_t, kLaneOctets * Optics::kMaxLanes> octets{};
  for (std::uint32_t i = 0; i < optics.laneCount; ++i) {
    const Optics::Lane& lane = optics.lanes[i];
    std::uint8_t* p = octets.data() + kLaneOctets * i;
    for (const std::uint32_t field :
         {i + 1, lane.biasMicroamperes, lane.sendMicrowatts, lane.sendLeast, lane.sendMost, lane.wavelength,
          lane.receiveMicrowatts, lane.receiveLeast, lane.receiveMost, lane.wavelength}) {
      storeBe32(p, field);
      p += 4;
    }
  }
  wire::sfp out;
  out.module_id = module;
  out.module_num_lanes = optics.laneCount;
  out.module_supply_voltage = optics.millivolts;
  out.module_temperature = optics.millidegrees;
  out.lanes = {optics.laneCount, Bytes(octets).first(kLaneOctets * optics.laneCount)};
  writer.add(out);
}

}  // namespace weir::agent
