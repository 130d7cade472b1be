#include "flow/key_program.h"

#include <algorithm>
#include <cstring>

namespace weir::flow {

namespace {

// Alternatives inside alternatives become one list, so that each has its own step.
void flatten(const Node& node, std::vector<const Node*>& out) {
  if (node.kind != Node::Kind::alternatives) {
    out.push_back(&node);
    return;
  }
  for (const Node& child : node.children) flatten(child, out);
}

}  // namespace

Expected<KeyProgram> KeyProgram::compile(Forms& forms, const std::vector<Piece>& keys, unsigned maxSize) {
  KeyProgram program;
  std::vector<Node> nodes;
  unsigned offset = 0;
  for (const Piece& key : keys) {
    auto node = parseKey(forms, key.text, key.position);
    if (!node) return std::unexpected(std::move(node.error()));
    Slot slot = node->slot(static_cast<std::uint16_t>(offset));
    if (slot.forms.size() > 255) return fail("expected fewer alternatives: at most 255", {}, key.position);
    offset += slot.size();
    if (offset > maxSize) {
      return fail("expected fewer keys: up to this one they need more than " + std::to_string(maxSize) + " octets", {},
                  key.position);
    }
    if (node->kind == Node::Kind::leaf && slot.forms.size() == 1) program.plain_.push_back(node->leaf);
    program.slots_.push_back(std::move(slot));
    nodes.push_back(std::move(*node));
  }
  program.size_ = (offset + 7) / 8 * 8;
  program.compiling_ = &forms;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (!program.emit(nodes[i], static_cast<std::uint16_t>(i))) {
      return fail("expected fewer keys: the program gets too long", {}, keys[i].position);
    }
  }
  program.compiling_ = nullptr;
  program.fuseAddresses();
  return program;
}

bool KeyProgram::bind(SharedFields& fields, DirectKey& direct) const {
  if (plain_.size() != slots_.size()) return false;
  direct.needed = 0;
  direct.parts.clear();
  const auto place = [&](const Leaf& leaf, unsigned offset, unsigned width) {
    const auto field = fields.add(leaf);
    if (!field) return false;
    direct.needed |= std::uint64_t{1} << *field;
    const unsigned bit = offset % 8 * 8;
    // The last part of a word is known when one of the next word comes.
    if (bit == 0 && !direct.parts.empty()) direct.parts.back().last = true;
    direct.parts.push_back({*field, 0, static_cast<std::uint8_t>(bit), false});
    if (bit + width * 8 <= 64) return true;
    direct.parts.back().last = true;
    direct.parts.push_back({*field, static_cast<std::uint8_t>(64 - bit), 0, false});
    return true;
  };
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Leaf leaf = plain_[i];
    const unsigned offset = slots_[i].offset, width = slots_[i].width;
    if (!leaf.octets) {
      if (width == 0 || width > 8) return false;
      if (width < 8) leaf.mask &= (std::uint64_t{1} << width * 8) - 1;
      if (!place(leaf, offset, width)) return false;
      continue;
    }
    // Octets of a fixed number: addresses of a header or record.
    if ((leaf.source != Source::field && leaf.source != Source::record) || leaf.size != width) return false;
    for (unsigned at = 0; at < width; at += 8) {
      Leaf part = leaf;
      part.at = static_cast<std::uint8_t>(leaf.at + at);
      part.size = static_cast<std::uint8_t>(std::min(width - at, 8U));
      if (!place(part, offset + at, part.size)) return false;
    }
  }
  if (!direct.parts.empty()) direct.parts.back().last = true;
  return true;
}

bool KeyProgram::emit(const Node& node, std::uint16_t slotIndex) {
  const Slot& slot = slots_[slotIndex];
  std::vector<const Node*> alternatives;
  flatten(node, alternatives);
  const std::size_t begin = steps_.size();
  const std::size_t end = begin + alternatives.size();
  if (end >= kMissing || constants_.size() > 0x8000) return false;
  for (const Node* alternative : alternatives) {
    Step step;
    step.slot = slotIndex;
    step.tagged = slot.tagged();
    step.payload = static_cast<std::uint16_t>(slot.offset + (step.tagged ? 1 : 0));
    step.width = slot.width;
    step.wide = step.payload + 8U <= size_;
    step.next = static_cast<std::uint16_t>(end);
    step.missing = steps_.size() + 1 == end ? kMissing : static_cast<std::uint16_t>(steps_.size() + 1);
    if (alternative->kind == Node::Kind::leaf) {
      emitLeaf(alternative->leaf, step);
    } else if (alternative->kind == Node::Kind::constant) {
      // What the constant looks like in its slot, tag included, is made now.
      Value value;
      (void)alternative->evaluate(*alternative, {SampleFields{}, *std::make_unique<Scratch>(), *compiling_}, value);
      std::string octets(slot.size(), '\0');
      Slot alone = slot;
      alone.offset = 0;
      compiling_->store(alone, value, reinterpret_cast<std::uint8_t*>(octets.data()));
      step.op = Op::constant;
      step.index = static_cast<std::uint16_t>(constants_.size());
      step.width = static_cast<std::uint16_t>(octets.size());
      constants_ += octets;
    } else {
      step.op = Op::general;
      step.index = static_cast<std::uint16_t>(nodes_.size());
      nodes_.push_back(*alternative);
    }
    steps_.push_back(step);
    texts_.push_back(alternative->text);
  }
  return true;
}

void KeyProgram::emitLeaf(const Leaf& leaf, Step& step) {
  const std::vector<std::uint16_t>& forms = slots_[step.slot].forms;
  step.tag = static_cast<std::uint8_t>(std::find(forms.begin(), forms.end(), leaf.form) - forms.begin());
  step.layer = leaf.layer;
  step.at = leaf.at;
  step.end = static_cast<std::uint16_t>(leaf.at + leaf.size);
  step.shift = leaf.shift;
  step.mask = static_cast<std::uint32_t>(leaf.mask);
  step.op = Op::leaf;
  if (leaf.source == Source::field && leaf.occurrence == 0) {
    switch (leaf.size) {
      case 1:
        step.op = Op::number8;
        break;
      case 2:
        step.op = Op::number16;
        break;
      case 4:
        step.op = leaf.octets ? Op::copy4 : Op::number32;
        break;
      case 6:
        step.op = Op::copy6;
        break;
      case 16:
        step.op = Op::copy16;
        break;
      default:
        break;
    }
  }
  if (step.op != Op::leaf) return;
  step.index = static_cast<std::uint16_t>(leaves_.size());
  leaves_.push_back(leaf);
}

// Source and destination address lie side by side in the header and, asked for in this order, in the key: one copy.
void KeyProgram::fuseAddresses() {
  for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
    Step& first = steps_[i];
    const Step& second = steps_[i + 1];
    const bool ip4 = first.op == Op::copy4 && second.op == Op::copy4;
    const bool ip6 = first.op == Op::copy16 && second.op == Op::copy16;
    const bool adjacent =
        first.layer == second.layer && first.end == second.at && first.payload + first.width == second.payload;
    const bool plain = !first.tagged && !second.tagged && first.missing == kMissing && second.missing == kMissing;
    if ((!ip4 && !ip6) || !adjacent || !plain || first.next != i + 1) continue;
    first.op = ip4 ? Op::copy8 : Op::copy32;
    first.end = second.end;
    first.next = second.next;
  }
}

namespace {

// Numbers of slots at the end of the key; all others are written as 8 octets.
inline void storeNarrow(std::uint8_t* at, std::uint64_t number, unsigned width) {
  switch (width) {
    case 1:
      std::memcpy(at, &number, 1);
      break;
    case 2:
      std::memcpy(at, &number, 2);
      break;
    case 4:
      std::memcpy(at, &number, 4);
      break;
    default:
      std::memcpy(at, &number, std::min(width, 8U));
  }
}

}  // namespace

// What is neither a field of the first layer of its kind nor frequent.
bool KeyProgram::perform(const Step& step, const SampleFields& sample, const Forms& forms, std::uint8_t* key) const {
  if (step.op == Op::constant) {
    std::memcpy(key + slots_[step.slot].offset, constants_.data() + step.index, step.width);
    return true;
  }
  Scratch scratch;
  Value value;
  if (step.op == Op::leaf) {
    if (!readLeaf(leaves_[step.index], sample, scratch, value)) return false;
  } else if (const Node& node = nodes_[step.index]; !node.evaluate(node, {sample, scratch, forms}, value)) {
    return false;
  }
  forms.store(slots_[step.slot], value, key);
  return true;
}

template <bool hasPacket>
bool KeyProgram::run(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const {
  const decode::Packet& packet = sample.packet;
  const Step* const steps = steps_.data();
  const std::size_t end = steps_.size();
  std::size_t at = 0;
  while (at < end) {
    const Step& step = steps[at];
    if (step.op >= Op::leaf) {
      at = perform(step, sample, forms, key) ? step.next : step.missing;
      continue;
    }
    at = step.missing;
    if (!hasPacket) continue;
    const std::uint8_t index = packet.firstOf[static_cast<std::size_t>(step.layer)];
    if (index == decode::kNoLayer) continue;
    const decode::LayerRef& layer = packet.layers[index];
    if (step.end > layer.available) continue;
    at = step.next;
    const std::uint8_t* const p = packet.bytes.data() + layer.offset + step.at;
    std::uint8_t* const out = key + step.payload;
    if (step.tagged) out[-1] = step.tag;
    std::uint64_t number = 0;
    switch (step.op) {
      case Op::copy4:
        std::memcpy(out, p, 4);
        continue;
      case Op::copy6:
        std::memcpy(out, p, 6);
        continue;
      case Op::copy8:
        std::memcpy(out, p, 8);
        continue;
      case Op::copy16:
        std::memcpy(out, p, 16);
        continue;
      case Op::copy32:
        std::memcpy(out, p, 32);
        continue;
      case Op::number8:
        number = *p;
        break;
      case Op::number16:
        number = loadBe16(p);
        break;
      default:
        number = loadBe32(p);
        break;
    }
    number = number >> step.shift & step.mask;
    if (step.wide)
      std::memcpy(out, &number, 8);
    else
      storeNarrow(out, number, step.width);
  }
  return at == end;  // else it is kMissing
}

bool KeyProgram::extract(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const {
  for (unsigned i = 0; i < size_; i += 8) std::memset(key + i, 0, 8);
  return sample.hasPacket ? run<true>(sample, forms, key) : run<false>(sample, forms, key);
}

void KeyProgram::appendText(std::string& out, const Forms& forms, const std::uint8_t* key,
                            std::string_view separator) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (i != 0) out += separator;
    if (!slots_[i].forms.empty()) forms.append(out, forms.load(slots_[i], key));
  }
}

bool KeyProgram::isKey(const Forms& forms, const std::uint8_t* key) const {
  return std::all_of(slots_.begin(), slots_.end(), [&](const Slot& slot) { return forms.isValue(slot, key); });
}

void KeyProgram::describe(std::string& out) const {
  static constexpr const char* kOps[] = {"number8", "number16", "number32", "copy4",    "copy6",  "copy8",
                                         "copy16",  "copy32",   "leaf",     "constant", "general"};
  static_assert(std::size(kOps) == static_cast<std::size_t>(Op::general) + 1);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    out += "key " + std::to_string(i) + ": " + kOps[static_cast<unsigned>(step.op)] + ' ' + texts_[i] + " at " +
           std::to_string(slots_[step.slot].offset) + ", " + std::to_string(slots_[step.slot].size()) +
           " octets, else " + (step.missing == kMissing ? std::string("reject") : std::to_string(step.missing)) + '\n';
  }
}

}  // namespace weir::flow
