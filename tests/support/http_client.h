#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace weir::test {

/// A bare HTTP client on a bare socket, so that the server is not tested with its own library.
class HttpClient {
 public:
  struct Answer {
    unsigned status = 0;  ///< 0: closed before an answer
    std::string head, body;
    [[nodiscard]] bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
  };

  explicit HttpClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) ADD_FAILURE() << "connect: " << errno;
  }
  HttpClient(HttpClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)), in_(std::move(other.in_)) {}
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Closes with a reset instead of an end.
  void reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void shutdownWrite() { shutdown(fd_, SHUT_WR); }

  /// False when the server has closed meanwhile.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// The next answer, waiting up to ten seconds for each piece.
  Answer answer(bool head = false) {
    Answer out;
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return out;
    }
    out.head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    out.status = static_cast<unsigned>(std::atoi(out.head.c_str() + 9));
    std::size_t length = 0;
    if (const auto at = out.head.find("Content-Length: "); at != std::string::npos) {
      length = static_cast<std::size_t>(std::atoll(out.head.c_str() + at + 16));
    }
    if (head) return out;
    while (in_.size() < length) {
      if (!receive()) return out;
    }
    out.body = in_.substr(0, length);
    in_.erase(0, length);
    return out;
  }
  Answer get(std::string_view target) {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return answer();
  }
  /// What comes next, up to and with `end`.
  std::string upTo(std::string_view end) {
    std::size_t at = 0;
    while ((at = in_.find(end)) == std::string::npos) {
      if (!receive()) return std::exchange(in_, "");
    }
    const std::string out = in_.substr(0, at + end.size());
    in_.erase(0, out.size());
    return out;
  }
  /// True when the server has closed and nothing came before that.
  bool ended() { return in_.empty() && !receive(); }

 private:
  bool receive() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 10'000) <= 0) {
      ADD_FAILURE() << "nothing came for ten seconds";
      return false;
    }
    char buffer[65536];
    const auto n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  std::string in_;
};

}  // namespace weir::test
