#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace weir::ingest {

/// Ends waiting for octets: once raised it stays so. Thread: raise() from any; it outlives who waits.
class Interrupt {
 public:
  Interrupt() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Interrupt() { ::close(fd_); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  void raise() {
    const std::uint64_t one = 1;
    (void)!::write(fd_, &one, sizeof one);  // full already: raised
  }
  /// To be polled; readable once raised.
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace weir::ingest
