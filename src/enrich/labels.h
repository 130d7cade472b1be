#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "flow/value.h"

namespace weir::enrich {

/// The texts that a table gives, by number. Constant once built.
using Labels = std::vector<std::string>;

/// A flow value that is this text; it lives as long as the labels.
inline void setLabel(const Labels& labels, std::uint32_t id, flow::Value& value) {
  const std::string& label = labels[id];
  value.data = reinterpret_cast<const std::uint8_t*>(label.data());
  value.size = static_cast<std::uint16_t>(label.size());
}

/// Longer ones are refused, or cut where an error cannot be reported.
inline constexpr std::size_t kMaxLabel = 1'024;

}  // namespace weir::enrich
