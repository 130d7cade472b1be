#pragma once
#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/definition.h"

/// What is legal in a flow definition but hardly meant: names that no agent sends, values that never occur, members
/// that are not read, numbers out of range. A sentence each, for the log, --check and POST /flow/validate.
namespace weir::flow {

/// All of a definition that was made from `body`.
[[nodiscard]] std::vector<std::string> hintsOf(const boost::json::value& body, const CompiledDefinition& compiled);

/// Members of an object that are ignored, each with the most similar known one.
[[nodiscard]] std::vector<std::string> memberHints(const boost::json::value& body,
                                                   std::span<const std::string_view> read);

/// That a definition counts what enters at the edge of a topology, and there is none.
inline constexpr const char* kNoTopologyHint =
    "aggMode edge counts what enters at the edge of the topology, and none is set: until then it counts nothing";

}  // namespace weir::flow
