#pragma once
#include <string>
#include <string_view>

#include "flow/expression.h"

/// Flow fields that applications define for themselves and send in rtflow samples (enterprise 4300, format
/// 1003). A flow key names one as `field` or `datasource.field`; whatever type it has, the key shows it.
namespace weir::flow {

/// The key of that name; a sample that is no rtflow sample costs it one comparison.
[[nodiscard]] Node makeCustomKey(Forms& forms, std::string_view name);

/// The field's number as flow values count it. False: there is none, or it is no number.
[[nodiscard]] bool customNumber(const SampleFields& sample, std::string_view name, double& number);

}  // namespace weir::flow
