#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace weir::wire {

/// Octets that an opaque of `n` octets takes on the wire, its length word left out (XDR, RFC 4506 section 4.10).
[[nodiscard]] constexpr std::size_t padded(std::size_t n) {
  return (n + 3) & ~std::size_t{3};
}

/// Reads XDR items one after another out of a window. The first item that does not fit makes it fail for good: it and
/// all that follow read as zero or empty, so that a caller may read a whole structure and ask once. Copies nothing.
class XdrReader {
 public:
  XdrReader() = default;
  explicit XdrReader(Bytes window) : at_(window.data()), left_(window.size()) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] std::size_t left() const { return left_; }
  [[nodiscard]] Bytes rest() const { return Bytes(at_, left_); }

  std::uint32_t u32() {
    const std::uint8_t* p = take(4);
    return p == nullptr ? 0 : loadBe32(p);
  }
  std::uint64_t u64() {
    const std::uint8_t* p = take(8);
    return p == nullptr ? 0 : loadBe64(p);
  }
  float f32() { return std::bit_cast<float>(u32()); }
  double f64() { return std::bit_cast<double>(u64()); }
  /// `n` octets and nothing else: no length word, no padding.
  Bytes fixed(std::size_t n) {
    const std::uint8_t* p = take(n);
    return p == nullptr ? Bytes{} : Bytes(p, n);
  }
  /// u32 length, octets, padding. Padding that the window lacks is forgiven: the last string of a datagram may end so.
  Bytes opaque() {
    const std::size_t n = u32();
    const std::uint8_t* p = take(n);
    if (p == nullptr) return {};
    const std::size_t padding = padded(n) - n;
    skip(padding < left_ ? padding : left_);
    return Bytes(p, n);
  }
  /// u32 count of elements of at least `minimum` octets each; fails when so many cannot be left.
  std::uint32_t count(std::size_t minimum) {
    const std::uint32_t n = u32();
    if (n > left_ / minimum) {
      fail();
      return 0;
    }
    return n;
  }
  void fail() {
    failed_ = true;
    left_ = 0;
  }

 private:
  const std::uint8_t* take(std::size_t n) {
    if (failed_ || n > left_) {
      fail();
      return nullptr;
    }
    const std::uint8_t* p = at_;
    skip(n);
    return p;
  }
  void skip(std::size_t n) {
    at_ += n;
    left_ -= n;
  }

  const std::uint8_t* at_ = nullptr;
  std::size_t left_ = 0;
  bool failed_ = false;
};

/// Writes XDR items into a buffer of fixed size. An item that does not fit makes it fail until rewind(): it and those
/// behind it are not written.
class XdrWriter {
 public:
  XdrWriter() = default;
  explicit XdrWriter(std::span<std::uint8_t> buffer) : begin_(buffer.data()), limit_(buffer.size()) {}

  [[nodiscard]] bool ok() const { return !failed_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Bytes written() const { return Bytes(begin_, size_); }

  void u32(std::uint32_t v) {
    if (std::uint8_t* p = make(4); p != nullptr) storeBe32(p, v);
  }
  void u64(std::uint64_t v) {
    if (std::uint8_t* p = make(8); p != nullptr) storeBe64(p, v);
  }
  void f32(float v) { u32(std::bit_cast<std::uint32_t>(v)); }
  void f64(double v) { u64(std::bit_cast<std::uint64_t>(v)); }
  /// Octets and zeros up to the next multiple of 4.
  void fixed(Bytes octets) {
    std::uint8_t* p = make(padded(octets.size()));
    if (p == nullptr) return;
    if (!octets.empty()) std::memcpy(p, octets.data(), octets.size());
    std::memset(p + octets.size(), 0, padded(octets.size()) - octets.size());
  }
  void opaque(Bytes octets) {
    u32(static_cast<std::uint32_t>(octets.size()));
    fixed(octets);
  }
  /// Back-fills a word written before.
  void patch(std::size_t at, std::uint32_t v) {
    if (at + 4 <= size_) storeBe32(begin_ + at, v);
  }
  /// Forgets what was written from `size` on, and that something failed.
  void rewind(std::size_t size) {
    size_ = size;
    failed_ = false;
  }
  void fail() { failed_ = true; }

 private:
  std::uint8_t* make(std::size_t n) {
    if (failed_ || n > limit_ - size_) {
      failed_ = true;
      return nullptr;
    }
    std::uint8_t* p = begin_ + size_;
    size_ += n;
    return p;
  }

  std::uint8_t* begin_ = nullptr;
  std::size_t limit_ = 0;
  std::size_t size_ = 0;
  bool failed_ = false;
};

}  // namespace weir::wire
