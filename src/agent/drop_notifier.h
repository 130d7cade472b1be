#pragma once
#include <memory>
#include <optional>

#include "agent/event_loop.h"
#include "agent/sample_sender.h"
#include "agent/sequence_book.h"
#include "agent_config/settings.h"
#include "agent_sampling/drop_source.h"

namespace weir::agent {

/// Opens a source of drops; a test gives its own.
using DropSourceOpener = std::function<Expected<std::unique_ptr<DropSource>>(const DropmonSettings&)>;
/// The kernel's drop monitor, or where it has none, the tracepoint.
[[nodiscard]] Expected<std::unique_ptr<DropSource>> openDropSource(const DropmonSettings& settings);

/// Drop notifications (discarded_packet samples, 0:5; docs/agent-rules.md): with the reason, at a limited rate, what is
/// above it counted. A flood of more than `max` a second for `max_trip` seconds cuts the feed for kRest. Thread: one.
class DropNotifier {
 public:
  static constexpr Nanos kRest = 60 * kSecond;

  DropNotifier(EventLoop& loop, SampleSender& sender, SequenceBook& book, DropSourceOpener open)
      : loop_(loop), sender_(sender), book_(book), open_(std::move(open)) {}
  ~DropNotifier() { close(); }
  DropNotifier(const DropNotifier&) = delete;
  DropNotifier& operator=(const DropNotifier&) = delete;

  void apply(const std::optional<DropmonSettings>& settings, std::uint32_t headerBytes);
  /// Counts of the last second, and the circuit breaker.
  void tick(Nanos now);
  /// Drops seen, reported or not.
  [[nodiscard]] std::uint64_t seen() const { return seen_; }

 private:
  static constexpr Nanos kRefill = 100 * kMillisecond;
  static constexpr Nanos kRetryAfter = 15 * kSecond;
  void open(Nanos now);
  void close();
  void refill();
  void report(const DropEvent& event);
  [[nodiscard]] bool isHidden(const DropEvent& event) const;

  EventLoop& loop_;
  SampleSender& sender_;
  SequenceBook& book_;
  DropSourceOpener open_;
  std::optional<DropmonSettings> settings_;
  std::uint32_t headerBytes_ = 128;
  std::unique_ptr<DropSource> source_;
  EventLoop::TimerId timer_ = 0;
  double tokens_ = 0;
  std::uint64_t seen_ = 0, seenBefore_ = 0;
  std::uint32_t floods_ = 0;
  Nanos restUntil_ = 0;
  bool complained_ = false;
};

}  // namespace weir::agent
