// Cut headers: nothing outside the captured octets is read (buffers are exact, so the address sanitizer sees it), and
// what is decoded of a cut header is the beginning of what is decoded of the whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "encap_capture.h"

namespace weir::decode {
namespace {

void decodeExact(std::uint32_t protocol, const test::SampledHeader& header, std::size_t size,
                 std::unique_ptr<std::uint8_t[]>& buffer, Packet& packet) {
  buffer = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(header.bytes.begin(), size, buffer.get());
  decodeHeader(protocol, header.frameLength, header.stripped, Bytes(buffer.get(), size), packet);
}

void checkShape(const Packet& packet) {
  ASSERT_LE(packet.layerCount, kMaxLayers);
  bool seen[kLayerKinds] = {};
  std::size_t before = 0;
  for (unsigned i = 0; i < packet.layerCount; ++i) {
    const LayerRef& ref = packet.layers[i];
    ASSERT_LT(ref.kind, Layer::count);
    const auto kind = static_cast<std::size_t>(ref.kind);
    ASSERT_LE(std::size_t{ref.offset} + ref.available, packet.bytes.size());
    ASSERT_GE(ref.offset, before) << "layers stand in the order of their octets";
    before = ref.offset;
    if (!seen[kind]) {
      ASSERT_EQ(packet.firstOf[kind], i);
    }
    seen[kind] = true;
  }
  for (std::size_t kind = 0; kind < kLayerKinds; ++kind) {
    if (!seen[kind]) {
      ASSERT_EQ(packet.firstOf[kind], kNoLayer);
    }
  }
}

TEST(Truncation, EveryPrefixOfEveryHeader) {
  const auto headers = test::allHeaders();
  std::unique_ptr<std::uint8_t[]> wholeBuffer, cutBuffer;
  std::size_t prefixes = 0;
  for (std::size_t row = 0; row < headers.size(); ++row) {
    const auto& header = headers[row];
    Packet whole;
    decodeExact(header.protocol, header, header.bytes.size(), wholeBuffer, whole);
    ASSERT_NO_FATAL_FAILURE(checkShape(whole));
    for (std::size_t size = 0; size < header.bytes.size(); ++size, ++prefixes) {
      Packet cut;
      decodeExact(header.protocol, header, size, cutBuffer, cut);
      ASSERT_NO_FATAL_FAILURE(checkShape(cut));
      ASSERT_LE(cut.layerCount, whole.layerCount) << "row " << row + 1 << ", " << size << " octets";
      for (unsigned i = 0; i < cut.layerCount; ++i) {
        const LayerRef& a = cut.layers[i];
        const LayerRef& b = whole.layers[i];
        ASSERT_TRUE(a.kind == b.kind && a.offset == b.offset)
            << "row " << row + 1 << ", " << size << " octets: " << test::names(cut) << " of " << test::names(whole);
        ASSERT_EQ(a.available, std::min<std::size_t>(b.available, size - a.offset)) << "row " << row + 1;
        // Only the layer that is cut, and the eth whose tags are cut, may say less.
        const bool later = i + 1 < cut.layerCount && a.kind != Layer::eth;
        ASSERT_TRUE(!later || (a.value == b.value && a.headerLength == b.headerLength)) << "row " << row + 1;
      }
    }
  }
  std::printf("truncation: %zu prefixes\n", prefixes);
}

TEST(Truncation, EveryPrefixAsEveryProtocol) {
  const auto headers = test::allHeaders();
  std::unique_ptr<std::uint8_t[]> buffer;
  Packet packet;
  for (const auto& header : headers) {
    for (std::size_t size = 0; size <= header.bytes.size(); ++size) {
      for (std::uint32_t protocol = 0; protocol <= 19; ++protocol) {
        decodeExact(protocol, header, size, buffer, packet);
        ASSERT_NO_FATAL_FAILURE(checkShape(packet));
      }
    }
  }
}

}  // namespace
}  // namespace weir::decode
