#include "print/datagram_printer.h"

#include <ctime>

#include "print/sample_writer.h"
#include "wire/xdr.h"

namespace weir::print {

using wire::Fault;

namespace {

/// "2024-05-01T12:00:00+0000".
void writeTime(LineWriter& out, std::string_view name, std::time_t seconds, bool local) {
  std::tm parts{};
  char text[40];
  if ((local ? localtime_r(&seconds, &parts) : gmtime_r(&seconds, &parts)) == nullptr) return;
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &parts);
  out.member(name, std::string_view(text, size));
}

/// Whole seconds, towards the past.
std::time_t secondsOf(Nanos time) {
  return time / kSecond - (time % kSecond < 0 ? 1 : 0);
}

/// Of a captured payload this short the reference decodes the frame instead, from the octet before its front, which is
/// 0.
bool readAsFrame(const Received& received) {
  constexpr std::size_t kShort = 4;
  return received.fromCapture && received.payload.size() <= kShort && received.frame.size() >= 3;
}

void writeArrival(LineWriter& out, const Received& received) {
  if (!received.fromCapture) {
    out.key("datagramSourceIP");
    out.address(received.source);
  }
  const std::size_t size = readAsFrame(received) ? received.frame.size() + 1 : received.payload.size();
  out.member("datagramSize", std::uint64_t{size});
  const std::time_t seconds = secondsOf(received.time);
  if (received.fromCapture) {
    writeTime(out, "pcapTimestamp", seconds, false);
    out.member("pcapTimestamp_uS", static_cast<std::uint64_t>((received.time - seconds * kSecond) / kMicrosecond));
  } else {
    out.signedMember("unixSecondsUTC", seconds);
    writeTime(out, "localtime", seconds, true);
  }
}

/// What can be read of a header that is none, as far as the reference shows it.
void writeBrokenHeader(LineWriter& out, const Received& received, Fault fault) {
  if (readAsFrame(received)) {
    out.member("datagramVersion", loadBe24(received.frame.data()));
    out.member("udpPayloadSize", std::uint64_t{received.payload.size()});
  } else if (received.payload.size() >= 4) {
    wire::XdrReader in(received.payload);
    const std::uint32_t version = in.u32();
    out.member("datagramVersion", version);
    const std::uint32_t addressType = in.u32();
    in.fixed(addressType == 1 ? 4 : 16);
    const std::uint32_t subAgent = in.u32();
    if (version == 5 && in.ok() && (addressType == 1 || addressType == 2)) out.member("agentSubId", subAgent);
  }
  out.member("fault", wire::faultName(fault));
}

void writeFaults(LineWriter& out, const wire::FaultCounts& faults) {
  std::size_t kinds = 0;
  for (const std::uint32_t count : faults.of) kinds += count != 0 ? 1 : 0;
  if (kinds == 0) return;
  out.key("fault");
  if (kinds > 1) out.beginArray();
  for (std::size_t i = 0; i < faults.of.size(); ++i)
    if (faults.of[i] != 0) out.text(wire::faultName(static_cast<Fault>(i)));
  if (kinds > 1) out.endArray();
}

void writeDatagram(LineWriter& out, wire::DatagramReader& datagram, const DatagramMemory* memory) {
  const wire::DatagramHeader& header = datagram.header();
  out.member("datagramVersion", header.version);
  if (header.version == 5) out.member("agentSubId", header.subAgent);
  if (header.agent.bits() != 0) {
    out.key("agent");
    out.address(header.agent);
  }
  out.member("packetSequenceNo", header.sequence);
  out.member("sysUpTime", header.uptimeMs);
  out.member("samplesInPacket", header.sampleCount);
  out.key("samples");
  out.beginArray();
  for (wire::Sample sample; datagram.next(sample);) writeSample(out, sample, header.version, memory);
  writeCutSample(out, datagram.partial(), memory);
  out.endArray();
  writeFaults(out, datagram.faults());
}

}  // namespace

void DatagramPrinter::print(const Received& received, std::string& out) {
  out.push_back('{');
  LineWriter writer(out);
  writeArrival(writer, received);
  memory_.open(received.payload);
  auto datagram = wire::DatagramReader::open(received.payload);
  if (datagram)
    writeDatagram(writer, *datagram, received.fromCapture ? &memory_ : nullptr);
  else
    writeBrokenHeader(writer, received, datagram.error());
  if (received.fromCapture) memory_.keep();
  writer.endObject();
}

}  // namespace weir::print
