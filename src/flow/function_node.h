#pragma once
// Inside the flow room only: what the files of key functions share.
#include <cstring>
#include <string_view>
#include <utility>

#include "flow/expression.h"

namespace weir::flow {

inline Node functionNode(Node::Evaluate evaluate) {
  Node node;
  node.kind = Node::Kind::function;
  node.evaluate = evaluate;
  return node;
}

inline Form formOfType(Type type) {
  Form form;
  form.type = type;
  return form;
}

inline std::uint16_t setResult(Forms& forms, Node& node, Form form, std::uint16_t width) {
  node.form = forms.intern(std::move(form));
  node.forms.push_back({node.form, width});
  return node.form;
}

inline bool firstChild(const Node& node, const Evaluation& c, Value& value) {
  const Node& child = node.children.front();
  return child.evaluate(child, c, value);
}

/// A text that points somewhere is copied: it may be a buffer of the thread.
inline bool setText(const Node& node, const Evaluation& c, std::string_view text, Value& value) {
  std::uint8_t* out = c.scratch.take(text.size());
  if (out == nullptr) return false;
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  value.form = node.form;
  value.data = out;
  value.size = static_cast<std::uint16_t>(text.size());
  return true;
}

/// Whether a key may have a value of one of these types.
template <class... Types>
bool mayBe(const Forms& forms, const Node& key, Types... types) {
  for (const FormUse& use : key.forms) {
    const Type type = forms.at(use.form).type;
    if (((type == types) || ...)) return true;
  }
  return false;
}

}  // namespace weir::flow
