#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "flow/form.h"
#include "flow/key_readers.h"
#include "flow/key_table.h"
#include "flow/sample_fields.h"
#include "flow/value.h"

namespace weir::flow {

class Match;

/// Brackets inside brackets, and parentheses inside parentheses: beyond, the text is refused.
inline constexpr unsigned kMaxNesting = 32;

/// What evaluating an expression needs. Lives for one sample.
struct Evaluation {
  const SampleFields& sample;
  Scratch& scratch;
  const Forms& forms;
};

/// How to read one plain key: the table's entry, small and close to the processor.
struct Leaf {
  Source source = Source::field;
  decode::Layer layer = decode::Layer::eth;
  std::uint8_t occurrence = 0, at = 0, size = 0, shift = 0;
  bool octets = false;
  std::uint16_t form = 0;
  std::uint64_t mask = 0;
  Reader read = nullptr;
  std::uint32_t recordTag = 0;
  std::uint8_t recordSize = 0;
  const FlowKeyEntry* entry = nullptr;
};
[[nodiscard]] Leaf leafOf(const FlowKeyEntry& entry, unsigned occurrence, std::uint16_t form);

/// A form that an expression's values may have, and the octets it then needs in a key.
struct FormUse {
  std::uint16_t form = 0;
  std::uint16_t width = 0;
};

/// A flow key or key function, compiled: the tree that is evaluated wherever no straight-line step does it.
struct Node {
  enum class Kind : std::uint8_t { unknown, leaf, custom, constant, alternatives, function };
  /// Fills `value`, which then has one of `forms`. False: no value.
  using Evaluate = bool (*)(const Node& node, const Evaluation& context, Value& value);

  Kind kind = Kind::unknown;
  Evaluate evaluate = nullptr;
  std::vector<FormUse> forms;
  std::vector<Node> children;
  std::string text;  ///< as written

  Leaf leaf;                                                     ///< kind leaf
  std::uint16_t form = 0;                                        ///< constant, functions: form of the result
  std::uint64_t number = 0;                                      ///< constant; a function's number argument
  std::uint64_t high = 0;                                        ///< range: upper bound
  std::string octets;                                            ///< constant; custom: name; a function's delimiter
  std::vector<std::string> texts;                                ///< first: tokens
  std::vector<std::pair<std::uint16_t, std::uint16_t>> formMap;  ///< mask: form of the argument → of the result
  std::shared_ptr<const Match> match;                            ///< if
  std::vector<std::uint16_t> lookups;                            ///< tables, by their place in the definition's list

  /// The form use with the widest need, one slot for all of them.
  [[nodiscard]] Slot slot(std::uint16_t offset) const;
  /// Every value is a number (a node without values counts as one).
  [[nodiscard]] bool numeric(const Forms& table) const;
};

/// Adds a form to a list of uses, or widens it.
void addUse(std::vector<FormUse>& uses, FormUse use);
/// Most octets of text that a value can have.
[[nodiscard]] std::size_t maxText(const Forms& forms, const std::vector<FormUse>& uses);
/// A text that is found at runtime keeps at most so many octets in a key.
inline constexpr std::uint16_t kMaxTextWidth = 64;
/// Octets that a text of up to `size` octets gets in a key.
[[nodiscard]] std::uint16_t textWidth(std::size_t size);

/// Parses one flow key or key function (docs/flow-keys.md). `base` is the position of `text` in the attribute's text.
/// Errors carry position, not attribute.
[[nodiscard]] Expected<Node> parseKey(Forms& forms, std::string_view text, std::size_t base, unsigned depth = 0);

/// A node that has always that text, in a form of `uses` if one fits.
[[nodiscard]] Node makeConstant(Forms& forms, const std::vector<FormUse>& uses, std::string_view text);

/// Text of a value; what must be made is made in `buffer`.
[[nodiscard]] std::string_view textOf(const Forms& forms, const Value& value, std::string& buffer);

/// A thread's buffers for making text: no allocation once they have grown.
[[nodiscard]] std::string& textBuffer(unsigned which);

/// The number of a leaf that is not octets.
[[nodiscard]] inline std::uint64_t loadField(const std::uint8_t* p, unsigned size) {
  switch (size) {
    case 1:
      return *p;
    case 2:
      return loadBe16(p);
    case 3:
      return loadBe24(p);
    case 4:
      return loadBe32(p);
    default:
      return loadBe64(p);
  }
}

[[nodiscard]] inline bool readLeaf(const Leaf& leaf, const SampleFields& sample, Scratch& scratch, Value& value) {
  value.form = leaf.form;
  switch (leaf.source) {
    case Source::field: {
      const std::uint8_t* p =
          sample.packet.field(read::findLayer(sample, leaf.layer, leaf.occurrence), leaf.at, leaf.size);
      if (p == nullptr) return false;
      if (leaf.octets) {
        value.data = p;
        value.size = leaf.size;
      } else {
        value.number = loadField(p, leaf.size) >> leaf.shift & leaf.mask;
      }
      return true;
    }
    case Source::layerValue:
    case Source::layerOffset: {
      const decode::LayerRef* layer = read::findLayer(sample, leaf.layer, leaf.occurrence);
      if (layer == nullptr) return false;
      value.number = leaf.source == Source::layerOffset ? layer->offset : layer->value >> leaf.shift & leaf.mask;
      return true;
    }
    case Source::record: {
      const wire::Record* record = read::findRecord(sample, leaf.recordTag, leaf.recordSize);
      if (record == nullptr) return false;
      const std::uint8_t* p = record->data.data() + leaf.at;
      if (leaf.octets) {
        value.data = p;
        value.size = leaf.size;
        return true;
      }
      const std::uint64_t n = loadField(p, leaf.size);
      value.number = n >> leaf.shift & leaf.mask;
      return leaf.size != 4 || n != 0xFFFFFFFF;
    }
    case Source::recordField:
      return read::recordField(sample, *leaf.entry, scratch, value);
    case Source::function:
      return leaf.read(sample, leaf.occurrence, scratch, value);
  }
  return false;
}

}  // namespace weir::flow
