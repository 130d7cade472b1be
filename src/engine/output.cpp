#include "engine/output.h"

#include <tuple>

namespace weir::engine {

namespace {
auto placeInTick(const Output& o) {
  return std::visit(
      [](const auto& r) {
        if constexpr (requires { r.flowName; }) {
          return std::tuple(0, std::string_view(r.agent), std::string_view(r.dataSource), std::string_view(r.flowName),
                            std::string_view(r.flowKeys));
        } else {
          return std::tuple(1, std::string_view(r.agent), std::string_view(r.dataSource),
                            std::string_view(r.thresholdId), std::string_view());
        }
      },
      o.record);
}
}  // namespace

bool before(const Output& a, const Output& b) {
  if (a.time != b.time) return a.time < b.time;
  if (a.phase != b.phase) return a.phase < b.phase;
  if (a.phase == Output::Phase::tick) return placeInTick(a) < placeInTick(b);
  return std::tie(a.datagram, a.position) < std::tie(b.datagram, b.position);
}

}  // namespace weir::engine
