#include <algorithm>

#include "ingest/packet_file.h"

namespace weir::ingest {

namespace {

constexpr std::uint32_t kMicros = 0xA1B2C3D4, kNanos = 0xA1B23C4D, kLongHeaders = 0xA1B2CD34;

class PcapFile final : public PacketFile {
 public:
  PcapFile(ByteStream& stream, FileNumbers numbers, std::uint32_t magic, int linkType)
      : stream_(stream),
        numbers_(numbers),
        unit_(magic == kNanos ? 1 : kMicrosecond),
        headerSize_(magic == kLongHeaders ? 24 : 16),
        linkType_(linkType) {}

  [[nodiscard]] int linkType() const override { return linkType_; }

  bool next(CapturedPacket& out) override {
    if (!stream_.skip(left_)) return ended("ends inside a packet");
    left_ = 0;
    if (stream_.peek(1).empty()) return ended({});
    const Bytes header = stream_.take(headerSize_);
    if (header.empty()) return ended("ends inside the header of a packet");
    const std::uint8_t* p = header.data();
    const std::int64_t fraction = std::int64_t{numbers_.u32(p + 4)} * unit_;
    out.time = std::int64_t{numbers_.u32(p)} * kSecond + (fraction < kSecond ? fraction : 0);
    out.linkType = linkType_;
    const std::uint32_t captured = numbers_.u32(p + 8), wire = numbers_.u32(p + 12);
    if (captured > kMaxPacketLength) return damaged("a packet of " + std::to_string(captured) + " octets: damaged");
    const std::size_t read = std::min<std::size_t>(captured, kMaxPacketBytes);
    out.bytes = stream_.take(read);
    if (out.bytes.size() < read) return ended("ends inside a packet");
    left_ = captured - static_cast<std::uint32_t>(read);
    out.wireLength = std::max(captured, wire);
    return true;
  }

 private:
  bool ended(const char* where) {
    if (!stream_.fault().empty()) return damaged(stream_.fault());
    return where != nullptr && damaged(where);
  }

  ByteStream& stream_;
  FileNumbers numbers_;
  Nanos unit_;
  std::size_t headerSize_;
  int linkType_;
  std::uint32_t left_ = 0;  // octets of the last packet that were not read
};

}  // namespace

Expected<std::unique_ptr<PacketFile>> openPcap(ByteStream& stream) {
  constexpr std::size_t kHeader = 24;
  const Bytes magicBytes = stream.peek(4);
  if (magicBytes.size() < 4) return nullptr;
  for (const bool bigEndian : {false, true}) {
    const FileNumbers numbers(bigEndian);
    const std::uint32_t magic = numbers.u32(magicBytes.data());
    if (magic != kMicros && magic != kNanos && magic != kLongHeaders) continue;
    const Bytes header = stream.take(kHeader);
    if (header.empty()) return fail("ends inside the header of a pcap file");
    const std::uint16_t version = numbers.u16(header.data() + 4);
    if (version != 2) return fail("pcap version " + std::to_string(version) + ", expected 2");
    // The upper half says whether frames end with their check sequence; lengths of IP packets leave that out.
    const int linkType = static_cast<int>(numbers.u32(header.data() + 20) & 0xFFFF);
    return std::make_unique<PcapFile>(stream, numbers, magic, linkType);
  }
  return nullptr;
}

}  // namespace weir::ingest
