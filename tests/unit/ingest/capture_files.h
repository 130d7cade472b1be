#pragma once
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

/// Frames and capture files made octet by octet, independent of the code under test.
namespace weir::test {

using Octets = std::vector<std::uint8_t>;

inline Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline Octets be(std::uint64_t value, int size) {
  Octets out;
  for (int i = size - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(i < 8 ? value >> (8 * i) : 0));
  return out;
}
inline Octets le(std::uint64_t value, int size) {
  Octets out;
  for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  return out;
}
inline Octets text(const std::string& s) {
  return Octets(s.begin(), s.end());
}
inline Octets slice(const Octets& o, std::size_t begin, std::size_t size) {
  return Octets(o.begin() + static_cast<std::ptrdiff_t>(begin), o.begin() + static_cast<std::ptrdiff_t>(begin + size));
}
/// `size` octets that differ from their neighbours.
inline Octets pattern(std::size_t size) {
  Octets out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return out;
}

inline Octets udp(const Octets& payload, int lengthError = 0) {
  return be(5000, 2) + be(6343, 2) + be(payload.size() + 8 + static_cast<std::size_t>(lengthError), 2) + be(0, 2) +
         payload;
}
/// From 10.0.0.1 to 10.0.0.2. `place`: flags and fragment offset in units of 8 octets.
inline Octets ip4(const Octets& payload, unsigned place = 0, unsigned id = 1, unsigned protocol = 17,
                  const Octets& options = {}) {
  return Octets{static_cast<std::uint8_t>(0x45 + options.size() / 4), 0} + be(20 + options.size() + payload.size(), 2) +
         be(id, 2) + be(place, 2) + Octets{64, static_cast<std::uint8_t>(protocol), 0, 0, 10, 0, 0, 1, 10, 0, 0, 2} +
         options + payload;
}
/// From 2001:db8::1 to 2001:db8::2.
inline Octets ip6(const Octets& payload, unsigned next = 17) {
  Octets source{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  Octets destination = source;
  destination[15] = 2;
  return Octets{0x60, 0, 0, 0} + be(payload.size(), 2) + Octets{static_cast<std::uint8_t>(next), 64} + source +
         destination + payload;
}
inline Octets ip6Fragment(const Octets& part, unsigned offset, bool more, unsigned next = 17, unsigned id = 77) {
  return ip6(Octets{static_cast<std::uint8_t>(next), 0} + be(offset | (more ? 1U : 0U), 2) + be(id, 4) + part, 44);
}
inline Octets ethernet(const Octets& ip, const std::vector<unsigned>& tags = {}) {
  Octets out(12, 0x02);
  for (const unsigned tag : tags) out = out + be(tag, 2) + be(100, 2);
  return out + be((ip[0] >> 4) == 4 ? 0x0800 : 0x86DD, 2) + ip;
}

struct Frame {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;
  Octets bytes;
  std::uint32_t cut = 0;  ///< octets that the snap length took away
};

inline Octets pcap(int linkType, const std::vector<Frame>& frames, bool bigEndian = false, bool nanos = false) {
  const auto n = [&](std::uint64_t v, int size) { return bigEndian ? be(v, size) : le(v, size); };
  Octets out = n(nanos ? 0xA1B23C4D : 0xA1B2C3D4, 4) + n(2, 2) + n(4, 2) + n(0, 8) + n(65535, 4) +
               n(static_cast<std::uint64_t>(linkType), 4);
  for (const auto& f : frames)
    out = out + n(f.seconds, 4) + n(f.fraction, 4) + n(f.bytes.size(), 4) + n(f.bytes.size() + f.cut, 4) + f.bytes;
  return out;
}

/// pcapng (draft-ietf-opsawg-pcapng), block by block, in either byte order.
class PcapngFile {
 public:
  explicit PcapngFile(bool bigEndian = false) : bigEndian_(bigEndian) { section(bigEndian); }

  PcapngFile& section(bool bigEndian, unsigned version = 1) {
    bigEndian_ = bigEndian;
    return block(0x0A0D0D0A, n(0x1A2B3C4D, 4) + n(version, 2) + n(0, 2) + n(~0ULL, 8));
  }
  /// `resolution`: 10^-n seconds, with the highest bit 2^-n. `offset`: seconds.
  PcapngFile& interface(int linkType, int resolution = 6, std::uint32_t snapLength = 0, std::int64_t offset = 0) {
    Octets body = n(static_cast<std::uint64_t>(linkType), 2) + n(0, 2) + n(snapLength, 4);
    body = body + option(2, text("a name"));
    if (resolution != 6) body = body + option(9, n(static_cast<std::uint64_t>(resolution), 1));
    if (offset != 0) body = body + option(14, n(static_cast<std::uint64_t>(offset), 8));
    return block(1, body + n(0, 4));
  }
  PcapngFile& packet(std::uint32_t interface, std::uint64_t stamp, const Octets& bytes, std::uint32_t cut = 0) {
    return block(6, n(interface, 4) + stamped(stamp, bytes, cut) + option(1, text("a comment")) + n(0, 4));
  }
  PcapngFile& obsoletePacket(std::uint16_t interface, std::uint64_t stamp, const Octets& bytes) {
    return block(2, n(interface, 2) + n(7, 2) + stamped(stamp, bytes, 0));
  }
  PcapngFile& simplePacket(const Octets& bytes, std::uint32_t cut = 0) {
    return block(3, n(bytes.size() + cut, 4) + padded(bytes));
  }
  PcapngFile& block(std::uint32_t type, const Octets& content) {
    const Octets body = padded(content);
    octets_ = octets_ + n(type, 4) + n(body.size() + 12, 4) + body + n(body.size() + 12, 4);
    return *this;
  }
  /// An unsigned number in the file's byte order.
  [[nodiscard]] Octets n(std::uint64_t value, int size) const { return bigEndian_ ? be(value, size) : le(value, size); }
  [[nodiscard]] const Octets& octets() const { return octets_; }

 private:
  static Octets padded(Octets bytes) {
    while (bytes.size() % 4 != 0) bytes.push_back(0);
    return bytes;
  }
  [[nodiscard]] Octets option(unsigned code, const Octets& value) const {
    return n(code, 2) + n(value.size(), 2) + padded(value);
  }
  [[nodiscard]] Octets stamped(std::uint64_t stamp, const Octets& bytes, std::uint32_t cut) const {
    return n(stamp >> 32, 4) + n(stamp & 0xFFFFFFFF, 4) + n(bytes.size(), 4) + n(bytes.size() + cut, 4) + padded(bytes);
  }

  bool bigEndian_;
  Octets octets_;
};

/// One section with one interface. `resolution`: 10^-n seconds.
inline Octets pcapng(int linkType, const std::vector<Frame>& frames, int resolution = 6) {
  PcapngFile file;
  file.interface(linkType, resolution);
  std::uint64_t unit = 1;
  for (int i = 0; i < resolution; ++i) unit *= 10;
  for (const auto& f : frames) file.packet(0, f.seconds * unit + f.fraction, f.bytes, f.cut);
  return file.octets();
}

/// A file that goes away with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Octets& content) {
    char name[] = "/tmp/weir-test-XXXXXX";
    const int fd = mkstemp(name);
    if (fd >= 0) close(fd);
    path_ = name;
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  }
  explicit TemporaryFile(const std::string& content) : TemporaryFile(text(content)) {}
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace weir::test
