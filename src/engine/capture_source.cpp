#include <cstddef>
#include <utility>

#include "engine/datagram_source.h"
#include "ingest/capture.h"

namespace weir::engine {

namespace {

class CaptureSource : public DatagramSource {
 public:
  CaptureSource(std::string path, std::unique_ptr<ingest::CaptureReader> reader, std::optional<std::uint16_t> port)
      : path_(std::move(path)), reader_(std::move(reader)), port_(port) {}

  bool next(TimedDatagram& out) override {
    ingest::UdpPayload payload;
    while (reader_->next(payload)) {
      if (port_ && payload.destinationPort != *port_ && payload.sourcePort != *port_) continue;
      out.time = payload.time;
      out.sender = payload.source;
      out.payload = payload.payload;
      return true;
    }
    return false;
  }

  bool rewind() override {
    if (path_ == "-") return false;
    auto again = ingest::CaptureReader::open(path_);
    if (!again) return false;
    reader_ = std::move(*again);
    return true;
  }

  [[nodiscard]] std::string problem() const override {
    return reader_->error().empty() ? std::string() : path_ + ": " + reader_->error();
  }

 private:
  std::string path_;
  std::unique_ptr<ingest::CaptureReader> reader_;
  std::optional<std::uint16_t> port_;
};

/// Whether a file has UDP payloads of `port`. It is read until the first one is found.
Expected<bool> hasPort(const std::string& path, std::uint16_t port) {
  auto reader = ingest::CaptureReader::open(path);
  if (!reader) return std::unexpected(reader.error());
  ingest::UdpPayload payload;
  while ((*reader)->next(payload)) {
    if (payload.destinationPort == port || payload.sourcePort == port) return true;
  }
  return false;
}

}  // namespace

Expected<std::unique_ptr<DatagramSource>> openCapture(const std::string& path, std::uint16_t port) {
  std::optional<std::uint16_t> only = port;
  if (path != "-") {
    auto has = hasPort(path, port);
    if (!has) return std::unexpected(has.error());
    if (!*has) only.reset();
  }
  auto reader = ingest::CaptureReader::open(path);
  if (!reader) return std::unexpected(reader.error());
  return std::unique_ptr<DatagramSource>(std::make_unique<CaptureSource>(path, std::move(*reader), only));
}

}  // namespace weir::engine
