#include "decode/common.h"

/// RDMA over Ethernet: version 1 (EtherType 0x8915: a global route header) and version 2 (UDP port 4791).
namespace weir::decode::step {

/// 40 octets as IPv6; next header 0x1B is the base transport header.
Next grh(Cursor& c) {
  if (!c.has(40) || c.here()[0] >> 4 != 6) return Next::stop;
  const std::uint8_t nextHeader = c.here()[6];
  return c.take(Layer::grh, 40) && nextHeader == 0x1B ? Next::ibbt : Next::stop;
}

/// Base transport header, 12 octets: opcode 1; SE, M, pad 2, version 4 bits (0); partition 2; queue pair; sequence.
Next ibbt(Cursor& c) {
  if (c.has(12) && (c.here()[1] & 0x0F) == 0) c.push(Layer::ibbt, 12);
  return Next::stop;
}

}  // namespace weir::decode::step
