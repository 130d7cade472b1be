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

wire::extended_tcp_info tcpInfo(const TcpState& s, bool outgoing) {
  wire::extended_tcp_info out;
  out.dirn = outgoing ? kSent : kReceived;
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

void FlowSampler::setTcp(std::optional<bool> tunnel) {
  tunnel_ = tunnel.value_or(false);
  if (!tunnel) return tcp_.reset();
  if (tcp_) return;
  auto opened = TcpLookup::open();
  if (!opened) return log::warning("tcp { }: samples go without connection state: " + opened.error().text());
  tcp_.emplace(std::move(*opened));
}

void FlowSampler::done(const Origin& origin, const FrameExtras& extras, Nanos now) {
  Entry& entry = entries_[count_];
  entry.origin = origin;
  entry.extras = extras;
  if (++count_ == entries_.size()) finish(now);
}

void FlowSampler::finish(Nanos now) {
  if (count_ == 0) return;
  if (tcp_) tcp_->begin();
  for (std::size_t i = 0; i < count_; ++i) look(entries_[i]);
  if (tcp_) tcp_->resolve();
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
  entry.lookup = TcpLookup::kMaxBatch;
  if (!tcp_) return;
  const LayerRef* inner = tunnel_ ? networkLayer(packet_, 1) : nullptr;
  if (inner != nullptr) ip = inner;
  askForConnection(entry, ip, packet_.layer(Layer::tcp));
}

void FlowSampler::askForConnection(Entry& entry, const LayerRef* ip, const LayerRef* tcp) {
  // A TCP header inside a tunnel belongs to the inner addresses.
  if (ip == nullptr || tcp == nullptr || (!tunnel_ && networkLayer(packet_, 1) != nullptr)) return;
  const auto* ports = packet_.field(tcp, 0, 4);
  if (ports == nullptr) return;
  const bool outgoing = entry.frame.outgoing;
  Connection c;
  c.local = address(packet_, ip, !outgoing);
  c.remote = address(packet_, ip, outgoing);
  c.localPort = loadBe16(ports + (outgoing ? 0 : 2));
  c.remotePort = loadBe16(ports + (outgoing ? 2 : 0));
  if (local_.has(c.local)) entry.lookup = tcp_->add(c);
}

// agent.md section 9, with the direction that the kernel tells instead of link addresses compared.
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
    if (entry.extras.egressQueue) writer.add(wire::extended_egress_queue{*entry.extras.egressQueue});
    if (entry.extras.transitDelay) writer.add(wire::extended_transit{*entry.extras.transitDelay});
    if (entry.extras.queueDepth) writer.add(wire::extended_queue{*entry.extras.queueDepth});
  });
}

void FlowSampler::addConnection(wire::DatagramWriter& writer, const Entry& entry) const {
  if (entry.lookup >= TcpLookup::kMaxBatch) return;
  const TcpState& state = tcp_->at(entry.lookup);
  const bool outgoing = entry.frame.outgoing;
  if (state.known) writer.add(tcpInfo(state, outgoing));
  const wire::DataSource entity = entities_.bySocket(state.cgroup);
  if (entity.index == 0) return;
  wire::extended_entities out;
  (outgoing ? out.src_dsClass : out.dst_dsClass) = entity.cls;
  (outgoing ? out.src_dsIndex : out.dst_dsIndex) = entity.index;
  writer.add(out);
}

}  // namespace weir::agent
