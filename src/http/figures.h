#pragma once
#include <atomic>
#include <cstdint>

#include "base/figure.h"

namespace weir::http {

/// What a server did since it started, and what it has now (figures.def).
struct Figures {
  static constexpr std::string_view kOwner = "HTTP server";

#define WEIR_FIGURE(member, ...) std::uint64_t member = 0;
#include "http/figures.def"

  static void each(auto& self, auto&& visit) {
#define WEIR_FIGURE(member, ...) visit(WEIR_FIGURE_ROW(member, __VA_ARGS__), self.member);
#include "http/figures.def"
  }
};

/// The same while it is counted. Thread: that of the server writes, any reads.
struct FigureCounters {
#define WEIR_FIGURE(member, ...) std::atomic<std::uint64_t> member{0};
#include "http/figures.def"

  [[nodiscard]] Figures now() const {
    return {
#define WEIR_FIGURE(member, ...) member,
#include "http/figures.def"
    };
  }
};

inline void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace weir::http
