#pragma once
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/log.h"

namespace weir::app {

/// Lines on standard output, written in large pieces. Thread: one at a time.
class LineOutput {
 public:
  /// The line at hand, to append to.
  std::string& line() { return text_; }
  /// Ends the line. False when nothing can be written any more: the caller may stop.
  bool end() {
    text_.push_back('\n');
    return text_.size() < kPiece || flush();
  }
  bool flush() {
    if (error_ == 0) {
      errno = 0;
      const bool ok = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() && std::fflush(stdout) == 0;
      if (!ok) error_ = errno != 0 ? errno : EIO;
    }
    text_.clear();
    return error_ == 0;
  }
  /// Writes the rest and answers the exit status: 1, and a line in the log, when output was lost. The reader of a pipe
  /// who left has what he wanted.
  [[nodiscard]] int finish() {
    if (flush() || error_ == EPIPE) return 0;
    log::error("standard output cannot be written: " + std::string(std::strerror(error_)));
    return 1;
  }

 private:
  static constexpr std::size_t kPiece = 1 << 16;
  std::string text_;
  int error_ = 0;
};

}  // namespace weir::app
