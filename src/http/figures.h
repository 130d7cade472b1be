#pragma once
#include <atomic>
#include <cstdint>

namespace weir::http {

/// What a server did since it started, and what it has now.
struct Figures {
  std::uint64_t connectionsCurrent = 0, connectionsTotal = 0, messagesReceived = 0, messagesSent = 0, bytesReceived = 0,
                bytesSent = 0, streamsCurrent = 0, streamsCut = 0;
};

/// The same while it is counted. Thread: that of the server writes, any reads.
struct FigureCounters {
  std::atomic<std::uint64_t> connectionsCurrent{0}, connectionsTotal{0}, messagesReceived{0}, messagesSent{0},
      bytesReceived{0}, bytesSent{0}, streamsCurrent{0}, streamsCut{0};

  [[nodiscard]] Figures now() const {
    return {connectionsCurrent, connectionsTotal, messagesReceived, messagesSent,
            bytesReceived,      bytesSent,        streamsCurrent,   streamsCut};
  }
};

inline void raise(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace weir::http
