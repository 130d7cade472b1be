#include "flow/packet_sender.h"

#include <algorithm>

#include "flow/key_readers.h"

namespace weir::flow {

std::optional<PacketSender> packetSender(const SampleFields& sample) {
  const decode::Packet& packet = sample.packet;
  if (!sample.hasPacket || packet.layerCount == 0) return std::nullopt;
  if (packet.layers[0].kind != decode::Layer::eth || packet.layers[0].available < 12) return std::nullopt;
  const std::uint8_t* const mac = packet.bytes.data() + packet.layers[0].offset + 6;
  if ((mac[0] & 1) != 0) return std::nullopt;
  PacketSender sender;
  sender.mac = loadBe48(mac);
  if (const wire::Record* record = read::findRecord(sample, wire::tag(0, 1001), 4)) {
    sender.vlan = static_cast<std::uint16_t>(loadBe32(record->data.data()) & 0xFFF);
  }
  unsigned i = 1;
  for (; i < packet.layerCount && packet.layers[i].kind == decode::Layer::vlan; ++i) {
    if (i == 1) sender.vlan = loadBe16(packet.bytes.data() + packet.layers[i].offset) & 0xFFF;
  }
  if (i < packet.layerCount) {
    const decode::LayerRef& layer = packet.layers[i];
    const std::uint8_t* const at = packet.bytes.data() + layer.offset;
    if (layer.kind == decode::Layer::ip && layer.available >= 20) {
      sender.address = IpAddress::v4(at + 12);
    } else if (layer.kind == decode::Layer::ip6 && layer.available >= 40) {
      sender.address = IpAddress::v6(at + 8);
    } else if (layer.kind == decode::Layer::arp && layer.available >= 28 && std::equal(mac, mac + 6, at + 8)) {
      sender.address = IpAddress::v4(at + 14);
      sender.told = true;
    }
  }
  // The unspecified address belongs to no host: a probe, or a host that asks for an address.
  if (std::ranges::all_of(sender.address.octets, [](std::uint8_t octet) { return octet == 0; })) sender.address = {};
  return sender;
}

}  // namespace weir::flow
