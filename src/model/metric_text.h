#pragma once
#include <cstdint>
#include <string_view>

#include "model/metric_table.h"
#include "model/metric_value.h"

/// Names of enumerations and texts made out of other texts.
namespace weir::model {

/// The text of an enumerated value: `ethernetCsmacd`; digits for a number without a name.
void enumerationText(MetricKind kind, std::uint32_t number, MetricValue& out);

/// A part of the name of a virtual machine or container (docs/metrics.md); empty: the name is not of that form.
[[nodiscard]] std::string_view nameText(NameText kind, std::string_view name);

/// Upper-case hex digits of six octets in the low 48 bits.
void macText(std::uint64_t mac, MetricValue& out);
/// 16 lower-case hex digits.
void hexText(std::uint64_t number, MetricValue& out);

}  // namespace weir::model
