#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/time.h"
#include "ingest/byte_stream.h"

namespace weir::ingest {

/// One packet as it stands in a capture file.
struct CapturedPacket {
  Nanos time = 0;              ///< between 1970 and 2262
  int linkType = 0;            ///< tcpdump.org/linktypes
  Bytes bytes;                 ///< as captured, at most kMaxPacketBytes; valid until the next call of the reader
  std::size_t wireLength = 0;  ///< octets before the snap length cut them; never fewer than `bytes`
};

/// Of longer packets the first octets are read: a UDP datagram and all that may stand before it fit in.
inline constexpr std::size_t kMaxPacketBytes = std::size_t{256} << 10;
/// Beyond this the length of a packet is damage.
inline constexpr std::uint32_t kMaxPacketLength = 16U << 20;

/// The packets of a capture file, whatever its format. Nothing in it is trusted; memory is that of the stream. Thread:
/// one.
class PacketFile {
 public:
  virtual ~PacketFile() = default;
  /// False at the end, and where the file is damaged or cut: then fault() says what is wrong.
  [[nodiscard]] virtual bool next(CapturedPacket& out) = 0;
  [[nodiscard]] const std::string& fault() const { return fault_; }
  /// The link type of all packets, where the file has one for all; else -1.
  [[nodiscard]] virtual int linkType() const { return -1; }

 protected:
  bool damaged(std::string what) {
    fault_ = std::move(what);
    return false;
  }

 private:
  std::string fault_;
};

/// Reads the head of a file and says how to read the rest. The error says what the file is instead. `stream` must
/// outlive the result.
[[nodiscard]] Expected<std::unique_ptr<PacketFile>> openPacketFile(ByteStream& stream);

/// pcap (draft-ietf-opsawg-pcap): micro- and nanoseconds, either byte order, and the variant with longer packet headers
/// that old versions of libpcap for Linux wrote. nullptr: `stream` holds something else.
[[nodiscard]] Expected<std::unique_ptr<PacketFile>> openPcap(ByteStream& stream);
/// pcapng (draft-ietf-opsawg-pcapng): any number of sections of either byte order, interfaces with link types, snap
/// lengths and clocks of their own, enhanced, simple and obsolete packet blocks. nullptr: `stream` holds something
/// else.
[[nodiscard]] Expected<std::unique_ptr<PacketFile>> openPcapng(ByteStream& stream);

/// Unsigned numbers of a file in its byte order. The caller has checked that the octets are there.
class FileNumbers {
 public:
  explicit FileNumbers(bool bigEndian = false) : bigEndian_(bigEndian) {}
  [[nodiscard]] std::uint16_t u16(const std::uint8_t* p) const {
    return bigEndian_ ? loadBe16(p) : __builtin_bswap16(loadBe16(p));
  }
  [[nodiscard]] std::uint32_t u32(const std::uint8_t* p) const {
    return bigEndian_ ? loadBe32(p) : __builtin_bswap32(loadBe32(p));
  }
  [[nodiscard]] std::uint64_t u64(const std::uint8_t* p) const {
    return bigEndian_ ? loadBe64(p) : __builtin_bswap64(loadBe64(p));
  }

 private:
  bool bigEndian_;
};

}  // namespace weir::ingest
