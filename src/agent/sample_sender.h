#pragma once
#include <cstdint>
#include <functional>

#include "base/address.h"
#include "base/time.h"
#include "wire/writer.h"

namespace weir::agent {

/// What the sender counts about itself.
struct SenderCounters {
  std::uint64_t datagrams = 0;
  std::uint64_t samples = 0;
  std::uint64_t suppressed = 0;  ///< samples made while there was no agent address or no collector
  std::uint64_t tooLarge = 0;    ///< samples that fit no datagram
};

/// Packs samples into version 5 datagrams and numbers these (sFlow version 5, sample_datagram_v5). A datagram
/// leaves when the next sample does not fit, or by flush(). Nothing is allocated for a sample. Thread: one.
class SampleSender {
 public:
  /// Takes a finished datagram; its octets are gone after the call.
  using Sink = std::function<void(Bytes)>;

  SampleSender(Sink sink, Nanos startedAt);

  /// The identity that datagrams carry from now on; none stops sending. What is packed already leaves under the old
  /// one.
  void setIdentity(const IpAddress& agent, std::uint32_t subAgent);
  /// Largest datagram, octets of UDP payload. Sequence numbers go on.
  void setLimit(std::size_t octets);
  /// false: samples are counted as suppressed and forgotten.
  void setSending(bool sending);
  [[nodiscard]] const IpAddress& agent() const { return header_.agent; }
  [[nodiscard]] bool isSending() const { return sending_ && header_.agent.family != IpAddress::Family::none; }

  /// Adds a sample whose records `fill(writer)` writes. fill may be called twice. False: it was not taken.
  template <class Fill>
  bool add(Nanos now, const wire::Sample& sample, Fill&& fill) {
    return addWhole(now, [&](wire::DatagramWriter& writer) {
      writer.beginSample(sample);
      fill(writer);
    });
  }
  /// The same with a sample that `write` writes from its beginning on.
  template <class Write>
  bool addWhole(Nanos now, Write&& write) {
    if (!isSending()) {
      ++counters_.suppressed;
      return false;
    }
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!open_) begin(now);
      write(writer_);
      if (writer_.endSample()) {
        ++counters_.samples;
        return true;
      }
      if (writer_.sampleCount() == 0) break;
      flush();
    }
    ++counters_.tooLarge;
    return false;
  }

  /// Sends what is packed.
  void flush();
  /// Sends what has been waiting since before `now` - 1 s (sFlow version 5: no sample is held back for longer).
  void flushOld(Nanos now);
  [[nodiscard]] const SenderCounters& counters() const { return counters_; }

 private:
  void begin(Nanos now);

  Sink sink_;
  Nanos startedAt_;
  wire::DatagramHeader header_;
  wire::DatagramWriter writer_;
  SenderCounters counters_;
  Nanos openedAt_ = 0;
  bool open_ = false;
  bool sending_ = true;
};

}  // namespace weir::agent
