#include "agent_sampling/tcp_lookup.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace weir::agent {

namespace {

constexpr std::uint32_t kAnyState = ~0U;
constexpr std::uint8_t kListen = 10;  // TCP_LISTEN of the kernel

inet_diag_req_v2 requestFor(const Connection& c) {
  inet_diag_req_v2 request{};
  request.sdiag_family = c.local.family == IpAddress::Family::v4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_ext = 1 << (INET_DIAG_INFO - 1);
  request.idiag_states = kAnyState;
  request.id.idiag_sport = htons(c.localPort);
  request.id.idiag_dport = htons(c.remotePort);
  std::memcpy(request.id.idiag_src, c.local.octets.data(), sizeof request.id.idiag_src);
  std::memcpy(request.id.idiag_dst, c.remote.octets.data(), sizeof request.id.idiag_dst);
  request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

void fill(TcpState& out, const tcp_info& info) {
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

Expected<TcpLookup> TcpLookup::open() {
  auto socket = netlink::Socket::open(NETLINK_SOCK_DIAG);
  if (!socket) return std::unexpected(socket.error());
  socket->setReceiveBuffer(256 * 1024);
  return TcpLookup(std::move(*socket));
}

std::size_t TcpLookup::add(const Connection& connection) {
  const auto* begin = connections_.data();
  const auto* known = std::find(begin, begin + count_, connection);
  if (known != begin + count_) return static_cast<std::size_t>(known - begin);
  if (count_ == kMaxBatch) return kMaxBatch;
  connections_[count_] = connection;
  return count_++;
}

void TcpLookup::resolve() {
  if (count_ == 0) return;
  request_.clear();
  for (std::size_t i = 0; i < count_; ++i) {
    states_[i] = {};
    request_.begin(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, firstSequence_ + static_cast<std::uint32_t>(i),
                   requestFor(connections_[i]));
    request_.end();
  }
  counters_.asked += count_;
  pending_ = count_;
  if (socket_.send(request_.bytes())) {
    Bytes datagram;
    while (pending_ > 0 && socket_.receive(buffer_, datagram) == netlink::Socket::Received::data) read(datagram);
  }
  firstSequence_ += kMaxBatch;  // a late answer matches no question
}

void TcpLookup::read(Bytes datagram) {
  netlink::MessageReader messages(datagram);
  for (netlink::Message message; messages.next(message);) answer(message);
}

void TcpLookup::answer(const netlink::Message& message) {
  const std::uint32_t place = message.sequence - firstSequence_;
  if (place >= count_ || pending_ == 0) return;
  --pending_;
  // An error is the answer that there is no such connection.
  if (message.type != SOCK_DIAG_BY_FAMILY || message.body.size() < sizeof(inet_diag_msg)) return;
  const auto head = netlink::load<inet_diag_msg>(message.body);
  const Connection& asked = connections_[place];
  if (head.idiag_state == kListen || head.id.idiag_sport != htons(asked.localPort) ||
      head.id.idiag_dport != htons(asked.remotePort))
    return;  // a packet that opens a connection finds the listener
  TcpState& state = states_[place];
  netlink::AttributeReader attributes = message.attributes(sizeof head);
  for (netlink::Attribute a; attributes.next(a);) {
    if (a.type == INET_DIAG_CGROUP_ID) state.cgroup = a.u64();
    if (a.type != INET_DIAG_INFO) continue;
    tcp_info info{};  // older kernels have fewer members, newer ones more
    std::memcpy(&info, a.data.data(), std::min(a.data.size(), sizeof info));
    fill(state, info);
    ++counters_.answered;
  }
}

}  // namespace weir::agent
