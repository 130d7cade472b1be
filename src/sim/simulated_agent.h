#pragma once
#include <cstdint>
#include <functional>

#include "base/address.h"
#include "base/bytes.h"
#include "wire/writer.h"

namespace weir::sim {

/// Takes one finished datagram; the octets are gone after the call.
using DatagramSink = std::function<void(Bytes)>;

/// The sender of one agent: packs samples into datagrams and numbers them.
class SimulatedAgent {
 public:
  SimulatedAgent(const IpAddress& agent, std::uint32_t subAgent);

  /// Adds one sample whose records `fill` writes. A datagram that is full leaves first.
  template <class Fill>
  void add(std::uint64_t nowMs, const wire::Sample& sample, Fill&& fill, const DatagramSink& sink) {
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!open_) open(nowMs);
      writer_.beginSample(sample);
      fill(writer_);
      if (writer_.endSample()) return;
      send(sink);
    }
  }
  /// Sends the datagram whose first sample has waited for kMaxWaitMs.
  void flush(std::uint64_t nowMs, const DatagramSink& sink) {
    if (open_ && nowMs >= openedMs_ + kMaxWaitMs) send(sink);
  }

 private:
  static constexpr std::uint64_t kMaxWaitMs = 100;
  void open(std::uint64_t nowMs);
  void send(const DatagramSink& sink);

  wire::DatagramHeader header_;
  wire::DatagramWriter writer_;
  std::uint64_t openedMs_ = 0;
  bool open_ = false;
};

}  // namespace weir::sim
