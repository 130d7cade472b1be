#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "flow/custom_fields.h"
#include "flow/expression.h"
#include "flow/key_program.h"
#include "flow/shared_fields.h"
#include "flow/value_cells.h"

namespace weir::flow {

/// What a flow counts (docs/flow-definitions.md, "Values"): a function of a number of each sample. Constant once
/// compiled. Thread: any.
class ValueProgram {
 public:
  /// `bytes`, `frames`, `bps`, `Bps`, `fps`, a numeric key (`requests`, `duration`, …) or key function,
  /// `datasource.field` of what applications send (flow/custom_fields.h): their rate, also as `rate:…`; `avg:`, `min:`,
  /// `max:`, `last:` of one of these; `count:` of any key. Errors carry position, not attribute.
  [[nodiscard]] static Expected<ValueProgram> compile(Forms& forms, std::string_view text, std::size_t base);

  [[nodiscard]] ValueFunction function() const { return function_; }

  /// The number of one sample. False: the sample has no such value. Not for count.
  [[nodiscard]] bool number(const SampleFields& sample, const Forms& forms, double& out) const {
    switch (op_) {
      case Op::bytes:
        return read::countedBytes(sample, out);
      case Op::bits:
        if (!read::countedBytes(sample, out)) return false;
        out *= 8;
        return true;
      case Op::frames:
        if (!read::isFrame(sample)) return false;
        out = 1;
        return true;
      case Op::key:
        return keyNumber(sample, forms, out);
      case Op::custom:
        return customNumber(sample, node_.octets, out);
    }
    return false;
  }
  /// What one sample has for the function.
  [[nodiscard]] SampleValue read(const SampleFields& sample, const Forms& forms) const;
  /// The same as a shard may do it itself; nothing where it takes more.
  [[nodiscard]] std::optional<DirectKey::Value> direct() const {
    if (function_ != ValueFunction::rate) return std::nullopt;
    switch (op_) {
      case Op::bytes:
        return DirectKey::Value::bytes;
      case Op::bits:
        return DirectKey::Value::bits;
      case Op::frames:
        return DirectKey::Value::frames;
      case Op::key:
      case Op::custom:
        break;
    }
    return std::nullopt;
  }
  void describe(std::string& out) const;

 private:
  enum class Op : std::uint8_t { bytes, bits, frames, key, custom };
  [[nodiscard]] bool keyNumber(const SampleFields& sample, const Forms& forms, double& out) const;

  ValueFunction function_ = ValueFunction::rate;
  Op op_ = Op::bytes;
  Node node_;
  KeyProgram distinct_;  // count: the key as octets
  std::string text_;
};

}  // namespace weir::flow
