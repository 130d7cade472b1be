#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "flow/expression.h"
#include "flow/shared_fields.h"

namespace weir::flow {

/// What a flow counts (flows.md 5), as an amount per sample. Constant once compiled. Thread: any.
class ValueProgram {
 public:
  /// `bytes`, `frames`, `bps`, `Bps`, `fps`, `requests`, a numeric key or key function, each also as `rate:…`.
  /// Errors carry position, not attribute.
  [[nodiscard]] static Expected<ValueProgram> compile(Forms& forms, std::string_view text, std::size_t base);

  /// The amount of one sample, scaled by its sampling rate. False: the sample has no such value.
  [[nodiscard]] bool amount(const SampleFields& sample, const Forms& forms, double& out) const {
    double one = 0;
    switch (op_) {
      case Op::bytes:
        if (!sample.hasPacket) return false;
        one = sample.frameBytes;
        break;
      case Op::bits:
        if (!sample.hasPacket) return false;
        one = sample.frameBytes * 8;
        break;
      case Op::frames:
        if (!sample.hasPacket && (sample.sample == nullptr || sample.sample->kind != wire::SampleKind::discard))
          return false;
        one = 1;
        break;
      case Op::key:
        if (!keyNumber(sample, forms, one)) return false;
        break;
    }
    out = one * sample.scale;
    return true;
  }
  /// The same as a shard may do it itself; nothing where it takes more.
  [[nodiscard]] std::optional<DirectKey::Value> direct() const {
    switch (op_) {
      case Op::bytes:
        return DirectKey::Value::bytes;
      case Op::bits:
        return DirectKey::Value::bits;
      case Op::frames:
        return DirectKey::Value::frames;
      case Op::key:
        break;
    }
    return std::nullopt;
  }
  void describe(std::string& out) const;

 private:
  enum class Op : std::uint8_t { bytes, bits, frames, key };
  [[nodiscard]] bool keyNumber(const SampleFields& sample, const Forms& forms, double& out) const;

  Op op_ = Op::bytes;
  Node node_;
  std::string text_;
};

}  // namespace weir::flow
