#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "ingest/interrupt.h"

namespace weir::ingest {

/// The octets of a file, a pipe or standard input, once and in order. What is read ahead is bounded: 64 KiB, or what
/// was asked for at once. A pipe is waited for, before its first writer too, until the interrupt is raised. Thread:
/// one.
class ByteStream {
 public:
  /// "-" is standard input. `interrupt` may be nullptr. Never waits. The error names the file.
  [[nodiscard]] static Expected<ByteStream> open(const std::string& path, const Interrupt* interrupt);
  ~ByteStream();
  ByteStream(ByteStream&& other) noexcept;
  ByteStream& operator=(ByteStream&&) = delete;

  /// A file on disk: reading does not wait, and it can be opened again.
  [[nodiscard]] bool isFile() const { return isFile_; }

  /// The next `size` octets, which stay to be taken; fewer at the end. Valid until the next call, as what take() gives.
  [[nodiscard]] Bytes peek(std::size_t size);
  /// The next `size` octets; nothing, and none is taken, where the stream ends before.
  [[nodiscard]] Bytes take(std::size_t size);
  /// False where the stream ends before.
  [[nodiscard]] bool skip(std::uint64_t size);

  /// It ended since the interrupt was raised.
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  /// Empty, or why reading failed; the stream then ended there.
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  ByteStream(int fd, bool isFile, const Interrupt* interrupt) : fd_(fd), isFile_(isFile), interrupt_(interrupt) {}
  bool more();
  bool wait();

  int fd_;
  bool isFile_;
  bool ended_ = false, interrupted_ = false;
  const Interrupt* interrupt_;
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what was read and not taken
  std::string fault_;
};

}  // namespace weir::ingest
