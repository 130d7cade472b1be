#pragma once
#include <vector>

#include "flow/key_functions.h"

/// Key functions that look their result up (flow/lookup.h): one maker each, for the table in key_functions.cpp.
namespace weir::flow {

[[nodiscard]] Expected<Node> makeGroup(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeMap(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeCountry(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeAsn(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeOui(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeDns(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeHost(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeLink(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeNode(Forms& forms, std::vector<Argument>& arguments);
[[nodiscard]] Expected<Node> makeIfName(Forms& forms, std::vector<Argument>& arguments);

}  // namespace weir::flow
