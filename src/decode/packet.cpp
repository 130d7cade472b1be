#include "decode/packet.h"

#include <algorithm>
#include <cstring>

#include "decode/common.h"

namespace weir::decode {
namespace {

constexpr std::string_view kTokens[] = {
#define WEIR_LAYER_TOKEN(name, token) token,
    WEIR_LAYERS(WEIR_LAYER_TOKEN)
#undef WEIR_LAYER_TOKEN
};
constexpr std::string_view kNames[] = {
#define WEIR_LAYER_NAME(name, token) #name,
    WEIR_LAYERS(WEIR_LAYER_NAME)
#undef WEIR_LAYER_NAME
};

/// First step of a header protocol (sFlow version 5, header_protocol). X.25, token bus, SMDS, InfiniBand and unknown
/// values stay raw.
Next firstStep(std::uint32_t protocol) {
  switch (protocol) {
    case 1:
      return Next::ethernet;
    case 3:
      return Next::tokenRing;
    case 4:
      return Next::fddi;
    case 5:
      return Next::frameRelay;
    case 7:
      return Next::pppOrHdlc;
    case 9:
      return Next::aal5;
    case 10:
      return Next::ipByVersion;
    case 11:
      return Next::ip4;
    case 12:
      return Next::ip6;
    case 13:
      return Next::mpls;
    case 14:
      return Next::pppOrHdlc;
    case 15:
      return Next::wlan;
    case 16:
      return Next::ampdu;
    case 17:
      return Next::ethernet;  // an A-MSDU subframe: DA, SA, length, LLC
    default:
      return Next::stop;
  }
}

/// Every step but the first few of the common path. Ends since each step adds a layer, moves the cursor or stops, or
/// only names another one that does. Takes a copy so that the caller's cursor stays in registers.
__attribute__((noinline)) void run(Cursor c, Next next) {
  for (;;) {
    switch (next) {
      case Next::stop:
        c.packet->layerCount = static_cast<std::uint8_t>(c.count);
        return;
#define WEIR_STEP(name)   \
  case Next::name:        \
    next = step::name(c); \
    break;
        WEIR_STEPS(WEIR_STEP)
#undef WEIR_STEP
    }
  }
}

}  // namespace

std::string_view layerToken(Layer layer) {
  return layer < Layer::count ? kTokens[static_cast<std::size_t>(layer)] : std::string_view();
}

std::string_view layerName(Layer layer) {
  return layer < Layer::count ? kNames[static_cast<std::size_t>(layer)] : std::string_view();
}

namespace step {
Next ethernet(Cursor& c) {
  return ethernetHeader(c);
}
Next ip4(Cursor& c) {
  return ip4Header(c);
}
Next ip6(Cursor& c) {
  return ip6Header(c);
}
Next tcp(Cursor& c) {
  return tcpHeader(c);
}
Next udp(Cursor& c) {
  return udpHeader(c);
}
}  // namespace step

void decodeHeader(std::uint32_t protocol, std::uint32_t frameLength, std::uint32_t stripped, Bytes header,
                  Packet& packet) {
  packet.bytes = header;
  packet.protocol = protocol;
  packet.frameLength = frameLength;
  packet.stripped = stripped;
  std::memset(packet.firstOf, kNoLayer, sizeof packet.firstOf);

  Cursor c{.data = header.data(), .packet = &packet};
  c.end = static_cast<std::uint32_t>(header.size() < 0xFFFF ? header.size() : 0xFFFF);

  // Nearly every sample is Ethernet, perhaps tags, IP, TCP or UDP: straight through, no dispatch.
  Next next = Next::ethernet;
  if (protocol == 1) [[likely]] {
    next = ethernetHeader(c);
  } else {
    next = firstStep(protocol);
  }
  if (next == Next::ip4) [[likely]] {
    next = ip4Header(c);
  } else if (next == Next::ip6) {
    next = ip6Header(c);
  }
  if (next == Next::tcp) [[likely]] {
    next = tcpHeader(c);
  } else if (next == Next::udp) {
    next = udpHeader(c);
  }
  if (next != Next::stop) [[unlikely]] {
    run(c, next);
    return;
  }
  packet.layerCount = static_cast<std::uint8_t>(c.count);
}

namespace {

void addLayers(Bytes bytes, std::size_t at, Next next, Packet& packet) {
  packet.bytes = bytes;
  Cursor c{.data = bytes.data(), .packet = &packet};
  c.end = static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 0xFFFF));
  c.at = static_cast<std::uint32_t>(std::min<std::size_t>(at, c.end));
  c.count = packet.layerCount;
  run(c, next);
}

}  // namespace

void addIpLayers(Bytes bytes, std::size_t at, Packet& packet) {
  addLayers(bytes, at, Next::ipByVersion, packet);
}

void addTransportLayers(Bytes bytes, std::size_t at, std::uint32_t ipProtocol, Packet& packet) {
  addLayers(bytes, at, nextOfIpProtocol(ipProtocol), packet);
}

}  // namespace weir::decode
