#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

/// A sampled packet header, taken apart into layers (sFlow version 5, header_protocol; the file of each layer names its
/// RFCs). Nothing is copied: layers are offsets into the sampled bytes.
namespace weir::decode {

/// One list makes the enumeration, the token in `stack` (empty: adds none) and the documentation.
///   X(name, token)
// clang-format off
#define WEIR_LAYERS(X)                                                                                             \
  X(eth, "eth") X(vlan, "") X(llc, "llc") X(snap, "") X(mpls, "mpls") X(pppoe, "pppoe") X(ppp, "ppp")              \
  X(ip, "ip") X(ip6, "ip6") X(arp, "arp") X(icmp, "icmp") X(icmp6, "icmp6") X(igmp, "igmp") X(tcp, "tcp")          \
  X(udp, "udp") X(sctp, "sctp") X(dccp, "dccp") X(gre, "gre") X(nvgre, "nvgre") X(erspan, "erspan") X(esp, "esp")  \
  X(ah, "ah") X(etherip, "etherip") X(l2tp, "l2tp") X(vxlan, "vxlan") X(geneve, "geneve") X(gtp, "gtp")            \
  X(teredo, "teredo") X(capwap, "capwap") X(ibbt, "ibbt") X(grh, "grh") X(dns, "dns") X(dhcp, "dhcp")              \
  X(wlan, "wlan") X(nsh, "nsh") X(macsec, "macsec") X(isid, "isid") X(trill, "trill") X(vntag, "vntag")            \
  X(lldp, "lldp") X(slow, "slow") X(macctl, "macctl") X(eapol, "eapol") X(ospf, "ospf") X(pim, "pim")              \
  X(vrrp, "vrrp") X(eigrp, "eigrp") X(rsvp, "rsvp") X(fabricpath, "fabricpath") X(bfd, "bfd") X(hdlc, "hdlc")      \
  X(fr, "fr") X(tokenring, "tokenring") X(fddi, "fddi")
// clang-format on

enum class Layer : std::uint8_t {
#define WEIR_LAYER_NAME(name, token) name,
  WEIR_LAYERS(WEIR_LAYER_NAME)
#undef WEIR_LAYER_NAME
      count
};
[[nodiscard]] std::string_view layerToken(Layer layer);
[[nodiscard]] std::string_view layerName(Layer layer);

inline constexpr std::size_t kLayerKinds = static_cast<std::size_t>(Layer::count);
inline constexpr std::size_t kMaxLayers = 24;  ///< VLAN tags and MPLS stacks included; deeper headers stay undecoded
inline constexpr std::uint8_t kNoLayer = 0xFF;

/// One decoded layer. `available` bytes from `offset` are captured and belong to this layer or what it carries (bounded
/// by the IP length fields); a reader of a field checks `available` against the field's end and nothing else.
/// A layer exists when its fixed part is captured (tcp, udp, sctp, dccp: the two ports, 4 octets); its options or
/// extension headers may be cut, and then nothing follows.
/// `offset` is the first octet of the header, and of
///   vlan: the TCI (the TPID before it is in `value`); vntag, macsec, isid, trill, fabricpath, nsh: after the EtherType
///   snap: the OUI; mpls: the top label stack entry; ppp: FF 03 if sent, else the protocol; nvgre: the GRE key word
///   dns: the message, of TCP behind its length
///   dhcp, bfd, arp, lldp, slow, macctl, eapol: the payload
/// `value` holds what the layer's fixed offsets cannot say:
///   eth: EtherType after all tags (802.3 length form: the length); vlan: TPID; mpls: number of labels
///   ip6: final next header | number of extension headers << 8 | offset of the fragment header from `offset` << 16 (0
///   none)
///        (AH and ESP are layers of their own and end the chain of extension headers)
///   ip: protocol; ppp: PPP protocol; gre: protocol type | offset of the key word from `offset` << 16 (0 none)
///   nvgre, vxlan, geneve: VNI / VSID; gtp: TEID; erspan: session id; tcp, udp, sctp, dccp: destination port
///   llc: DSAP << 8 | SSAP; snap: protocol id (relative to the OUI); hdlc: EtherType; ah: next header; esp: SPI
///   isid: I-SID; l2tp: session id; pppoe: session id; fr: DLCI; nsh: service path id; others 0
/// Left without initialisers so that a Packet costs nothing to make.
struct LayerRef {
  Layer kind;
  std::uint8_t headerLength;  ///< of this layer, options and extension headers included; capped at 255
  std::uint16_t offset;       ///< from the first sampled byte
  std::uint16_t available;
  std::uint32_t value;
};

struct Packet {
  Bytes bytes;                    ///< sampled header bytes
  std::uint32_t protocol = 0;     ///< sFlow header_protocol
  std::uint32_t frameLength = 0;  ///< octets of the whole frame
  std::uint32_t stripped = 0;
  std::uint8_t layerCount = 0;
  std::uint8_t firstOf[kLayerKinds];  ///< index into layers of the first layer of a kind, or kNoLayer
  LayerRef layers[kMaxLayers];

  /// The (n+1)-th layer of a kind (the `.n` suffix of flow keys), or nullptr.
  [[nodiscard]] const LayerRef* layer(Layer kind, unsigned n = 0) const {
    std::uint8_t i = firstOf[static_cast<std::size_t>(kind)];
    if (i == kNoLayer) return nullptr;
    while (n != 0) {
      do {
        if (++i >= layerCount) return nullptr;
      } while (layers[i].kind != kind);
      --n;
    }
    return &layers[i];
  }
  /// First byte of a layer. `size` bytes from `at` inside it are captured, or nullptr.
  [[nodiscard]] const std::uint8_t* field(const LayerRef* ref, unsigned at, unsigned size) const {
    return ref != nullptr && at + size <= ref->available ? bytes.data() + ref->offset + at : nullptr;
  }
};

/// Takes a sampled header apart. Never fails: stops at the first layer that does not fit and keeps what was read.
/// Reads nothing outside `header` (and of that the first 65,535 octets), which must outlive `packet`.
/// Bounded: kMaxLayers layers. No allocation. `packet` may be one used before.
/// Header protocols: 1, 3 to 5, 7, 9 to 17; others give no layer.
void decodeHeader(std::uint32_t protocol, std::uint32_t frameLength, std::uint32_t stripped, Bytes header,
                  Packet& packet);

/// Adds to a packet that is put together from several records: an IPv4 or IPv6 header that begins at octet `at` of
/// `bytes`, and what it carries. `bytes` begin with the octets of the packet so far, and take their place.
void addIpLayers(Bytes bytes, std::size_t at, Packet& packet);
/// The same for what the last layer, an IP header of that protocol, carries.
void addTransportLayers(Bytes bytes, std::size_t at, std::uint32_t ipProtocol, Packet& packet);

}  // namespace weir::decode
