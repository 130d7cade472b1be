#include "agent_sampling/segments.h"

#include <algorithm>

#include "decode/packet.h"

namespace weir::agent {

namespace {

constexpr std::uint32_t kTypicalHeaders = 54;  // Ethernet, IPv4, TCP: where the headers cannot be found
constexpr std::uint8_t kFin = 0x01, kPush = 0x08, kCongestionReduced = 0x80;

void decodeCaptured(Bytes captured, std::uint32_t length, bool ethernet, decode::Packet& packet) {
  const bool v6 = !captured.empty() && captured[0] >> 4 == 6;
  decode::decodeHeader(ethernet ? 1 : v6 ? 12 : 11, length, 0, captured, packet);
}

/// The innermost layer of a kind: what segmentation cuts stands inside all tunnels.
const decode::LayerRef* innermost(const decode::Packet& packet, decode::Layer kind) {
  for (std::size_t i = packet.layerCount; i-- > 0;)
    if (packet.layers[i].kind == kind) return &packet.layers[i];
  return nullptr;
}

std::uint32_t endOfTcp(Bytes captured, std::uint32_t at) {
  if (at + 13 > captured.size()) return at + 20;
  return at + std::max<std::uint32_t>((captured[at + 12] >> 4) * 4U, 20);
}

std::uint32_t headersOf(Bytes captured, std::uint32_t length, std::uint32_t transport, bool udp, bool ethernet) {
  if (transport != 0 && transport < length) return udp ? transport + 8 : endOfTcp(captured, transport);
  decode::Packet packet;
  decodeCaptured(captured, length, ethernet, packet);
  if (const auto* tcp = innermost(packet, decode::Layer::tcp); tcp != nullptr) return endOfTcp(captured, tcp->offset);
  if (const auto* layer = innermost(packet, decode::Layer::udp); layer != nullptr) return layer->offset + 8U;
  return kTypicalHeaders;
}

void setIpv4(std::uint8_t* ip, std::size_t headerLength, std::uint32_t total, std::uint32_t index) {
  storeBe16(ip + 2, static_cast<std::uint16_t>(total));
  storeBe16(ip + 4, static_cast<std::uint16_t>(loadBe16(ip + 4) + index));
  storeBe16(ip + 10, 0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < headerLength; i += 2) sum += loadBe16(ip + i);
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  storeBe16(ip + 10, static_cast<std::uint16_t>(~sum));
}

void setTcp(std::uint8_t* tcp, const Segmentation& s, std::uint32_t index) {
  storeBe32(tcp + 4, loadBe32(tcp + 4) + index * s.size);
  std::uint8_t& flags = tcp[13];
  if (index != 0) flags &= static_cast<std::uint8_t>(~kCongestionReduced);
  if (index + 1 != s.count) flags &= static_cast<std::uint8_t>(~(kFin | kPush));
}

}  // namespace

Segmentation segmentationOf(Bytes captured, std::uint32_t length, std::uint32_t gsoSize, std::uint32_t transport,
                            bool udp, bool ethernet) {
  Segmentation out;
  if (gsoSize == 0) return out;
  out.headerLength = std::min(headersOf(captured, length, transport, udp, ethernet), length);
  const std::uint32_t payload = length - out.headerLength;
  if (payload == 0) return out;
  out.size = gsoSize;
  out.count = (payload + gsoSize - 1) / gsoSize;
  out.lastSize = payload - (out.count - 1) * gsoSize;
  return out;
}

std::size_t makeSegmentHeader(std::span<std::uint8_t> header, const Segmentation& s, std::uint32_t index,
                              bool ethernet) {
  const std::uint32_t payload = index + 1 == s.count ? s.lastSize : s.size;
  const std::uint32_t frame = s.headerLength + payload;
  decode::Packet packet;
  decodeCaptured(header, frame, ethernet, packet);
  std::uint8_t* const base = header.data();
  for (std::size_t i = 0; i < packet.layerCount; ++i) {
    const decode::LayerRef& layer = packet.layers[i];
    if (layer.offset >= s.headerLength) break;  // payload that looks like a header
    std::uint8_t* const at = base + layer.offset;
    const std::size_t room = header.size() - layer.offset;
    const std::uint32_t rest = frame - layer.offset;
    switch (layer.kind) {
      case decode::Layer::ip:
        if (const std::size_t size = (at[0] & 0x0FU) * 4U; room >= size && size >= 20) setIpv4(at, size, rest, index);
        break;
      case decode::Layer::ip6:
        if (room >= 40) storeBe16(at + 4, static_cast<std::uint16_t>(rest - 40));
        break;
      case decode::Layer::udp:
        if (room >= 8) storeBe16(at + 4, static_cast<std::uint16_t>(rest));
        break;
      case decode::Layer::tcp:
        if (room >= 20) setTcp(at, s, index);
        break;
      default:
        break;
    }
  }
  return std::min<std::size_t>(header.size(), index == 0 ? frame : s.headerLength);
}

}  // namespace weir::agent
