#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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

/// What a source says of itself at its end.
struct SourceReport {
  std::string error;     ///< why it could not be read to its end; empty: it was
  bool refused = false;  ///< it could not be read at all
  std::vector<std::string> remarks;
};

/// Where replay takes datagrams from: a capture file, or the built-in simulation. Thread: the replay driver's.
class DatagramSource {
 public:
  virtual ~DatagramSource() = default;
  /// Reads the head of what is no file on disk, waiting for it. The error says why it cannot be read. Thread: the one
  /// that made the source, before it is given away.
  [[nodiscard]] virtual Expected<> begin() { return {}; }
  /// The next datagram in order, false at the end.
  virtual bool next(TimedDatagram& out) = 0;
  /// Starts again from the beginning; false where that cannot be (standard input, pipes).
  virtual bool rewind() = 0;
  /// Ends a next() that waits for input, now and from now on. Thread: any.
  virtual void interrupt() {}
  /// After the end.
  [[nodiscard]] virtual SourceReport report() const { return {}; }
};

/// The sFlow datagrams of a capture: every UDP payload to or from `port`; where it has none of that port, every UDP
/// payload. A file on disk is searched for the port first. Of a pipe or standard input the first 10 seconds of capture
/// time, or 4 MiB, are held back until the port is seen. The error names the file.
[[nodiscard]] Expected<std::unique_ptr<DatagramSource>> openCapture(const std::string& path, std::uint16_t port);

}  // namespace weir::engine
