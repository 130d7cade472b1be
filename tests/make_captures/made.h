#pragma once
#include <boost/json/array.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

/// The captures of tests/captures, made from scratch: the same octets in every run. What each holds is in
/// tests/captures/README.md.
namespace weir::captures {

/// A file of tests/captures.
struct MadeFile {
  std::string name;
  std::vector<std::uint8_t> content;
};

/// Every record of wire/records.def, every type of sample: records.pcap and the values that were encoded.
[[nodiscard]] std::vector<MadeFile> makeRecords();
/// Versions 2 and 4: legacy.pcap, the same as pcapng, and the values that were encoded.
[[nodiscard]] std::vector<MadeFile> makeLegacy();
/// Sampled headers: headers.pcap and the layers and keys of each.
[[nodiscard]] std::vector<MadeFile> makeHeaders();
/// Datagrams that are not sound: damaged.pcap and the fault of each.
[[nodiscard]] std::vector<MadeFile> makeDamaged();
/// Half a minute of a small network: fabric.pcap, and the events that its definitions must give.
[[nodiscard]] std::vector<MadeFile> makeFabric();

/// Datagrams as a capture file: Ethernet, UDP over IPv4, a packet each.
class CaptureBuilder {
 public:
  /// time: nanoseconds since 1970, a whole number of microseconds.
  void add(Nanos time, Bytes datagram);
  [[nodiscard]] std::vector<std::uint8_t> pcap() const;
  [[nodiscard]] std::vector<std::uint8_t> pcapng() const;
  [[nodiscard]] std::size_t size() const { return datagrams_.size(); }

 private:
  struct Timed {
    Nanos time;
    std::vector<std::uint8_t> octets;
  };
  std::vector<Timed> datagrams_;
};

/// When the captures begin.
inline constexpr Nanos kBegin = 1'700'000'000 * kSecond;

/// JSON with an element a line.
[[nodiscard]] std::vector<std::uint8_t> lines(const boost::json::array& elements);

}  // namespace weir::captures
