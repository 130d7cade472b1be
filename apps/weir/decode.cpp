#include <poll.h>

#include <string>

#include "base/log.h"
#include "commands.h"
#include "ingest/capture.h"
#include "ingest/udp.h"
#include "line_output.h"
#include "print/datagram_printer.h"
#include "signals.h"

namespace weir::app {

namespace {

int decodeCapture(const std::string& path) {
  auto reader = ingest::CaptureReader::open(path);
  if (!reader) {
    log::error(reader.error().text());
    return 1;
  }
  print::DatagramPrinter printer;
  LineOutput out;
  ingest::UdpPayload payload;
  while ((*reader)->next(payload)) {
    print::Received received{payload.payload,         payload.time, payload.source, payload.sourcePort,
                             payload.destinationPort, true,         payload.frame};
    printer.print(received, out.line());
    if (!out.end()) return out.finish();
  }
  const int written = out.finish();
  if ((*reader)->refused()) {
    log::error((*reader)->error());
    return 1;
  }
  if (!(*reader)->error().empty()) log::warning((*reader)->error());
  for (const std::string& remark : (*reader)->remarks()) log::warning(remark);
  return written;
}

int decodeLive(std::uint16_t port) {
  ingest::UdpReceiver::Options options;
  options.port = port;
  auto receivers = ingest::UdpReceiver::openGroup(options);
  if (!receivers) {
    log::error(receivers.error().text());
    return 1;
  }
  ingest::UdpReceiver& receiver = receivers->front();
  log::info("Listening, sFlow port " + std::to_string(receiver.port()));
  Signals signals;
  print::DatagramPrinter printer;
  LineOutput out;
  pollfd waits[2] = {{receiver.fd(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
  while (true) {
    const auto datagrams = receiver.receive();
    for (const auto& d : datagrams) {
      printer.print({d.payload, timeOfDay(), d.source(), d.sourcePort(), receiver.port(), false, {}}, out.line());
      if (!out.end()) return out.finish();
    }
    if (!datagrams.empty()) continue;
    if (!out.flush()) return out.finish();
    ::poll(waits, 2, -1);
    if ((waits[1].revents & POLLIN) != 0) return out.finish();
  }
}

}  // namespace

int runDecode(const config::CommandLine& line) {
  return line.listenPort ? decodeLive(*line.listenPort) : decodeCapture(line.file.empty() ? "-" : line.file);
}

}  // namespace weir::app
