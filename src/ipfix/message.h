#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "ipfix/elements.h"

namespace weir::ipfix {

/// One IPFIX message in the making (RFC 7011 3): templates and records are added until one has no room; finish() gives
/// it its header. Sets follow in the order of adding, and records of one template that stand together share one.
class Message {
 public:
  /// Octets: with UDP and IP headers within an Ethernet frame, and room for a tunnel.
  static constexpr std::size_t kMost = 1'400;
  static constexpr std::uint16_t kVersion = 10, kTemplateSet = 2, kLeastTemplateId = 256;
  static constexpr std::size_t kHeaderSize = 16;

  Message() { clear(); }
  /// False: no room, and nothing was added.
  bool addTemplate(std::uint16_t id, std::span<const Element> fields);
  /// `id`: of the record's template. False: no room.
  bool addRecord(std::uint16_t id, std::string_view octets);

  [[nodiscard]] bool empty() const { return octets_.size() == kHeaderSize; }
  [[nodiscard]] unsigned records() const { return records_; }

  struct Header {
    std::uint32_t exportTime = 0;  ///< seconds since 1970
    std::uint32_t sequence = 0;    ///< data records sent before this message
    std::uint32_t domain = 0;
  };
  /// The whole message; valid until the next change.
  [[nodiscard]] Bytes finish(const Header& header);
  void clear();

 private:
  /// Room for `size` octets in a set of that id, whose header it adds if need be.
  bool makeRoom(std::uint16_t id, std::size_t size);
  void append16(std::size_t number);

  std::string octets_;
  std::size_t set_ = 0;  // where the current set begins; 0: none
  std::uint16_t setId_ = 0;
  unsigned records_ = 0;
};

}  // namespace weir::ipfix
