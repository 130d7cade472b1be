#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "flow/expression.h"
#include "flow/match.h"

namespace weir::flow {

/// A filter (docs/flow-definitions.md) as a short program: predicates in the order they are cheapest to ask, each with
/// the place to go to when it holds and when not. Constant once compiled. Thread: any.
class Filter {
 public:
  /// Empty or blank text: no filter. Errors carry position, not attribute.
  [[nodiscard]] static Expected<Filter> compile(Forms& forms, std::string_view text);

  [[nodiscard]] bool empty() const { return steps_.empty(); }
  [[nodiscard]] bool accepts(const SampleFields& sample, const Forms& forms) const {
    return steps_.empty() || run(sample, forms);
  }
  /// Whether patterns are tried on values of samples.
  [[nodiscard]] bool triesPatterns() const;
  /// Appends the program, a line a step.
  void describe(std::string& out) const;

  /// A comparison `left op right, right…` without its negation.
  struct Comparison {
    Node left;
    Match match;
    std::string text;
  };

 private:
  friend class FilterCompiler;
  enum class Op : std::uint8_t {
    constant,  ///< `value`: the left side never has a value, or the right side never fits
    absent,    ///< the leaf has no value
    equals,    ///< a number equals the first of `values`
    isOneOf,   ///< a number equals one of `count` of `values`
    inBitmap,  ///< a number's bit is set: numbers of a small domain that a pattern matches
    octets4,   ///< an address equals the first octets of `octets`
    octets6,
    octets16,
    general,  ///< evaluates and tests `comparison`
  };
  struct Step {
    Op op = Op::constant;
    std::uint8_t count = 0;
    std::uint32_t onTrue = 0, onFalse = 0;
    std::uint32_t comparison = 0;
    Leaf leaf;
    union {
      std::uint64_t values[4];
      std::uint8_t octets[16];
    };
  };
  static constexpr std::uint32_t kAccept = 0xFFFFFFFF, kReject = 0xFFFFFFFE;

  [[nodiscard]] bool run(const SampleFields& sample, const Forms& forms) const;
  [[nodiscard]] bool holds(const Step& step, const SampleFields& sample, const Forms& forms, Scratch& scratch) const;

  std::vector<Step> steps_;
  std::vector<Comparison> comparisons_;
};

}  // namespace weir::flow
