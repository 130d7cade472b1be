#include "ipfix/message.h"

namespace weir::ipfix {

namespace {

constexpr std::size_t kSetHeaderSize = 4;

void store16(std::string& octets, std::size_t at, std::size_t number) {
  octets[at] = static_cast<char>(number >> 8);
  octets[at + 1] = static_cast<char>(number);
}

}  // namespace

void Message::clear() {
  octets_.assign(kHeaderSize, '\0');
  set_ = 0;
  setId_ = 0;
  records_ = 0;
}

void Message::append16(std::size_t number) {
  octets_.resize(octets_.size() + 2);
  store16(octets_, octets_.size() - 2, number);
}

bool Message::makeRoom(std::uint16_t id, std::size_t size) {
  const bool fresh = set_ == 0 || setId_ != id;
  if (octets_.size() + (fresh ? kSetHeaderSize : 0) + size > kMost) return false;
  if (fresh) {
    set_ = octets_.size();
    setId_ = id;
    append16(id);
    append16(0);
  }
  store16(octets_, set_ + 2, octets_.size() + size - set_);
  return true;
}

bool Message::addTemplate(std::uint16_t id, std::span<const Element> fields) {
  constexpr std::size_t kFieldSize = 4;
  if (!makeRoom(kTemplateSet, kFieldSize * (1 + fields.size()))) return false;
  append16(id);
  append16(fields.size());
  for (const Element& field : fields) {
    append16(field.id);
    append16(field.size);
  }
  return true;
}

bool Message::addRecord(std::uint16_t id, std::string_view octets) {
  if (!makeRoom(id, octets.size())) return false;
  octets_ += octets;
  ++records_;
  return true;
}

Bytes Message::finish(const Header& header) {
  auto* const at = reinterpret_cast<std::uint8_t*>(octets_.data());
  storeBe16(at, kVersion);
  storeBe16(at + 2, static_cast<std::uint16_t>(octets_.size()));
  storeBe32(at + 4, header.exportTime);
  storeBe32(at + 8, header.sequence);
  storeBe32(at + 12, header.domain);
  return {at, octets_.size()};
}

}  // namespace weir::ipfix
