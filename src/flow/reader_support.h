#pragma once
#include <charconv>

#include "flow/key_readers.h"

/// What readers of keys have in common. Only for the files that hold readers.
namespace weir::flow::read {

[[nodiscard]] inline const std::uint8_t* layerField(const SampleFields& s, decode::Layer kind, unsigned n, unsigned at,
                                                    unsigned size) {
  return s.packet.field(findLayer(s, kind, n), at, size);
}

[[nodiscard]] inline bool octets(Value& v, const std::uint8_t* p, std::size_t size) {
  if (p == nullptr || size > 0xFFFF) return false;
  v.data = p;
  v.size = static_cast<std::uint16_t>(size);
  return true;
}

[[nodiscard]] inline bool number(Value& v, std::uint64_t n) {
  v.number = n;
  return true;
}

[[nodiscard]] inline bool number16(Value& v, const std::uint8_t* p) {
  return p != nullptr && number(v, loadBe16(p));
}

/// Text that is made in the scratch, for the time of one evaluation. What does not fit is left out.
class TextWriter {
 public:
  TextWriter(Scratch& scratch, std::size_t most) : begin_(scratch.take(most)), at_(begin_), end_(begin_) {
    if (begin_ != nullptr) end_ += most;
  }
  void put(char c) {
    if (at_ < end_) *at_++ = static_cast<std::uint8_t>(c);
  }
  void put(std::string_view text) {
    for (const char c : text) put(c);
  }
  void decimal(std::uint64_t n) {
    char text[20];
    put(std::string_view(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, n).ptr - text)));
  }
  [[nodiscard]] bool empty() const { return at_ == begin_; }
  [[nodiscard]] std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }
  /// False: nothing was written, or there was no room.
  [[nodiscard]] bool finish(Value& v) const {
    return !empty() && octets(v, begin_, static_cast<std::size_t>(at_ - begin_));
  }

 private:
  std::uint8_t* begin_;
  std::uint8_t* at_;
  std::uint8_t* end_;
};

}  // namespace weir::flow::read
