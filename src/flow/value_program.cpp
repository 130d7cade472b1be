#include "flow/value_program.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "flow/definition.h"
#include "flow/foreign_words.h"
#include "flow/syntax.h"

namespace weir::flow {

namespace {

constexpr std::string_view kExpected =
    "expected bytes, frames, bps, Bps, fps, requests, duration or a numeric flow key, or one of these after rate:, "
    "avg:, "
    "min:, max: or last:, or count: and a flow key";

/// What was expected instead of `word`, with the key that it stands for in other tools.
std::string expectedValue(std::string_view word) {
  const std::string_view keys = keysOfForeignWord(word);
  if (keys.empty()) return std::string(kExpected);
  return std::string(kExpected).append("; \"").append(word).append("\" is called ").append(keys).append(" here");
}

constexpr std::array<std::string_view, 6> kValueFunctions{"rate", "avg",  "min",
                                                          "max",  "last", "count"};  // as ValueFunction

}  // namespace

Expected<ValueProgram> ValueProgram::compile(Forms& forms, std::string_view text, std::size_t base) {
  Piece piece = withoutBlanks({text, base});
  ValueProgram program;
  program.text_ = piece.text;
  if (piece.text.empty()) return fail(std::string(kExpected), {}, piece.position);
  const std::size_t colon = piece.text.find(':');
  if (colon != std::string_view::npos) {
    const auto* function = std::find(kValueFunctions.begin(), kValueFunctions.end(), piece.text.substr(0, colon));
    if (function != kValueFunctions.end()) {
      program.function_ = static_cast<ValueFunction>(function - kValueFunctions.begin());
      piece = withoutBlanks({piece.text.substr(colon + 1), piece.position + colon + 1});
    }
  }
  if (program.function_ == ValueFunction::count) {
    if (piece.text.empty()) return fail("expected a flow key to count the values of", {}, piece.position);
    auto distinct = KeyProgram::compile(forms, {piece}, CompiledDefinition::kMaxKeySize);
    if (!distinct) return std::unexpected(std::move(distinct.error()));
    program.distinct_ = std::move(*distinct);
    return program;
  }
  if (piece.text == "bytes" || piece.text == "Bps") {
    program.op_ = Op::bytes;
  } else if (piece.text == "bps") {
    program.op_ = Op::bits;
  } else if (piece.text == "frames" || piece.text == "fps") {
    program.op_ = Op::frames;
  } else {
    program.op_ = Op::key;
    auto node = parseKey(forms, piece.text, piece.position);
    if (!node) return std::unexpected(std::move(node.error()));
    // Without the data source's name it would be any word: a slip of the pen shall be told.
    if (node->kind == Node::Kind::custom && node->octets.find('.') != std::string::npos) {
      program.op_ = Op::custom;
      program.node_ = std::move(*node);
      return program;
    }
    if (node->forms.empty() || !node->numeric(forms)) return fail(expectedValue(piece.text), {}, piece.position);
    program.node_ = std::move(*node);
  }
  return program;
}

bool ValueProgram::keyNumber(const SampleFields& sample, const Forms& forms, double& out) const {
  Scratch scratch;
  Value value;
  if (!node_.evaluate(node_, {sample, scratch, forms}, value)) return false;
  out = static_cast<double>(value.number);
  return true;
}

SampleValue ValueProgram::read(const SampleFields& sample, const Forms& forms) const {
  SampleValue value{0, 0, false};
  if (function_ != ValueFunction::count) {
    value.present = number(sample, forms, value.number);
    return value;
  }
  std::array<std::uint8_t, CompiledDefinition::kMaxKeySize> key;
  value.present = distinct_.size() != 0 && distinct_.extract(sample, forms, key.data());
  if (value.present) value.hash = hashBytes(key.data(), distinct_.size());
  return value;
}

void ValueProgram::describe(std::string& out) const {
  static constexpr const char* kOps[] = {"bytes", "bits", "frames", "key", "custom"};
  out += "value: ";
  if (function_ != ValueFunction::rate) out += std::string(kValueFunctions[static_cast<unsigned>(function_)]) + ' ';
  if (function_ != ValueFunction::count) out += std::string(kOps[static_cast<unsigned>(op_)]) + ' ';
  out += text_ + '\n';
}

}  // namespace weir::flow
