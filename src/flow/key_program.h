#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "flow/expression.h"
#include "flow/syntax.h"

namespace weir::flow {

/// The keys of a definition as straight-line steps that write key bytes. Constant once compiled. Thread: any.
///   key bytes: [slot of key 1][slot of key 2]… zero up to a multiple of 8
class KeyProgram {
 public:
  /// Errors carry position, not attribute.
  [[nodiscard]] static Expected<KeyProgram> compile(Forms& forms, const std::vector<Piece>& keys, unsigned maxSize);

  /// Octets of a key, a multiple of 8.
  [[nodiscard]] unsigned size() const { return size_; }
  /// False: a key has no value.
  [[nodiscard]] bool extract(const SampleFields& sample, const Forms& forms, std::uint8_t* key) const;
  void appendText(std::string& out, const Forms& forms, const std::uint8_t* key, std::string_view separator) const;
  /// Appends the program, a line a step.
  void describe(std::string& out) const;

 private:
  enum class Op : std::uint8_t {
    number8,  ///< a field of 1 octet of a header, as a number
    number16,
    number32,
    copy4,  ///< octets of a header as they are
    copy6,
    copy16,
    leaf,      ///< any leaf
    constant,  ///< octets of `constants_`
    general,   ///< evaluates nodes_[node]
  };
  struct Step {
    Op op = Op::leaf;
    std::uint8_t tag = 0;
    bool tagged = false;
    bool wide = false;          ///< a number may be written as 8 octets: what follows is written later, or zero
    std::uint16_t payload = 0;  ///< where the payload goes
    std::uint16_t width = 0;    ///< octets of the payload
    std::uint16_t next = 0, missing = 0;
    std::uint16_t node = 0;  ///< general; constant: begin in constants_
    std::uint16_t slot = 0;
    Leaf leaf;
  };
  static constexpr std::uint16_t kMissing = 0xFFFF;

  [[nodiscard]] bool emit(const Node& node, std::uint16_t slot);
  bool perform(const Step& step, const SampleFields& sample, const Forms& forms, std::uint8_t* key) const;
  void storeNumber(const Step& step, std::uint64_t number, std::uint8_t* key) const;

  unsigned size_ = 0;
  const Forms* compiling_ = nullptr;
  std::vector<Step> steps_;
  std::vector<Slot> slots_;  // one a key
  std::vector<Node> nodes_;
  std::vector<std::string> texts_;  // of steps, for describe()
  std::string constants_;
};

}  // namespace weir::flow
