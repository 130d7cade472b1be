#include "flow/value_program.h"

#include <algorithm>
#include <array>

#include "flow/syntax.h"

namespace weir::flow {

namespace {

constexpr std::string_view kExpected =
    "expected bytes, frames, bps, Bps, fps, requests, a numeric flow key or rate: with one of these";

// Known to the language, but the engine cannot count it yet.
constexpr std::array<std::string_view, 5> kLaterFunctions{"count", "avg", "min", "max", "last"};
constexpr std::array<std::string_view, 3> kLaterValues{"duration", "req_bytes", "resp_bytes"};

bool contains(const auto& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

Expected<ValueProgram> ValueProgram::compile(Forms& forms, std::string_view text, std::size_t base) {
  Piece piece = withoutBlanks({text, base});
  ValueProgram program;
  program.text_ = piece.text;
  if (piece.text.empty()) return fail(std::string(kExpected), {}, piece.position);
  const std::string_view function = piece.text.substr(0, piece.text.find(':'));
  if (function.size() < piece.text.size() && contains(kLaterFunctions, function)) {
    return fail("the value function '" + std::string(function) + ":' is not available in this version", {},
                piece.position);
  }
  if (piece.text.starts_with("rate:")) piece = withoutBlanks({piece.text.substr(5), piece.position + 5});
  if (contains(kLaterValues, piece.text)) {
    return fail("the value '" + std::string(piece.text) + "' is not available in this version", {}, piece.position);
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
    if (node->forms.empty() || !node->numeric(forms)) return fail(std::string(kExpected), {}, piece.position);
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

void ValueProgram::describe(std::string& out) const {
  static constexpr const char* kOps[] = {"bytes", "bits", "frames", "key"};
  out += std::string("value: ") + kOps[static_cast<unsigned>(op_)] + ' ' + text_ + '\n';
}

}  // namespace weir::flow
