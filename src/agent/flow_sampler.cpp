#include "agent/flow_sampler.h"

#include "base/log.h"

namespace weir::agent {

namespace {

using decode::Layer;
using decode::LayerRef;

constexpr std::uint32_t kReceived = 1, kSent = 2;  // dirn of extended_tcp_info

const LayerRef* networkLayer(const decode::Packet& packet, unsigned n) {
  const LayerRef* v4 = packet.layer(Layer::ip, n);
  return v4 != nullptr ? v4 : packet.layer(Layer::ip6, n);
}

IpAddress address(const decode::Packet& packet, const LayerRef* ip, bool destination) {
  if (ip == nullptr) return {};
  if (ip->kind == Layer::ip) {
    const auto* p = packet.field(ip, destination ? 16 : 12, 4);
    return p == nullptr ? IpAddress{} : IpAddress::v4(p);
  }
  const auto* p = packet.field(ip, destination ? 24 : 8, 16);
  return p == nullptr ? IpAddress{} : IpAddress::v6(p);
}

/// Unspecified and link-local addresses: no router passes such a source on (RFC 1122, 3927, 4291), so a packet that
/// leaves with one began here. Our own may be too young to be known.
bool isNeverForwarded(const IpAddress& source) {
  const auto& o = source.octets;
  if (source.family == IpAddress::Family::v4) return (o[0] == 169 && o[1] == 254) || loadBe32(o.data()) == 0;
  return (o[0] == 0xFE && (o[1] & 0xC0) == 0x80) || o == std::array<std::uint8_t, 16>{};
}

wire::extended_tcp_info tcpInfo(const SocketState& s, bool sent) {
  wire::extended_tcp_info out;
  out.dirn = sent ? kSent : kReceived;
  out.snd_mss = s.sendMss;
  out.rcv_mss = s.receiveMss;
  out.unacked = s.unacked;
  out.lost = s.lost;
  out.retrans = s.retransmitted;
  out.pmtu = s.pathMtu;
  out.rtt = s.roundTripUs;
  out.rttvar = s.roundTripVarianceUs;
  out.snd_cwnd = s.congestionWindow;
  out.reordering = s.reordering;
  out.min_rtt = s.minRoundTripUs;
  return out;
}

}  // namespace

void LocalAddresses::assign(const Network& network) {
  addresses_.clear();
  for (const auto& a : network.addresses) addresses_.insert(a.address);
}

void FlowSampler::setTcp(const std::optional<TcpSettings>& settings) {
  tcp_ = settings.value_or(TcpSettings());
  if (!settings) return sockets_.reset();
  if (sockets_) return;
  auto opened = SocketLookup::open();
  if (!opened) return log::warning("tcp { }: samples are sent without connection state: " + opened.error().text());
  sockets_.emplace(std::move(*opened));
}

void FlowSampler::done(const Origin& origin, const FrameExtras& extras, Nanos now) {
  Entry& entry = entries_[count_];
  entry.origin = origin;
  entry.extras = extras;
  if (++count_ == entries_.size()) finish(now);
}

void FlowSampler::finish(Nanos now) {
  if (count_ == 0) return;
  if (sockets_) sockets_->begin();
  for (std::size_t i = 0; i < count_; ++i) look(entries_[i]);
  if (sockets_) sockets_->resolve();
  for (std::size_t i = 0; i < count_; ++i) {
    addPool(entries_[i], i);
    send(entries_[i], now);
  }
  samples_ += count_;
  count_ = 0;
  packetsSeen_.reset();
}

void FlowSampler::look(Entry& entry) {
  const SampledFrame& frame = entry.frame;
  decode::decodeHeader(frame.protocol, frame.frameLength, frame.stripped, frame.header(), packet_);
  const LayerRef* ip = networkLayer(packet_, 0);
  setPorts(entry, ip);
  markEnds(entry);
  entry.lookup = SocketLookup::kMaxBatch;
  if (!sockets_) return;
  const LayerRef* inner = tcp_.tunnel ? networkLayer(packet_, 1) : nullptr;
  askForSocket(entry, inner != nullptr ? inner : ip);
}

/// Containers and pods at the ends of a packet; those inside a tunnel are nearer to it.
void FlowSampler::markEnds(Entry& entry) const {
  entry.from = entry.to = 0;
  for (const unsigned depth : {1U, 0U}) {
    const LayerRef* ip = networkLayer(packet_, depth);
    if (ip == nullptr || (entry.from | entry.to) != 0) continue;
    if (const auto* owner = entities_.byAddress(address(packet_, ip, false))) entry.from = owner->source;
    if (const auto* owner = entities_.byAddress(address(packet_, ip, true))) entry.to = owner->source;
  }
}

/// TCP or UDP right above `ip`: what is inside a tunnel belongs to the addresses inside.
const LayerRef* FlowSampler::transportOf(const LayerRef* ip) const {
  for (const LayerRef* at = ip + 1; at < packet_.layers + packet_.layerCount; ++at) {
    if (at->kind == Layer::tcp || at->kind == Layer::udp) return at;
    if (at->kind == Layer::ip || at->kind == Layer::ip6) break;
  }
  return nullptr;
}

/// The end whose socket is asked for is ours, by the direction; where neither is, that of a container.
void FlowSampler::askForSocket(Entry& entry, const LayerRef* ip) {
  const LayerRef* transport = ip == nullptr ? nullptr : transportOf(ip);
  const auto* ports = packet_.field(transport, 0, 4);
  if (ports == nullptr) return;
  Connection c;
  c.udp = transport->kind == Layer::udp;
  if (c.udp && !tcp_.udp) return;
  const IpAddress source = address(packet_, ip, false), destination = address(packet_, ip, true);
  entry.sent = entry.frame.outgoing;
  if (!local_.has(entry.sent ? source : destination)) {
    const auto* from = entities_.byAddress(source);
    const auto* to = entities_.byAddress(destination);
    if (from == nullptr && to == nullptr) return;
    // What goes out here goes to a container, if it is between two of them.
    entry.sent = from != nullptr && (to == nullptr || !entry.frame.outgoing);
    c.network = (entry.sent ? from : to)->connections;
  }
  c.local = entry.sent ? source : destination;
  c.remote = entry.sent ? destination : source;
  c.localPort = loadBe16(ports + (entry.sent ? 0 : 2));
  c.remotePort = loadBe16(ports + (entry.sent ? 2 : 0));
  entry.lookup = sockets_->add(c);
}

// docs/agent-rules.md, "Datagrams". The kernel tells the direction; link addresses are not compared.
void FlowSampler::setPorts(Entry& entry, const LayerRef* ip) const {
  const Origin& origin = entry.origin;
  const SampledFrame& frame = entry.frame;
  if (frame.outgoing) {
    const IpAddress source = address(packet_, ip, false);
    const bool ours = ip == nullptr || local_.has(source) || isNeverForwarded(source);
    entry.output = origin.ifIndex;
    entry.input = ours ? wire::kNoInterface : 0;
  } else {
    const bool group = frame.protocol == 1 && frame.headerLength > 0 && (frame.octets[0] & 1) != 0;
    const bool ours = frame.forUs && (ip == nullptr || group || local_.has(address(packet_, ip, true)));
    entry.input = origin.ifIndex;
    entry.output = ours ? wire::kNoInterface : 0;
  }
  if (origin.input) entry.input = *origin.input;
  if (origin.output) entry.output = *origin.output;
}

void FlowSampler::addPool(Entry& entry, std::size_t position) {
  if (!packetsSeen_) {
    entry.origin.numbers->pool += entry.origin.rate;
    return;
  }
  // The packets since the last batch, shared out evenly: how they lay between the samples is not known.
  const std::uint64_t before = *packetsSeen_ * position / count_;
  entry.origin.numbers->pool += static_cast<std::uint32_t>(*packetsSeen_ * (position + 1) / count_ - before);
}

void FlowSampler::send(const Entry& entry, Nanos now) {
  if (!sender_.isSending()) {
    (void)sender_.add(now, {}, [](auto&) {});  // counted as suppressed; keeps no number
    return;
  }
  SourceNumbers& numbers = *entry.origin.numbers;
  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  sample.expanded = true;
  sample.source = {0, entry.origin.ifIndex};
  sample.sequence = ++numbers.flow;
  sample.samplingRate = entry.origin.rate;
  sample.samplePool = numbers.pool;
  sample.drops = numbers.drops;
  sample.input.value = entry.input;
  sample.output.value = entry.output;
  (void)sender_.add(now, sample, [&](wire::DatagramWriter& writer) {
    const SampledFrame& frame = entry.frame;
    writer.add(wire::SampledHeader{frame.protocol, frame.frameLength, frame.stripped, frame.header()});
    writer.add(wire::extended_timestamp{static_cast<std::uint64_t>(frame.time)});
    addConnection(writer, entry);
    addEntities(writer, entry);
    if (entry.extras.egressQueue) writer.add(wire::extended_egress_queue{*entry.extras.egressQueue});
    if (entry.extras.transitDelay) writer.add(wire::extended_transit{*entry.extras.transitDelay});
    if (entry.extras.queueDepth) writer.add(wire::extended_queue{*entry.extras.queueDepth});
  });
}

void FlowSampler::addConnection(wire::DatagramWriter& writer, const Entry& entry) const {
  if (entry.lookup >= SocketLookup::kMaxBatch) return;
  const SocketState& state = sockets_->at(entry.lookup);
  if (state.known) writer.add(tcpInfo(state, entry.sent));
}

/// By the socket where one was found, else by address.
void FlowSampler::addEntities(wire::DatagramWriter& writer, const Entry& entry) const {
  std::uint32_t from = entry.from, to = entry.to;
  if (entry.lookup < SocketLookup::kMaxBatch)
    if (const auto entity = entities_.bySocket(sockets_->at(entry.lookup).cgroup); entity.index != 0)
      (entry.sent ? from : to) = entity.index;
  if ((from | to) == 0) return;
  wire::extended_entities out;
  if (from != 0) out.src_dsClass = kLogicalEntity;
  if (to != 0) out.dst_dsClass = kLogicalEntity;
  out.src_dsIndex = from;
  out.dst_dsIndex = to;
  writer.add(out);
}

}  // namespace weir::agent
