#include "ingest/udp_group.h"

#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <vector>

#include "ingest/shard.h"

namespace weir::ingest {

namespace {

constexpr unsigned kMaxGroup = 64;

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Endpoint endpoint(const IpAddress& address, bool v6, std::uint16_t port) {
  Endpoint out;
  if (v6) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, address.octets.data(), 16);  // all zero: any
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  } else {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, address.octets.data(), 4);
    std::memcpy(&out.storage, &in, sizeof in);
    out.size = sizeof in;
  }
  return out;
}

void setOption(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

void setReceiveBuffer(int fd, std::size_t bytes) {
  const int asked = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX / 2));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &asked, sizeof asked) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &asked, sizeof asked);
}

Error bindError(int error, const UdpReceiver::Options& options) {
  const std::string port = "sFlow port " + std::to_string(options.port);
  switch (error) {
    case EADDRINUSE:
      return {port + " is in use (UDP)", {}, {}};
    case EACCES:
      return {port + " needs the right to open low ports (UDP)", {}, {}};
    case EADDRNOTAVAIL:
      return {"sFlow address " + options.address.text() + " is not one of this machine", {}, {}};
    default:
      return {port + " cannot be opened (UDP): " + std::strerror(error), {}, {}};
  }
}

/// A socket that accepts nothing until its filter is taken away.
Socket closedSocket(const Endpoint& at, std::size_t bufferBytes) {
  Socket made(socket(at.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
  if (!made.valid()) return made;
  setReceiveBuffer(made.fd(), bufferBytes);
  if (at.family() == AF_INET6) setOption(made.fd(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog program{1, nothing};
  setsockopt(made.fd(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  return made;
}

void openFilter(const Socket& s) {
  const int unused = 0;
  setsockopt(s.fd(), SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}

std::uint16_t boundPort(const Socket& s) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (getsockname(s.fd(), reinterpret_cast<sockaddr*>(&name), &size) != 0) return 0;
  if (name.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &name, sizeof in);
    return ntohs(in.sin6_port);
  }
  sockaddr_in in{};
  std::memcpy(&in, &name, sizeof in);
  return ntohs(in.sin_port);
}

using Program = std::vector<sock_filter>;

Program operator+(Program one, const Program& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

/// Returns the shard of the address whose words stand at these offsets. A load behind the datagram's end returns 0.
Program shardOf(const std::vector<std::uint32_t>& offsets, unsigned shards) {
  Program code{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsets.front())};
  for (std::size_t i = 1; i < offsets.size(); ++i) {
    code.push_back(BPF_STMT(BPF_MISC | BPF_TAX, 0));
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsets[i]));
    code.push_back(BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0));
  }
  return code + Program{BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, kShardMultiplier),
                        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, kShardShift), BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, shards),
                        BPF_STMT(BPF_RET | BPF_A, 0)};
}

/// Goes on behind `code` unless the accumulator is `value`.
Program when(std::uint32_t value, const Program& code) {
  const auto length = static_cast<std::uint8_t>(code.size());
  return Program{BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, length)} + code;
}

/// The arithmetic of shardOfDatagram in classic BPF: offsets are those of the UDP payload, or of the IP header (a
/// packet over IPv4 has one of IPv4 also where the socket is of IPv6).
Program shardProgram(unsigned shards) {
  constexpr auto kHeader = static_cast<std::uint32_t>(SKF_NET_OFF);
  const Program sender =
      Program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL))} +
      when(ETH_P_IP, shardOf({kHeader + 12}, shards)) +
      when(ETH_P_IPV6, shardOf({kHeader + 8, kHeader + 12, kHeader + 16, kHeader + 20}, shards)) +
      Program{BPF_STMT(BPF_RET | BPF_K, 0)};
  return Program{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4)} +  // address type
         when(1, shardOf({8}, shards)) + when(2, shardOf({8, 12, 16, 20}, shards)) + when(0, sender) +
         Program{BPF_STMT(BPF_RET | BPF_K, 0)};
}

bool attachShardProgram(const Socket& s, unsigned shards) {
  Program code = shardProgram(shards);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return setsockopt(s.fd(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

Expected<std::vector<Socket>> bindAt(Endpoint at, bool v6, const UdpReceiver::Options& options) {
  std::vector<Socket> group;
  for (unsigned i = 0; i < options.group; ++i) {
    Socket s = closedSocket(at, options.bufferBytes);
    if (!s.valid()) return std::unexpected(bindError(errno, options));
    // The first socket is bound without sharing, so it fails if the port is in use; then it shares the port.
    if (i != 0) setOption(s.fd(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind(s.fd(), at.address(), at.size) != 0) return std::unexpected(bindError(errno, options));
    if (i == 0 && options.group > 1) {
      setOption(s.fd(), SOL_SOCKET, SO_REUSEPORT, 1);
      at = endpoint(options.address, v6, boundPort(s));
    }
    group.push_back(std::move(s));
  }
  if (options.group > 1 && !attachShardProgram(group.front(), options.group))
    return fail("the kernel refused to spread datagrams over sockets: " + std::string(std::strerror(errno)) +
                "; use workers.number=1");
  for (const auto& s : group) openFilter(s);
  return group;
}

/// Whether an IPv6 socket can be had at all: it cannot where the kernel was started without.
bool haveIp6() {
  return Socket(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP)).valid();
}

}  // namespace

Expected<std::vector<Socket>> bindGroup(const UdpReceiver::Options& options) {
  if (options.group == 0 || options.group > kMaxGroup) return fail("expected 1 to 64 receive sockets");
  const bool v6 = options.address.family == IpAddress::Family::v6 ||
                  (options.address.family == IpAddress::Family::none && haveIp6());
  return bindAt(endpoint(options.address, v6, options.port), v6, options);
}

}  // namespace weir::ingest
