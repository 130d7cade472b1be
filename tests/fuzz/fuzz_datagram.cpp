#include <cstddef>
#include <cstdint>

#include "support/walk_datagram.h"

/// Any octets as a datagram: every sample, record and field is read, none outside.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const weir::test::WalkTotals totals = weir::test::walkDatagram(weir::Bytes(data, size));
  return totals.checksum == 0xDEADBEEF ? 1 : 0;
}
