#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/log.h"
#include "commands.h"
#include "ingest/capture.h"
#include "ingest/udp.h"
#include "print/datagram_printer.h"
#include "signals.h"

namespace weir::app {

namespace {

/// Writes lines in large pieces. False when nobody reads them any more.
class LineOutput {
 public:
  std::string& line() { return text_; }
  bool end() {
    text_.push_back('\n');
    return text_.size() < kPiece || flush();
  }
  bool flush() {
    const bool ok = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() && std::fflush(stdout) == 0;
    text_.clear();
    return ok;
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;
  std::string text_;
};

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
    print::Received received{payload.payload, payload.time,       payload.source, payload.sourcePort,
                             payload.destinationPort, true, payload.frame};
    printer.print(received, out.line());
    if (!out.end()) return 0;  // the reader of the pipe has what it wanted
  }
  out.flush();
  if (!(*reader)->error().empty()) log::warning(path + ": " + (*reader)->error());
  return 0;
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
      printer.print({d.payload, systemNow(), d.source(), d.sourcePort(), receiver.port(), false, {}}, out.line());
      if (!out.end()) return 0;
    }
    if (!datagrams.empty()) continue;
    if (!out.flush()) return 0;
    ::poll(waits, 2, -1);
    if ((waits[1].revents & POLLIN) != 0) return 0;
  }
}

}  // namespace

int runDecode(const config::CommandLine& line) {
  return line.listenPort ? decodeLive(*line.listenPort) : decodeCapture(line.file.empty() ? "-" : line.file);
}

}  // namespace weir::app
