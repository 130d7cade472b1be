#include <algorithm>
#include <vector>

#include "ingest/packet_file.h"

namespace weir::ingest {

namespace {

constexpr std::uint32_t kSection = 0x0A0D0D0A, kInterface = 1, kObsoletePacket = 2, kSimplePacket = 3,
                        kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;
constexpr std::uint16_t kOptionEnd = 0, kOptionResolution = 9, kOptionOffset = 14;
constexpr std::size_t kMaxInterfaces = 65'536;  // of one section; old packet blocks number no more
constexpr std::uint32_t kFrame = 12;              // of a block: type and length, and the length again

__extension__ using Wide = unsigned __int128;
__extension__ using WideSigned = __int128;

struct Interface {
  int linkType = 0;
  std::uint32_t snapLength = 0;  // 0: none
  std::uint8_t resolution = 6;   // 10^-n seconds, with the highest bit 2^-n
  std::int64_t offset = 0;       // seconds

  /// Held between 1970 and 2262.
  [[nodiscard]] Nanos timeOf(std::uint64_t stamp) const {
    constexpr std::int64_t kLatest = 9'200'000'000;
    const unsigned exponent = resolution & 0x7FU;
    Wide nanos = Wide{stamp} * kSecond;
    if ((resolution & 0x80) != 0) {
      nanos >>= exponent;
    } else {
      for (unsigned i = 0; i < exponent && nanos != 0; ++i) nanos /= 10;
    }
    const WideSigned seconds = static_cast<WideSigned>(nanos / kSecond) + offset;
    if (seconds < 0) return 0;
    if (seconds > kLatest) return kLatest * kSecond;
    return static_cast<Nanos>(seconds) * kSecond + static_cast<Nanos>(nanos % kSecond);
  }
};

class PcapngFile final : public PacketFile {
 public:
  explicit PcapngFile(ByteStream& stream) : stream_(stream) {}

  bool next(CapturedPacket& out) override {
    for (;;) {
      std::uint32_t type = 0;
      if (!endBlock() || !beginBlock(type)) return false;
      bool isPacket = false;
      const bool sound = type == kSection          ? section()
                         : type == kInterface      ? interface()
                         : type == kEnhancedPacket ? packet(out, 20, isPacket)
                         : type == kObsoletePacket ? packet(out, 20, isPacket, true)
                         : type == kSimplePacket   ? simplePacket(out, isPacket)
                                                   : true;
      if (!sound) return false;
      if (isPacket) return true;
    }
  }

 private:
  bool ended(const char* where) { return damaged(stream_.fault().empty() ? std::string(where) : stream_.fault()); }

  /// Skips what is left of a block and compares its two lengths.
  bool endBlock() {
    if (blockLength_ == 0) return true;
    if (!stream_.skip(left_)) return ended("ends inside a block");
    const Bytes trailer = stream_.take(4);
    if (trailer.empty()) return ended("ends inside a block");
    if (numbers_.u32(trailer.data()) != blockLength_) return damaged("the two lengths of a block differ: damaged");
    blockLength_ = 0;
    return true;
  }

  bool beginBlock(std::uint32_t& type) {
    if (stream_.peek(1).empty()) return !stream_.fault().empty() && damaged(stream_.fault());
    const Bytes head = stream_.peek(kFrame);
    if (head.size() < kFrame) return ended("ends inside the header of a block");
    type = numbers_.u32(head.data());
    if (type == kSection) {  // reads the same in either byte order
      for (const bool bigEndian : {false, true}) {
        numbers_ = FileNumbers(bigEndian);
        if (numbers_.u32(head.data() + 8) == kByteOrder) break;
      }
      if (numbers_.u32(head.data() + 8) != kByteOrder) return damaged("a section of unknown byte order: damaged");
    }
    blockLength_ = numbers_.u32(head.data() + 4);
    if (blockLength_ < kFrame || blockLength_ % 4 != 0)
      return damaged("a block of " + std::to_string(blockLength_) + " octets: damaged");
    left_ = blockLength_ - kFrame;
    return stream_.skip(8);
  }

  /// The next octets of the block. Empty: it has fewer, and the fault is noted.
  Bytes part(std::size_t size) {
    if (size > left_) {
      (void)damaged("a block shorter than what it holds: damaged");
      return {};
    }
    const Bytes bytes = stream_.take(size);
    if (bytes.size() < size) {
      (void)ended("ends inside a block");
      return {};
    }
    left_ -= static_cast<std::uint32_t>(size);
    return bytes;
  }

  bool section() {
    const Bytes fixed = part(16);
    if (fixed.empty()) return false;
    const std::uint16_t version = numbers_.u16(fixed.data() + 4);
    if (version != 1) return damaged("pcapng version " + std::to_string(version) + ", expected 1");
    interfaces_.clear();
    return true;
  }

  bool interface() {
    const Bytes fixed = part(8);
    if (fixed.empty()) return false;
    if (interfaces_.size() == kMaxInterfaces) return damaged("more than 65,536 interfaces: damaged");
    Interface out;
    out.linkType = numbers_.u16(fixed.data());
    out.snapLength = numbers_.u32(fixed.data() + 4);
    while (left_ >= 4) {
      const Bytes option = part(4);
      if (option.empty()) return false;
      const std::uint16_t code = numbers_.u16(option.data()), size = numbers_.u16(option.data() + 2);
      if (code == kOptionEnd) break;
      if (size == 0) continue;
      const Bytes value = part((size + 3U) & ~3U);
      if (value.empty()) return false;
      if (code == kOptionResolution) out.resolution = value[0];
      if (code == kOptionOffset && size == 8) out.offset = static_cast<std::int64_t>(numbers_.u64(value.data()));
    }
    interfaces_.push_back(out);
    return true;
  }

  /// An enhanced packet block, or an obsolete one, whose interface number has 16 bits.
  bool packet(CapturedPacket& out, std::size_t fixedSize, bool& isPacket, bool obsolete = false) {
    const Bytes fixed = part(fixedSize);
    if (fixed.empty()) return false;
    const std::uint8_t* p = fixed.data();
    const std::uint32_t number = obsolete ? numbers_.u16(p) : numbers_.u32(p);
    if (number >= interfaces_.size())
      return damaged("a packet of interface " + std::to_string(number) + ", which the file does not describe: damaged");
    const Interface& from = interfaces_[number];
    lastTime_ = from.timeOf(std::uint64_t{numbers_.u32(p + 4)} << 32 | numbers_.u32(p + 8));
    isPacket = true;
    return content(out, from, numbers_.u32(p + 12), numbers_.u32(p + 16));
  }

  /// A packet of the first interface without a time: it was captured after the packet before.
  bool simplePacket(CapturedPacket& out, bool& isPacket) {
    const Bytes fixed = part(4);
    if (fixed.empty()) return false;
    if (interfaces_.empty()) return damaged("a packet of an interface that the file does not describe: damaged");
    const Interface& from = interfaces_.front();
    const std::uint32_t wire = numbers_.u32(fixed.data());
    std::uint32_t captured = std::min(wire, left_);
    if (from.snapLength != 0) captured = std::min(captured, from.snapLength);
    isPacket = true;
    return content(out, from, captured, wire);
  }

  bool content(CapturedPacket& out, const Interface& from, std::uint32_t captured, std::uint32_t wire) {
    if (captured > left_ || captured > kMaxPacketLength)
      return damaged("a packet of " + std::to_string(captured) + " octets: damaged");
    const std::size_t read = std::min<std::size_t>(captured, kMaxPacketBytes);
    out.bytes = part(read);
    if (out.bytes.size() < read) return false;
    out.time = lastTime_;
    out.linkType = from.linkType;
    out.wireLength = std::max(captured, wire);
    return true;
  }

  ByteStream& stream_;
  FileNumbers numbers_;
  std::vector<Interface> interfaces_;  // of the section
  Nanos lastTime_ = 0;
  std::uint32_t blockLength_ = 0;  // of the block at hand; 0: none
  std::uint32_t left_ = 0;         // of its content
};

}  // namespace

Expected<std::unique_ptr<PacketFile>> openPcapng(ByteStream& stream) {
  const Bytes head = stream.peek(4);
  if (head.size() < 4 || loadBe32(head.data()) != kSection) return nullptr;
  return std::make_unique<PcapngFile>(stream);
}

}  // namespace weir::ingest
