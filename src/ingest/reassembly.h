#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"
#include "ingest/payload.h"

namespace weir::ingest {

/// One IP fragment: a part of the payload of an IP packet.
struct Fragment {
  IpAddress source, destination;
  std::uint32_t id = 0;       ///< IPv4: identification (16 bits); IPv6: that of the fragment header
  std::uint8_t protocol = 0;  ///< IPv4: protocol; IPv6: next header, which counts in the first fragment only
  std::uint32_t offset = 0;   ///< octets from the beginning of the payload
  bool more = false;          ///< more fragments follow
  Bytes bytes;
};

/// Puts IP fragments together (RFC 791 section 3.2, RFC 8200 section 4.5), in any order of arrival.
/// Memory is bounded: at most kMaxDatagrams in pieces and kMaxBytes in all; the oldest gives way and is counted. What
/// is not complete 30 s of capture time after its first fragment is given up. Overlapping fragments cost the datagram
/// (RFC 5722); exact duplicates are ignored, as RFC 8200 allows. Thread: one.
class Reassembler {
 public:
  static constexpr std::size_t kMaxDatagrams = 256;
  static constexpr std::size_t kMaxBytes = 16U << 20;
  static constexpr std::size_t kMaxPayload = 65'535;
  static constexpr Nanos kTimeout = 30 * kSecond;

  explicit Reassembler(CaptureDrops& drops) : drops_(drops) {}

  struct Whole {
    Bytes payload;              ///< valid until the next call
    std::uint8_t protocol = 0;  ///< of the first fragment
  };
  /// Takes one fragment and returns the whole payload when it is the one that completes it.
  [[nodiscard]] std::optional<Whole> add(Nanos time, const Fragment& fragment);
  /// Gives up everything in pieces: the capture has ended.
  void finish();

  [[nodiscard]] std::size_t inProgress() const { return datagrams_.size(); }
  [[nodiscard]] std::size_t bytesHeld() const { return bytesHeld_; }

 private:
  struct Range {
    std::uint32_t begin, end;
  };
  struct Datagram {
    IpAddress source, destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;
    bool dead = false;  // given up already: later fragments are swallowed until the timeout
    Nanos started = 0;
    std::optional<std::uint32_t> end;  // payload length, once the last fragment is here
    std::vector<std::uint8_t> bytes;
    std::vector<Range> ranges;   // received, in order
    std::uint32_t received = 0;  // octets in ranges
  };
  enum class Fit : std::uint8_t { free, same, overlap };
  struct Place {
    std::vector<Range>::iterator at;
    Fit fit;
  };
  using Iterator = std::list<Datagram>::iterator;

  Iterator find(Nanos time, const Fragment& fragment);
  void expire(Nanos time);
  void giveUp(Datagram& datagram, CaptureDrop reason);
  void erase(Iterator it);
  void evict(Iterator it);
  void account(const Datagram& datagram, std::size_t before);
  static std::size_t cost(const Datagram& datagram);
  static Place place(std::vector<Range>& ranges, Range range);

  CaptureDrops& drops_;
  std::list<Datagram> datagrams_;  // oldest first
  std::size_t bytesHeld_ = 0;
  std::vector<std::uint8_t> whole_;
};

}  // namespace weir::ingest
