#include "ingest/byte_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::ingest {

namespace {

constexpr std::size_t kReadAhead = std::size_t{64} << 10;

std::unexpected<Error> cannotOpen(const std::string& path, int reason) {
  return fail(path + ": " + std::strerror(reason) +
              (reason == EACCES ? "; change its mode or owner, or run as a user who may read it"
                                : ", expected a capture file"));
}

}  // namespace

Expected<ByteStream> ByteStream::open(const std::string& path, const Interrupt* interrupt) {
  if (path == "-") {
    if (::isatty(STDIN_FILENO) != 0)
      return fail(
          "standard input: is a terminal, expected a capture, as in tcpdump -s 0 -w - udp port 6343 | weir ...");
    return ByteStream(STDIN_FILENO, false, interrupt);
  }
  // Without O_NONBLOCK opening a named pipe waits for its writer, and nothing could end that.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return cannotOpen(path, errno);
  ByteStream out(fd, false, interrupt);
  struct stat status {};
  if (::fstat(fd, &status) != 0) return cannotOpen(path, errno);
  if (S_ISDIR(status.st_mode)) return fail(path + ": is a directory, expected a capture file");
  out.isFile_ = S_ISREG(status.st_mode);
  return out;
}

ByteStream::~ByteStream() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

ByteStream::ByteStream(ByteStream&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      isFile_(other.isFile_),
      ended_(other.ended_),
      interrupted_(other.interrupted_),
      interrupt_(other.interrupt_),
      buffer_(std::move(other.buffer_)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)),
      fault_(std::move(other.fault_)) {}

/// Waits for a pipe. False: interrupted.
bool ByteStream::wait() {
  if (isFile_) return true;
  pollfd waits[2] = {{fd_, POLLIN, 0}, {interrupt_ != nullptr ? interrupt_->fd() : -1, POLLIN, 0}};
  while (::poll(waits, 2, -1) < 0 && errno == EINTR) {
  }
  return (waits[1].revents & POLLIN) == 0;
}

/// Reads what there is into the room behind end_. False at the end.
bool ByteStream::more() {
  while (!ended_) {
    interrupted_ = !wait();
    if (interrupted_) break;
    const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
    if (got > 0) {
      end_ += static_cast<std::size_t>(got);
      return true;
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) fault_ = std::strerror(errno);
    break;
  }
  ended_ = true;
  return false;
}

Bytes ByteStream::peek(std::size_t size) {
  if (end_ - begin_ < size) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    if (buffer_.size() < std::max(size, kReadAhead)) buffer_.resize(std::max(size, kReadAhead));
    while (end_ < size && more()) {
    }
  }
  return {buffer_.data() + begin_, std::min(size, end_ - begin_)};
}

Bytes ByteStream::take(std::size_t size) {
  const Bytes bytes = peek(size);
  if (bytes.size() < size) return {};
  begin_ += size;
  return bytes;
}

bool ByteStream::skip(std::uint64_t size) {
  while (size != 0) {
    const Bytes bytes = peek(static_cast<std::size_t>(std::min<std::uint64_t>(size, kReadAhead)));
    if (bytes.empty()) return false;
    begin_ += bytes.size();
    size -= bytes.size();
  }
  return true;
}

}  // namespace weir::ingest
