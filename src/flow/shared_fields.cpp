#include "flow/shared_fields.h"

#include <algorithm>
#include <cstring>

namespace weir::flow {

namespace {

bool isSame(const Leaf& a, const Leaf& b) {
  return a.source == b.source && a.layer == b.layer && a.occurrence == b.occurrence && a.at == b.at &&
         a.size == b.size && a.shift == b.shift && a.octets == b.octets && a.mask == b.mask && a.read == b.read &&
         a.recordTag == b.recordTag && (a.source != Source::recordField || a.entry == b.entry);
}

template <unsigned size>
std::uint64_t octetsAt(const std::uint8_t* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, size);
  return word;
}

bool readAny(const Leaf& leaf, const SampleFields& sample, std::uint64_t& word) {
  Scratch scratch;
  Value value;
  if (!readLeaf(leaf, sample, scratch, value)) return false;
  word = value.number & leaf.mask;
  if (leaf.octets) {
    word = 0;
    std::memcpy(&word, value.data, std::min<unsigned>(leaf.size, 8));
  }
  return true;
}

}  // namespace

SharedFields::Field SharedFields::fieldOf(const Leaf& leaf) {
  Field field{Op::leaf,
              leaf.layer,
              leaf.at,
              leaf.shift,
              static_cast<std::uint16_t>(leaf.at + leaf.size),
              static_cast<std::uint32_t>(leaf.mask)};
  if (leaf.source != Source::field || leaf.occurrence != 0) return field;
  switch (leaf.size) {
    case 1:
      if (!leaf.octets) field.op = Op::number1;
      break;
    case 2:
      if (!leaf.octets) field.op = Op::number2;
      break;
    case 4:
      field.op = leaf.octets ? Op::octets4 : Op::number4;
      break;
    case 6:
      if (leaf.octets) field.op = Op::octets6;
      break;
    case 8:
      if (leaf.octets) field.op = Op::octets8;
      break;
    default:
      break;
  }
  return field;
}

std::optional<std::uint8_t> SharedFields::add(const Leaf& leaf) {
  const auto known =
      std::find_if(leaves_.begin(), leaves_.end(), [&](const Leaf& other) { return isSame(other, leaf); });
  const auto index = static_cast<std::uint8_t>(known - leaves_.begin());
  if (known != leaves_.end()) return index;
  if (leaves_.size() == kMax) return std::nullopt;
  leaves_.push_back(leaf);
  fields_.push_back(fieldOf(leaf));
  return index;
}

void SharedFields::clear() {
  fields_.clear();
  leaves_.clear();
}

void SharedFields::read(const SampleFields& sample, Values& values) const {
  const decode::Packet& packet = sample.packet;
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    std::uint64_t& word = values.word[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (field.op == Op::leaf) {
      if (readAny(leaves_[i], sample, word)) present |= bit;
      continue;
    }
    if (!sample.hasPacket) continue;
    const std::uint8_t index = packet.firstOf[static_cast<std::size_t>(field.layer)];
    if (index == decode::kNoLayer) continue;
    const decode::LayerRef& layer = packet.layers[index];
    if (field.end > layer.available) continue;
    present |= bit;
    const std::uint8_t* const p = packet.bytes.data() + layer.offset + field.at;
    switch (field.op) {
      case Op::number1:
        word = std::uint32_t{*p} >> field.shift & field.mask;
        break;
      case Op::number2:
        word = std::uint32_t{loadBe16(p)} >> field.shift & field.mask;
        break;
      case Op::number4:
        word = loadBe32(p) >> field.shift & field.mask;
        break;
      case Op::octets4:
        word = octetsAt<4>(p);
        break;
      case Op::octets6:
        word = octetsAt<6>(p);
        break;
      default:
        word = octetsAt<8>(p);
        break;
    }
  }
  values.present = present;
}

}  // namespace weir::flow
