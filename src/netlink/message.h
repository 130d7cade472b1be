#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/bytes.h"

/// Netlink messages (RFC 3549, linux/netlink.h): written, and read with every length checked. Numbers are in the
/// machine's order, as netlink has them.
namespace weir::netlink {

/// Loads a plain structure or number from the start of `bytes`; zeros where there are too few octets.
template <class T>
[[nodiscard]] T load(Bytes bytes) {
  T out{};
  if (bytes.size() >= sizeof out) std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

/// One attribute; `type` without its flags. Points into the message.
struct Attribute {
  std::uint16_t type = 0;
  Bytes data;
  [[nodiscard]] std::uint8_t u8() const { return load<std::uint8_t>(data); }
  [[nodiscard]] std::uint16_t u16() const { return load<std::uint16_t>(data); }
  [[nodiscard]] std::uint32_t u32() const { return load<std::uint32_t>(data); }
  [[nodiscard]] std::uint64_t u64() const { return load<std::uint64_t>(data); }
  /// Up to the first NUL.
  [[nodiscard]] std::string_view text() const {
    const std::string_view all(reinterpret_cast<const char*>(data.data()), data.size());
    return all.substr(0, all.find('\0'));
  }
};

/// Walks attributes; ends at the first whose length lies.
class AttributeReader {
 public:
  explicit AttributeReader(Bytes bytes) : left_(bytes) {}
  bool next(Attribute& out) {
    const auto head = load<nlattr>(left_);
    if (left_.size() < sizeof head || head.nla_len < sizeof head || head.nla_len > left_.size()) return false;
    out.type = head.nla_type & NLA_TYPE_MASK;
    out.data = left_.subspan(sizeof head, head.nla_len - sizeof head);
    left_ = left_.subspan(std::min<std::size_t>(NLA_ALIGN(head.nla_len), left_.size()));
    return true;
  }

 private:
  Bytes left_;
};

/// One message: its type, flags, number and what follows the header.
struct Message {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::uint32_t sequence = 0;
  Bytes body;
  /// The attributes behind a fixed part of that size.
  [[nodiscard]] AttributeReader attributes(std::size_t fixedPart) const {
    const std::size_t at = NLMSG_ALIGN(fixedPart);
    return AttributeReader(at <= body.size() ? body.subspan(at) : Bytes());
  }
  /// NLMSG_ERROR: the errno, positive; 0 for an acknowledgement.
  [[nodiscard]] int error() const { return -load<std::int32_t>(body); }
};

/// Walks the messages of one datagram; ends at the first whose length lies.
class MessageReader {
 public:
  explicit MessageReader(Bytes datagram) : left_(datagram) {}
  bool next(Message& out) {
    const auto head = load<nlmsghdr>(left_);
    if (left_.size() < sizeof head || head.nlmsg_len < sizeof head || head.nlmsg_len > left_.size()) return false;
    out = {head.nlmsg_type, head.nlmsg_flags, head.nlmsg_seq, left_.subspan(sizeof head, head.nlmsg_len - sizeof head)};
    left_ = left_.subspan(std::min<std::size_t>(NLMSG_ALIGN(head.nlmsg_len), left_.size()));
    return true;
  }

 private:
  Bytes left_;
};

/// Writes messages one behind the other into a buffer that keeps its memory.
class MessageWriter {
 public:
  void clear() { buffer_.clear(); }
  [[nodiscard]] Bytes bytes() const { return buffer_; }

  /// Starts a message with its fixed part.
  template <class Fixed>
  void begin(std::uint16_t type, std::uint16_t flags, std::uint32_t sequence, const Fixed& fixed) {
    at_ = buffer_.size();
    const nlmsghdr head{0, type, flags, sequence, 0};
    append(&head, sizeof head);
    append(&fixed, sizeof fixed);
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const nlattr head{static_cast<std::uint16_t>(sizeof(nlattr) + size), type};
    append(&head, sizeof head);
    append(data, size);
  }
  template <class T>
  void attribute(std::uint16_t type, const T& value) {
    attribute(type, &value, sizeof value);
  }
  /// With its terminating NUL.
  void text(std::uint16_t type, const char* value) { attribute(type, value, std::strlen(value) + 1); }
  void end() {
    const auto size = static_cast<std::uint32_t>(buffer_.size() - at_);
    std::memcpy(buffer_.data() + at_, &size, sizeof size);
  }

 private:
  void append(const void* data, std::size_t size) {
    const std::size_t at = buffer_.size();
    buffer_.resize(at + NLMSG_ALIGN(size));
    if (size != 0) std::memcpy(buffer_.data() + at, data, size);
  }

  std::vector<std::uint8_t> buffer_;
  std::size_t at_ = 0;
};

}  // namespace weir::netlink
