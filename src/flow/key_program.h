#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "flow/expression.h"
#include "flow/shared_fields.h"
#include "flow/syntax.h"

namespace weir::flow {

/// The keys of a definition as straight-line steps that write key bytes. Constant once compiled. Thread: any.
///   key bytes: [slot of key 1][slot of key 2]… zero up to a multiple of 8
class KeyProgram {
 public:
  /// Errors carry position, not attribute.
  [[nodiscard]] static Expected<KeyProgram> compile(Forms& forms, const std::vector<Piece>& keys, unsigned maxSize);

  /// The key as parts of shared fields, which are added; false where it is not made of plain fields or there are too
  /// many.
  [[nodiscard]] bool bind(SharedFields& fields, DirectKey& direct) const;

  /// Octets of a key, a multiple of 8.
  [[nodiscard]] unsigned size() const { return size_; }
  /// One a key, in their order.
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }
  /// False: a key has no value.
  [[nodiscard]] bool extract(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const;
  void appendText(std::string& out, const Forms& forms, const std::uint8_t* key, std::string_view separator) const;
  /// Whether size() octets can be shown: for octets that did not come from extract().
  [[nodiscard]] bool isKey(const Forms& forms, const std::uint8_t* key) const;
  /// Appends the program, a line a step.
  void describe(std::string& out) const;

 private:
  enum class Op : std::uint8_t {
    number8,  ///< a field of 1 octet of a header's first occurrence, as a number
    number16,
    number32,
    copy4,  ///< octets of a header's first occurrence as they are
    copy6,
    copy8,  ///< two addresses of IPv4 at once
    copy16,
    copy32,    ///< two addresses of IPv6 at once
    leaf,      ///< leaves_[index]
    constant,  ///< octets of constants_ from index
    general,   ///< evaluates nodes_[index]
  };
  // What the common keys need stands together; the rest is looked up by index.
  struct Step {
    Op op = Op::leaf;
    decode::Layer layer = decode::Layer::eth;
    std::uint8_t at = 0;  ///< field in its layer
    std::uint8_t shift = 0;
    bool tagged = false;
    std::uint8_t tag = 0;
    bool wide = false;          ///< a number may be written as 8 octets: what follows is written later, or zero
    std::uint16_t end = 0;      ///< field's end in its layer
    std::uint16_t payload = 0;  ///< where the payload goes
    std::uint16_t width = 0;    ///< octets of the payload
    std::uint16_t next = 0, missing = 0;
    std::uint16_t index = 0;
    std::uint16_t slot = 0;
    std::uint32_t mask = 0;
  };
  static constexpr std::uint16_t kMissing = 0xFFFF;

  [[nodiscard]] bool emit(const Node& node, std::uint16_t slot);
  void emitLeaf(const Leaf& leaf, Step& step);
  void fuseAddresses();
  template <bool hasPacket>
  bool run(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const;
  bool perform(const Step& step, const SampleFields& sample, const Forms& forms, std::uint8_t* key) const;

  unsigned size_ = 0;
  const Forms* compiling_ = nullptr;
  std::vector<Step> steps_;
  std::vector<Slot> slots_;  // one a key
  std::vector<Leaf> leaves_;
  std::vector<Leaf> plain_;  // one a key, where each key is a field of one form
  std::vector<Node> nodes_;
  std::vector<std::string> texts_;  // of steps, for describe()
  std::string constants_;
};

}  // namespace weir::flow
