#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "flow/expression.h"

namespace weir::flow {

/// The plain fields that the keys of all definitions of a shard are made of, each read once a sample however many keys
/// use it. Built when definitions change, constant between. Thread: its owner's.
class SharedFields {
 public:
  static constexpr unsigned kMax = 64;
  /// Fields of one sample. `word` of a field: its number, or its octets in the order of memory; where `present` has its
  /// bit.
  struct Values {
    std::uint64_t present = 0;
    std::array<std::uint64_t, kMax> word;
  };

  /// The number of a field of at most 8 octets; nothing when there are kMax already.
  [[nodiscard]] std::optional<std::uint8_t> add(const Leaf& leaf);
  void clear();
  void read(const SampleFields& sample, Values& values) const;

 private:
  enum class Op : std::uint8_t { number1, number2, number4, octets4, octets6, octets8, leaf };
  // What the usual fields need stands together.
  struct Field {
    Op op = Op::leaf;
    decode::Layer layer = decode::Layer::eth;
    std::uint8_t at = 0, shift = 0;
    std::uint16_t end = 0;  ///< in its layer
    std::uint32_t mask = 0;
  };
  static Field fieldOf(const Leaf& leaf);

  std::vector<Field> fields_;
  std::vector<Leaf> leaves_;  // of the same
};

/// A key as pieces of shared fields: what most definitions have. Constant once made. Thread: any.
struct DirectKey {
  struct Part {
    std::uint8_t field;
    std::uint8_t right, left;  ///< the field's word is shifted by these, in this order
    bool last;                 ///< of its eight octets of the key
  };
  enum class Value : std::uint8_t { bytes, bits, frames };

  std::uint64_t needed = 0;  ///< bits of the fields without which the sample is not counted
  std::vector<Part> parts;
  Value value = Value::bytes;
  bool filtered = false;  ///< CompiledDefinition::accepts() decides first

  /// Key and amount of a sample, as CompiledDefinition::evaluate gives them.
  [[nodiscard]] bool make(const SampleFields& sample, const SharedFields::Values& values, std::uint8_t* key,
                          double& amount) const {
    if ((values.present & needed) != needed) return false;
    double one = 1;
    if (value == Value::frames) {
      if (!read::isFrame(sample)) return false;
    } else {
      if (!read::countedBytes(sample, one)) return false;
      if (value == Value::bits) one *= 8;
    }
    amount = one * sample.scale;
    std::uint64_t word = 0;
    for (const Part& part : parts) {
      word |= values.word[part.field] >> part.right << part.left;
      if (!part.last) continue;
      std::memcpy(key, &word, 8);
      key += 8;
      word = 0;
    }
    return true;
  }
};

}  // namespace weir::flow
