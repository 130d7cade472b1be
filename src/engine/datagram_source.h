#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"

namespace weir::engine {

/// A datagram with the time it was seen at.
struct TimedDatagram {
  Nanos time = 0;
  IpAddress sender;
  Bytes payload;  ///< valid until the next call of the source
};

/// Where replay takes datagrams from: a capture file, or the built-in simulation. Thread: the replay driver's.
class DatagramSource {
 public:
  virtual ~DatagramSource() = default;
  /// The next datagram in order, false at the end.
  virtual bool next(TimedDatagram& out) = 0;
  /// Starts again from the beginning; false where that cannot be (standard input).
  virtual bool rewind() = 0;
  /// After the end: what was wrong, or empty.
  [[nodiscard]] virtual std::string problem() const { return {}; }
};

/// The sFlow datagrams of a capture file: every UDP payload to or from `port`; where the file has none of that port,
/// every UDP payload.
[[nodiscard]] Expected<std::unique_ptr<DatagramSource>> openCapture(const std::string& path, std::uint16_t port);

}  // namespace weir::engine
