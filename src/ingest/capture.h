#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "ingest/interrupt.h"
#include "ingest/payload.h"

namespace weir::ingest {

/// Reads a capture and gives every UDP payload in it, in the order of the file, whatever its port.
/// Formats: pcap (micro- and nanoseconds, either byte order) and pcapng, whose interfaces may differ in everything.
/// Link types: Ethernet with tags, MPLS and PPPoE, Linux cooked (v1, v2), raw IP, loopback, PPP. IP fragments are put
/// together in bounded memory. Thread: one.
class CaptureReader {
 public:
  /// "-" is standard input. The error names the file and what is wrong with it. Of a file on disk the head is read, of
  /// a pipe nothing: next() or begin() waits for its writer until `interrupt` (may be nullptr, else it outlives this)
  /// is raised.
  [[nodiscard]] static Expected<std::unique_ptr<CaptureReader>> open(const std::string& path,
                                                                     const Interrupt* interrupt = nullptr);
  ~CaptureReader();
  CaptureReader(const CaptureReader&) = delete;
  CaptureReader& operator=(const CaptureReader&) = delete;

  /// Reads the head of a pipe. The error says why it is no capture, as that of open().
  [[nodiscard]] Expected<> begin();
  /// A file on disk, which can be opened again.
  [[nodiscard]] bool isFile() const;

  /// The next payload, valid until the next call; false at the end, or where the capture is damaged, or interrupted.
  [[nodiscard]] bool next(UdpPayload& out);

  /// After the end. Empty, or why the capture could not be read to its end. What came before was delivered.
  [[nodiscard]] const std::string& error() const;
  /// After the end: it could not be read at all, and error() says why.
  [[nodiscard]] bool refused() const;
  /// After the end: what a user should know of what was read, sentences that name the capture.
  [[nodiscard]] std::vector<std::string> remarks() const;
  /// What gave no payload, by reason.
  [[nodiscard]] const CaptureDrops& drops() const;
  /// Frames read.
  [[nodiscard]] std::uint64_t frames() const;

 private:
  struct State;
  explicit CaptureReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::ingest
