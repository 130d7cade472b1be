#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "ingest/payload.h"

namespace weir::ingest {

/// Reads a capture file and gives every UDP payload in it, in the order of the file, whatever its port.
/// Formats: pcap (micro- and nanoseconds, either byte order) and pcapng. Link types: Ethernet with VLAN stacks, Linux
/// cooked (v1, v2), raw IP, loopback. IP fragments are put together in bounded memory. Thread: one.
class CaptureReader {
 public:
  /// "-" is standard input. The error names the file and what is wrong with it.
  [[nodiscard]] static Expected<std::unique_ptr<CaptureReader>> open(const std::string& path);
  ~CaptureReader();
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  /// The next payload, valid until the next call; false at the end, or where the file is damaged: then error() says.
  [[nodiscard]] bool next(UdpPayload& out);

  /// Empty, or why the file could not be read to its end. What came before was delivered.
  [[nodiscard]] const std::string& error() const;
  /// What gave no payload, by reason.
  [[nodiscard]] const CaptureDrops& drops() const;
  /// Frames read from the file.
  [[nodiscard]] std::uint64_t frames() const;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::ingest
