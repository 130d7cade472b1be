#include "flow/explain.h"

#include <algorithm>
#include <string>
#include <vector>

#include "flow/expression.h"
#include "flow/filter_parser.h"
#include "flow/syntax.h"

namespace weir::flow {

namespace {

void explainKeys(const Definition& definition, JsonWriter& json) {
  json.key("keys").beginArray();
  // The definition has been compiled, so nothing of it fails now.
  const auto pieces = splitCommaList(definition.keysText);
  for (const Piece& piece : pieces.value_or(std::vector<Piece>{})) {
    json.beginObject().member("key", piece.text).key("types").beginArray();
    Forms forms;
    std::vector<std::string_view> told;
    if (const auto node = parseKey(forms, piece.text, piece.position)) {
      for (const FormUse& use : node->forms) {
        const std::string_view name = typeName(forms.at(use.form).type);
        if (std::ranges::find(told, name) != told.end()) continue;
        told.push_back(name);
        json.string(name);
      }
    }
    json.endArray().endObject();
  }
  json.endArray();
}

void explainFilter(const FilterTree& tree, JsonWriter& json) {
  json.beginObject();
  if (tree.kind == FilterTree::Kind::comparison) {
    json.member("left", tree.left.text);
    json.member("operator", tree.pattern ? (tree.negated ? "!~" : "~") : (tree.negated ? "!=" : "="));
    json.key("right").beginArray();
    for (const Right& right : tree.rights) json.string(right.text);
    json.endArray();
  } else {
    json.key(tree.kind == FilterTree::Kind::all ? "all" : "any").beginArray();
    for (const FilterTree& child : tree.children) explainFilter(child, json);
    json.endArray();
  }
  json.endObject();
}

void explainProgram(const std::string& text, JsonWriter& json) {
  json.key("program").beginArray();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    json.string(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  json.endArray();
}

}  // namespace

void explain(const CompiledDefinition& compiled, JsonWriter& json) {
  const Definition& definition = compiled.definition();
  explainKeys(definition, json);
  json.member("value", definition.value).key("values").beginArray();
  for (const std::string& value : definition.values) json.string(value);
  json.endArray();
  if (!withoutBlanks({definition.filter, 0}).text.empty()) {
    if (const auto tree = parseFilter(definition.filter)) explainFilter(*tree, json.key("filter"));
  }
  explainProgram(compiled.programText(), json);
}

}  // namespace weir::flow
