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
  return program;
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
      const Leaf& leaf = alternative->leaf;
      step.leaf = leaf;
      step.tag =
          static_cast<std::uint8_t>(std::find(slot.forms.begin(), slot.forms.end(), leaf.form) - slot.forms.begin());
      step.op = Op::leaf;
      if (leaf.source == Source::field && leaf.octets) {
        step.op = leaf.size == 4 ? Op::copy4 : leaf.size == 6 ? Op::copy6 : leaf.size == 16 ? Op::copy16 : Op::leaf;
      } else if (leaf.source == Source::field) {
        step.op = leaf.size == 1   ? Op::number8
                  : leaf.size == 2 ? Op::number16
                  : leaf.size == 4 ? Op::number32
                                   : Op::leaf;
      }
    } else if (alternative->kind == Node::Kind::constant) {
      // What the constant looks like in its slot, tag included, is made now.
      Value value;
      (void)alternative->evaluate(*alternative, {SampleFields{}, *std::make_unique<Scratch>(), *compiling_}, value);
      std::string octets(slot.size(), '\0');
      Slot alone = slot;
      alone.offset = 0;
      compiling_->store(alone, value, reinterpret_cast<std::uint8_t*>(octets.data()));
      step.op = Op::constant;
      step.node = static_cast<std::uint16_t>(constants_.size());
      step.width = static_cast<std::uint16_t>(octets.size());
      constants_ += octets;
    } else {
      step.op = Op::general;
      step.node = static_cast<std::uint16_t>(nodes_.size());
      nodes_.push_back(*alternative);
    }
    steps_.push_back(step);
    texts_.push_back(alternative->text);
  }
  return true;
}

inline void KeyProgram::storeNumber(const Step& step, std::uint64_t number, std::uint8_t* key) const {
  std::uint8_t* at = key + step.payload;
  if (step.wide)
    std::memcpy(at, &number, 8);
  else
    std::memcpy(at, &number, std::min<std::size_t>(step.width, 8));
}

inline bool KeyProgram::perform(const Step& step, const SampleFields& sample, const Forms& forms,
                                std::uint8_t* key) const {
  const auto field = [&](unsigned size) {
    return sample.packet.field(read::findLayer(sample, step.leaf.layer, step.leaf.occurrence), step.leaf.at, size);
  };
  const auto number = [&](std::uint64_t n) {
    if (step.tagged) key[step.payload - 1] = step.tag;
    storeNumber(step, n >> step.leaf.shift & step.leaf.mask, key);
    return true;
  };
  const auto copy = [&]<std::size_t size>(std::integral_constant<std::size_t, size>) {
    const std::uint8_t* p = field(size);
    if (p == nullptr) return false;
    if (step.tagged) key[step.payload - 1] = step.tag;
    std::memcpy(key + step.payload, p, size);
    return true;
  };
  switch (step.op) {
    case Op::number8: {
      const std::uint8_t* p = field(1);
      return p != nullptr && number(*p);
    }
    case Op::number16: {
      const std::uint8_t* p = field(2);
      return p != nullptr && number(loadBe16(p));
    }
    case Op::number32: {
      const std::uint8_t* p = field(4);
      return p != nullptr && number(loadBe32(p));
    }
    case Op::copy4:
      return copy(std::integral_constant<std::size_t, 4>{});
    case Op::copy6:
      return copy(std::integral_constant<std::size_t, 6>{});
    case Op::copy16:
      return copy(std::integral_constant<std::size_t, 16>{});
    case Op::constant:
      std::memcpy(key + slots_[step.slot].offset, constants_.data() + step.node, step.width);
      return true;
    case Op::leaf: {
      Scratch scratch;
      Value value;
      if (!readLeaf(step.leaf, sample, scratch, value)) return false;
      if (step.leaf.octets) {
        forms.store(slots_[step.slot], value, key);
      } else {
        if (step.tagged) key[step.payload - 1] = step.tag;
        storeNumber(step, value.number, key);
      }
      return true;
    }
    case Op::general: {
      Scratch scratch;
      Value value;
      const Node& node = nodes_[step.node];
      if (!node.evaluate(node, {sample, scratch, forms}, value)) return false;
      forms.store(slots_[step.slot], value, key);
      return true;
    }
  }
  return false;
}

bool KeyProgram::extract(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const {
  for (unsigned i = 0; i < size_; i += 8) std::memset(key + i, 0, 8);
  const std::size_t end = steps_.size();
  for (std::size_t at = 0; at < end;) {
    const Step& step = steps_[at];
    at = perform(step, sample, forms, key) ? step.next : step.missing;
    if (at == kMissing) return false;
  }
  return true;
}

void KeyProgram::appendText(std::string& out, const Forms& forms, const std::uint8_t* key,
                            std::string_view separator) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (i != 0) out += separator;
    if (!slots_[i].forms.empty()) forms.append(out, forms.load(slots_[i], key));
  }
}

void KeyProgram::describe(std::string& out) const {
  static constexpr const char* kOps[] = {"number8", "number16", "number32", "copy4",  "copy6",
                                         "copy16",  "leaf",     "constant", "general"};
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    out += "key " + std::to_string(i) + ": " + kOps[static_cast<unsigned>(step.op)] + ' ' + texts_[i] + " at " +
           std::to_string(slots_[step.slot].offset) + ", " + std::to_string(slots_[step.slot].size()) +
           " octets, else " + (step.missing == kMissing ? std::string("reject") : std::to_string(step.missing)) + '\n';
  }
}

}  // namespace weir::flow
