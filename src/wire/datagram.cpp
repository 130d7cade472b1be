#include "wire/datagram.h"

#include "wire/rt.h"
#include "wire/xdr.h"

namespace weir::wire {

FaultText faultText(Fault fault) {
  static constexpr FaultText kTexts[] = {
#define WEIR_FAULT(name, unit, help) {#name, unit, help},
#include "wire/faults.def"
      {}};
  return kTexts[static_cast<std::size_t>(fault)];
}

std::expected<DatagramReader, Fault> DatagramReader::open(Bytes datagram) {
  XdrReader in(datagram);
  DatagramReader reader;
  DatagramHeader& h = reader.header_;
  h.version = in.u32();
  if (!in.ok()) return std::unexpected(Fault::notSflow);
  if (h.version != 5 && h.version != 4 && h.version != 2) return std::unexpected(Fault::unsupportedVersion);
  const std::uint32_t addressType = in.u32();
  if (in.ok() && addressType > 2) return std::unexpected(Fault::addressType);
  if (addressType == 1) {
    if (const Bytes octets = in.fixed(4); in.ok()) h.agent = IpAddress::v4(octets.data());
  } else if (addressType == 2) {
    if (const Bytes octets = in.fixed(16); in.ok()) h.agent = IpAddress::v6(octets.data());
  }
  if (h.version == 5) h.subAgent = in.u32();
  h.sequence = in.u32();
  h.uptimeMs = in.u32();
  h.sampleCount = in.u32();
  if (!in.ok()) return std::unexpected(Fault::notSflow);
  reader.at_ = in.rest().data();
  reader.left_ = in.left();
  reader.samplesLeft_ = h.sampleCount;
  return reader;
}

bool DatagramReader::parseRtFlow(Sample& sample) {
  const auto reader = RtReader::open(sample);
  if (!reader) return false;
  sample.samplingRate = reader->samplingRate();
  sample.samplePool = reader->samplePool();
  return true;
}

}  // namespace weir::wire
