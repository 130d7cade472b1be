#pragma once
#include <array>
#include <cstdint>

#include "base/figure.h"
#include "wire/datagram.h"

namespace weir::query {

/// How often each wire::Fault was met.
using FaultTotals = std::array<std::uint64_t, static_cast<std::size_t>(wire::Fault::count)>;

/// Calls visit(Figure, value) for each fault. The unsupported versions are a figure by themselves (shard_figures.def).
void eachFault(auto& totals, auto&& visit) {
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const auto fault = static_cast<wire::Fault>(i);
    if (fault == wire::Fault::unsupportedVersion) continue;
    const wire::FaultText text = wire::faultText(fault);
    visit(Figure{.owner = "shard",
                 .name = text.name,
                 .kind = FigureKind::counter,
                 .unit = text.unit,
                 .help = text.help,
                 .drops = {text.name, FigurePlace::kAnyPlace + 2},
                 .omittedAtZero = true,
                 .agents = text.name},
          totals[i]);
  }
}

}  // namespace weir::query
