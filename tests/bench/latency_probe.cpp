// Measures the time from an sFlow datagram to the event at a REST long poll, against a running engine.
//   latency_probe SFLOW_PORT HTTP_PORT [count] [interval_us]
// Defines a flow and a byFlow threshold of its own, then sends datagrams of one sample each, every one with a new pair of
// addresses and far above the threshold, and waits for its event. Prints one line with p50, p90, p99, the maximum, in µs.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/time.h"
#include "wire/writer.h"

namespace {

using namespace weir;

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

sockaddr_in loopback(int port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(static_cast<std::uint16_t>(port));
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

class HttpClient {
 public:
  explicit HttpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const sockaddr_in a = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&a), sizeof a) != 0) die("connect");
  }
  ~HttpClient() { ::close(fd_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  void send(const std::string& method, const std::string& target, const std::string& body = {}) const {
    const std::string text = method + " " + target + " HTTP/1.1\r\nHost: weir\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n" + body;
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) die("write");
  }
  /// The body of the next answer; empty when it did not come within five seconds.
  std::string receive() {
    std::string text;
    std::size_t end = std::string::npos, length = 0;
    while (end == std::string::npos || text.size() < end + 4 + length) {
      pollfd p{fd_, POLLIN, 0};
      if (::poll(&p, 1, 5000) <= 0) return {};
      std::array<char, 16384> buffer;
      const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
      if (n <= 0) die("read");
      text.append(buffer.data(), static_cast<std::size_t>(n));
      if (end == std::string::npos && (end = text.find("\r\n\r\n")) != std::string::npos) {
        const std::size_t at = text.find("Content-Length: ");
        length = at < end ? std::strtoul(text.c_str() + at + 16, nullptr, 10) : 0;
      }
    }
    return text.substr(end + 4);
  }

 private:
  int fd_;
};

/// An Ethernet/IPv4/UDP header with the pair of addresses number `i`.
std::array<std::uint8_t, 42> header(std::uint32_t i) {
  std::array<std::uint8_t, 42> h{};
  h[12] = 0x08;
  h[14] = 0x45;
  storeBe16(&h[16], 1486);
  h[22] = 64;
  h[23] = 17;
  storeBe32(&h[26], 0xC6120000 + i);  // 198.18.0.0/15: benchmark addresses (RFC 2544)
  storeBe32(&h[30], 0xC6130000 + (i & 0xFFFF));
  storeBe16(&h[34], 5000);
  storeBe16(&h[36], 5001);
  storeBe16(&h[38], 1466);
  return h;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: latency_probe SFLOW_PORT HTTP_PORT [count] [interval_us]\n");
    return 2;
  }
  const int udpPort = std::atoi(argv[1]), httpPort = std::atoi(argv[2]);
  const int count = argc > 3 ? std::atoi(argv[3]) : 2000;
  const useconds_t interval = argc > 4 ? static_cast<useconds_t>(std::atoi(argv[4])) : 1000;

  HttpClient http(httpPort);
  http.send("PUT", "/flow/latency_probe/json",
            R"({"keys":"ipsource,ipdestination","value":"bytes","filter":"ipsource~198[.]18[.].*"})");
  http.receive();
  http.send("PUT", "/threshold/latency_probe/json",
            R"({"metric":"latency_probe","value":1000,"byFlow":true,"timeout":1})");
  http.receive();

  const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
  const sockaddr_in to = loopback(udpPort);
  wire::DatagramWriter writer;
  std::vector<double> micros;
  long long cursor = 0;
  int lost = 0;
  for (int i = 0; i < count; ++i) {
    http.send("GET", "/events/json?thresholdID=latency_probe&maxEvents=1&timeout=60&eventID=" + std::to_string(cursor));
    usleep(interval);  // the request is parked by now
    const std::uint8_t agent[4] = {198, 51, 100, 99};
    wire::DatagramHeader head;
    head.agent = IpAddress::v4(agent);
    head.sequence = static_cast<std::uint32_t>(i + 1);
    head.uptimeMs = static_cast<std::uint32_t>(monotonicNow() / kMillisecond);
    const auto bytes = header(static_cast<std::uint32_t>(i));
    wire::Sample sample;
    sample.kind = wire::SampleKind::flow;
    sample.sequence = static_cast<std::uint32_t>(i + 1);
    sample.source = {0, 1};
    sample.samplingRate = 1000;
    writer.begin(head);
    writer.beginSample(sample);
    writer.add(wire::SampledHeader{1, 1500, 4, Bytes(bytes.data(), bytes.size())});
    if (!writer.endSample()) return 1;
    const Bytes datagram = writer.finish();
    const Nanos start = monotonicNow();
    if (::sendto(udp, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) {
      die("sendto");
    }
    const std::string answer = http.receive();
    const Nanos end = monotonicNow();
    const std::size_t at = answer.find("\"eventID\":");
    if (at == std::string::npos) {
      ++lost;
      if (lost > 10) break;
      continue;
    }
    cursor = std::strtoll(answer.c_str() + at + 10, nullptr, 10);
    micros.push_back(static_cast<double>(end - start) / 1e3);
  }
  HttpClient cleaner(httpPort);
  cleaner.send("DELETE", "/threshold/latency_probe/json");
  cleaner.receive();
  cleaner.send("DELETE", "/flow/latency_probe/json");
  cleaner.receive();
  if (micros.empty()) {
    std::fprintf(stderr, "no event arrived\n");
    return 1;
  }
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double q) { return micros[std::min(micros.size() - 1, static_cast<std::size_t>(q * static_cast<double>(micros.size())))]; };
  std::printf("{\"events\":%zu,\"lost\":%d,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}\n", micros.size(), lost,
              at(0.5), at(0.9), at(0.99), micros.back());
  return 0;
}
