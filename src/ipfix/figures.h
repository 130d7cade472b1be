#pragma once
#include <atomic>
#include <cstdint>

#include "base/figure.h"

namespace weir::ipfix {

/// What the exporter did since it was made (figures.def).
struct Figures {
  static constexpr std::string_view kOwner = "IPFIX exporter";

#define WEIR_FIGURE(member, ...) std::uint64_t member = 0;
#include "ipfix/figures.def"

  static void each(auto& self, auto&& visit) {
#define WEIR_FIGURE(member, ...) visit(WEIR_FIGURE_ROW(member, __VA_ARGS__), self.member);
#include "ipfix/figures.def"
  }
};

/// The same while it is counted. Thread: any.
struct FigureCounters {
#define WEIR_FIGURE(member, ...) std::atomic<std::uint64_t> member{0};
#include "ipfix/figures.def"

  [[nodiscard]] Figures now() const {
    return {
#define WEIR_FIGURE(member, ...) member,
#include "ipfix/figures.def"
    };
  }
};

}  // namespace weir::ipfix
