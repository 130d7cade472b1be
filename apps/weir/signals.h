#pragma once
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace weir::app {

/// SIGTERM and SIGINT as a file to poll. Blocks them for this thread and those it starts later; SIGPIPE is ignored.
class Signals {
 public:
  Signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    fd_ = signalfd(-1, &set, SFD_CLOEXEC);
  }
  ~Signals() { ::close(fd_); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// Waits for one of them.
  void wait() const {
    signalfd_siginfo info;
    while (::read(fd_, &info, sizeof info) < 0 && errno == EINTR) {
    }
  }

 private:
  int fd_;
};

}  // namespace weir::app
