#pragma once
#include <string>

namespace weir::wire {

/// docs/records.md: every record of the table, where it is published, its fields, and what further ones of its kind in
/// one sample mean.
[[nodiscard]] std::string recordsMarkdown();

}  // namespace weir::wire
