#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "engine/datagram_source.h"
#include "ingest/capture.h"
#include "ingest/interrupt.h"

namespace weir::engine {

namespace {

bool isOfPort(const ingest::UdpPayload& payload, std::uint16_t port) {
  return payload.destinationPort == port || payload.sourcePort == port;
}

/// Datagrams of other ports, kept until it is known whether they are meant.
class HeldBack {
 public:
  static constexpr Nanos kTime = 10 * kSecond;
  static constexpr std::size_t kBytes = std::size_t{4} << 20;

  /// False: no more is held back, all of it counts.
  bool add(const ingest::UdpPayload& payload) {
    if (datagrams_.empty()) first_ = payload.time;
    bytes_ += payload.payload.size() + sizeof(Datagram);
    datagrams_.push_back({payload.time, payload.source, {payload.payload.begin(), payload.payload.end()}});
    return bytes_ < kBytes && payload.time - first_ < kTime;
  }
  bool take(TimedDatagram& out) {
    if (datagrams_.empty()) return false;
    taken_ = std::move(datagrams_.front());
    datagrams_.pop_front();
    out = {taken_.time, taken_.sender, taken_.payload};
    return true;
  }
  void clear() { datagrams_.clear(); }

 private:
  struct Datagram {
    Nanos time = 0;
    IpAddress sender;
    std::vector<std::uint8_t> payload;
  };
  std::deque<Datagram> datagrams_;
  Datagram taken_;
  Nanos first_ = 0;
  std::size_t bytes_ = 0;
};

class CaptureSource : public DatagramSource {
 public:
  CaptureSource(std::string path, std::uint16_t port) : path_(std::move(path)), port_(port) {}

  Expected<> open() {
    auto reader = ingest::CaptureReader::open(path_, &interrupt_);
    if (!reader) return std::unexpected(reader.error());
    reader_ = std::move(*reader);
    if (!reader_->isFile()) return {};
    ingest::UdpPayload payload;
    accept_ = Accept::all;
    while (accept_ == Accept::all && reader_->next(payload)) {
      if (isOfPort(payload, port_)) accept_ = Accept::port;
    }
    if (reader_->refused()) return fail(reader_->error());
    return reopen();
  }

  Expected<> begin() override { return reader_->begin(); }

  bool next(TimedDatagram& out) override {
    ingest::UdpPayload payload;
    while (accept_ == Accept::undecided) {
      if (!reader_->next(payload)) {
        accept_ = Accept::all;
      } else if (isOfPort(payload, port_)) {
        accept_ = Accept::port;
        held_.clear();
        return give(payload, out);
      } else if (!held_.add(payload)) {
        accept_ = Accept::all;
      }
    }
    if (held_.take(out)) return true;
    while (reader_->next(payload)) {
      if (accept_ == Accept::all || isOfPort(payload, port_)) return give(payload, out);
    }
    return false;
  }

  bool rewind() override { return reader_->isFile() && reopen().has_value(); }
  void interrupt() override { interrupt_.raise(); }

  [[nodiscard]] SourceReport report() const override {
    return {reader_->error(), reader_->refused(), reader_->remarks()};
  }

 private:
  enum class Accept : std::uint8_t { undecided, port, all };

  static bool give(const ingest::UdpPayload& payload, TimedDatagram& out) {
    out = {payload.time, payload.source, payload.payload};
    return true;
  }
  Expected<> reopen() {
    auto reader = ingest::CaptureReader::open(path_, &interrupt_);
    if (!reader) return std::unexpected(reader.error());
    reader_ = std::move(*reader);
    return {};
  }

  std::string path_;
  std::uint16_t port_;
  ingest::Interrupt interrupt_;
  std::unique_ptr<ingest::CaptureReader> reader_;
  Accept accept_ = Accept::undecided;
  HeldBack held_;
};

}  // namespace

Expected<std::unique_ptr<DatagramSource>> openCapture(const std::string& path, std::uint16_t port) {
  auto source = std::make_unique<CaptureSource>(path, port);
  if (auto ok = source->open(); !ok) return std::unexpected(ok.error());
  return source;
}

}  // namespace weir::engine
