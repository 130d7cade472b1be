#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "flow/definition.h"

/// What is legal in a flow definition but hardly meant: names that nobody sends, values that never occur, members that
/// are not read, numbers out of range. A sentence each, for the log, --check and POST /flow/validate.
namespace weir::flow {

/// All of a definition that was made from `body`.
[[nodiscard]] std::vector<std::string> hintsOf(const boost::json::value& body, const CompiledDefinition& compiled);

/// A name that is no flow key, with the nearest that is one.
[[nodiscard]] std::string unknownKeyHint(std::string_view name);

}  // namespace weir::flow
