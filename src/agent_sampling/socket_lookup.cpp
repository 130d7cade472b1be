#include "agent_sampling/socket_lookup.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::agent {

namespace {

constexpr std::uint32_t kAnyState = ~0U;
constexpr std::uint8_t kListen = 10;  // TCP_LISTEN of the kernel

inet_diag_req_v2 requestFor(const Connection& c) {
  inet_diag_req_v2 request{};
  request.sdiag_family = c.local.family == IpAddress::Family::v4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = c.udp ? IPPROTO_UDP : IPPROTO_TCP;
  if (!c.udp) request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  request.idiag_states = kAnyState;
  request.id.idiag_sport = htons(c.localPort);
  request.id.idiag_dport = htons(c.remotePort);
  std::memcpy(request.id.idiag_src, c.local.octets.data(), sizeof request.id.idiag_src);
  std::memcpy(request.id.idiag_dst, c.remote.octets.data(), sizeof request.id.idiag_dst);
  if (c.udp) {  // the kernel takes the ends of UDP the other way round (linux net/ipv4/udp_diag.c)
    std::swap(request.id.idiag_sport, request.id.idiag_dport);
    std::swap(request.id.idiag_src, request.id.idiag_dst);
  }
  request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

void fill(SocketState& out, const tcp_info& info) {
  out.known = true;
  out.sendMss = info.tcpi_snd_mss;
  out.receiveMss = info.tcpi_rcv_mss;
  out.unacked = info.tcpi_unacked;
  out.lost = info.tcpi_lost;
  out.retransmitted = info.tcpi_total_retrans;
  out.pathMtu = info.tcpi_pmtu;
  out.roundTripUs = info.tcpi_rtt;
  out.roundTripVarianceUs = info.tcpi_rttvar;
  out.minRoundTripUs = info.tcpi_min_rtt;
  out.congestionWindow = info.tcpi_snd_cwnd;
  out.reordering = info.tcpi_reordering;
}

}  // namespace

Expected<SocketLookup> SocketLookup::open() {
  auto socket = netlink::Socket::open(NETLINK_SOCK_DIAG);
  if (!socket) return std::unexpected(socket.error());
  socket->setReceiveBuffer(256 * 1024);
  return SocketLookup(std::move(*socket));
}

std::size_t SocketLookup::add(const Connection& connection) {
  const auto* begin = connections_.data();
  const auto* known = std::find(begin, begin + count_, connection);
  if (known != begin + count_) return static_cast<std::size_t>(known - begin);
  if (count_ == kMaxBatch) return kMaxBatch;
  connections_[count_] = connection;
  return count_++;
}

void SocketLookup::resolve() {
  std::fill_n(asked_.begin(), count_, false);
  for (std::size_t i = 0; i < count_; ++i) {
    if (asked_[i]) continue;
    const netlink::Socket* network = connections_[i].network;
    askFrom(network == nullptr ? socket_ : *network, network, i);
  }
  counters_.asked += count_;
  firstSequence_ += kMaxBatch;  // a late answer matches no question
}

/// Asks for all connections of one network, of which `first` is the first.
void SocketLookup::askFrom(const netlink::Socket& socket, const netlink::Socket* network, std::size_t first) {
  request_.clear();
  pending_ = 0;
  for (std::size_t i = first; i < count_; ++i) {
    if (connections_[i].network != network) continue;
    asked_[i] = true;
    states_[i] = {};
    request_.begin(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, firstSequence_ + static_cast<std::uint32_t>(i),
                   requestFor(connections_[i]));
    request_.end();
    ++pending_;
  }
  if (!socket.send(request_.bytes())) return;
  Bytes datagram;
  while (pending_ > 0 && socket.receive(buffer_, datagram) == netlink::Socket::Received::data) read(datagram);
}

void SocketLookup::read(Bytes datagram) {
  netlink::MessageReader messages(datagram);
  for (netlink::Message message; messages.next(message);) answer(message);
}

void SocketLookup::answer(const netlink::Message& message) {
  const std::uint32_t place = message.sequence - firstSequence_;
  if (place >= count_ || pending_ == 0) return;
  --pending_;
  // An error is the answer that there is no such connection.
  if (message.type != SOCK_DIAG_BY_FAMILY || message.body.size() < sizeof(inet_diag_msg)) return;
  const auto head = netlink::load<inet_diag_msg>(message.body);
  const Connection& asked = connections_[place];
  if (head.id.idiag_sport != htons(asked.localPort)) return;
  // A packet that opens a connection finds the listener; a socket of UDP need not be connected.
  if (!asked.udp && (head.idiag_state == kListen || head.id.idiag_dport != htons(asked.remotePort))) return;
  SocketState& state = states_[place];
  netlink::AttributeReader attributes = message.attributes(sizeof head);
  for (netlink::Attribute a; attributes.next(a);) {
    if (a.type == INET_DIAG_CGROUP_ID) state.cgroup = a.u64();
    if (a.type != INET_DIAG_INFO || asked.udp) continue;
    tcp_info info{};  // older kernels have fewer members, newer ones more
    std::memcpy(&info, a.data.data(), std::min(a.data.size(), sizeof info));
    fill(state, info);
    ++counters_.answered;
  }
}

}  // namespace weir::agent
