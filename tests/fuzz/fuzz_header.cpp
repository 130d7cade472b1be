// Any octets as a sampled header. The first octet selects the header protocol, the second the difference between frame
// and capture; the rest is the header.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "decode/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::decode;
  if (size < 2) return 0;
  const std::uint32_t protocol = data[0] % 20;
  const std::uint32_t stripped = data[1] & 7;
  const std::size_t n = size - 2;
  const auto frameLength = static_cast<std::uint32_t>(n * (data[1] >> 3) / 8);
  // An exact copy: reading one octet too many is seen.
  const auto header = std::make_unique<std::uint8_t[]>(n);
  if (n != 0) std::memcpy(header.get(), data + 2, n);

  Packet packet;
  decodeHeader(protocol, frameLength, stripped, {header.get(), n}, packet);
  if (packet.layerCount > kMaxLayers) std::abort();
  std::size_t before = 0;
  for (unsigned i = 0; i < packet.layerCount; ++i) {
    const LayerRef& ref = packet.layers[i];
    if (ref.kind >= Layer::count || ref.offset < before || std::size_t{ref.offset} + ref.available > n) std::abort();
    if (packet.firstOf[static_cast<std::size_t>(ref.kind)] > i) std::abort();
    before = ref.offset;
    if (packet.field(&ref, 0, ref.available) == nullptr) std::abort();
  }
  return 0;
}
