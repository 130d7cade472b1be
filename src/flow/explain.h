#pragma once
#include "base/json_writer.h"
#include "flow/definition.h"

namespace weir::flow {

/// Adds the members keys (with the types of their values), value, values, filter (as a tree) and program to an object:
/// what POST /flow/validate answers.
void explain(const CompiledDefinition& compiled, JsonWriter& json);

}  // namespace weir::flow
