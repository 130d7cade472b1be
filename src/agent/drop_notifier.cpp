#include "agent/drop_notifier.h"

#include <regex.h>

#include <algorithm>

#include "agent/drop_reason.h"
#include "agent_sampling/drop_monitor.h"
#include "agent_sampling/drop_trace.h"
#include "agent_sampling/sampled_frame.h"
#include "base/log.h"

namespace weir::agent {

namespace {

bool matches(const std::string& pattern, std::string_view text) {
  regex_t compiled;
  if (text.empty() || regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, std::string(text).c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

}  // namespace

Expected<std::unique_ptr<DropSource>> openDropSource(const DropmonSettings& settings) {
  auto monitor = DropMonitor::open({settings.start, settings.software, settings.hardware});
  if (monitor) {
    log::info("Drops from the kernel's drop monitor");
    return std::unique_ptr<DropSource>(std::move(*monitor));
  }
  if (!settings.start || !settings.software) return std::unexpected(monitor.error());
  auto trace = DropTrace::open();
  if (!trace) return fail(monitor.error().text() + "; and " + trace.error().text());
  log::info("Drops from the kernel's tracepoint kfree_skb (" + monitor.error().text() + ")");
  return std::unique_ptr<DropSource>(std::move(*trace));
}

void DropNotifier::apply(const std::optional<DropmonSettings>& settings, std::uint32_t headerBytes) {
  headerBytes_ = headerBytes;
  const bool other = settings.has_value() != settings_.has_value() ||
                     (settings && (settings->start != settings_->start || settings->software != settings_->software ||
                                   settings->hardware != settings_->hardware));
  settings_ = settings;
  if (other) {
    close();
    restUntil_ = 0;
    complained_ = false;
    open(loop_.now());
  }
}

void DropNotifier::open(Nanos now) {
  if (!settings_ || source_ || now < restUntil_) return;
  auto opened = open_(*settings_);
  if (!opened) {
    restUntil_ = now + kRetryAfter;
    if (!std::exchange(complained_, true)) log::warning("dropmon { }: " + opened.error().text() + "; trying again");
    return;
  }
  source_ = std::move(*opened);
  tokens_ = 0;
  floods_ = 0;
  refill();
  loop_.watch(source_->fd(), [this] { source_->read([this](const DropEvent& event) { report(event); }); });
  timer_ = loop_.every(kRefill, [this] { refill(); });
}

void DropNotifier::close() {
  if (!source_) return;
  loop_.unwatch(source_->fd());
  loop_.cancel(timer_);
  source_.reset();
}

void DropNotifier::refill() {
  // A tenth of a second's worth at a time; less than one waits until it is one.
  const double most = std::max(1.0, settings_->limit * 0.1);
  tokens_ = std::min(tokens_ + settings_->limit * 0.1, most);
  // Some of what comes will be hidden or housekeeping: the source may report more than we pass on.
  source_->allow(static_cast<std::uint32_t>(most) * 4 + 8);
}

void DropNotifier::tick(Nanos now) {
  if (!source_) return open(now);
  const std::uint64_t heldBack = source_->takeHeldBack();
  seen_ += heldBack;
  book_.of({0, 0}).drops += static_cast<std::uint32_t>(heldBack);
  const std::uint64_t lastSecond = seen_ - std::exchange(seenBefore_, seen_);
  floods_ = lastSecond > settings_->max ? floods_ + 1 : 0;
  if (floods_ < settings_->maxTrip) return;
  log::warning("dropmon { }: " + std::to_string(lastSecond) + " drops in a second; no notifications for a minute");
  close();
  restUntil_ = now + kRest;
}

bool DropNotifier::isHidden(const DropEvent& event) const {
  if (!settings_->hide) return false;
  return matches(*settings_->hide, event.reason) || matches(*settings_->hide, event.function) ||
         matches(*settings_->hide, event.trap);
}

void DropNotifier::report(const DropEvent& event) {
  if ((event.etherType == 0 && !event.hardware) || isHousekeeping(event) || isHidden(event)) return;
  ++seen_;
  SourceNumbers& numbers = book_.of({0, 0});
  if (tokens_ < 1) {
    ++numbers.drops;
    return;
  }
  tokens_ -= 1;
  if (!sender_.isSending()) {
    (void)sender_.add(loop_.now(), {}, [](auto&) {});  // counted as suppressed; keeps no number
    return;
  }
  wire::Sample sample;
  sample.kind = wire::SampleKind::discard;
  sample.sequence = ++numbers.discard;
  sample.drops = numbers.drops;
  sample.input.value = event.inDevice;
  sample.reason = dropReasonCode(event);
  (void)sender_.add(loop_.now(), sample, [&](wire::DatagramWriter& writer) {
    const Bytes header = event.packet.first(std::min<std::size_t>(event.packet.size(), headerBytes_));
    const std::uint32_t protocol = event.ethernet ? 1 : event.etherType == 0x86DD ? 12 : 11;
    writer.add(wire::SampledHeader{protocol, event.length + kFcs, kFcs, header});
    if (!event.function.empty()) writer.add(wire::extended_function{event.function});
    if (!event.trap.empty() || !event.trapGroup.empty())
      writer.add(wire::extended_hw_trap{event.trapGroup, event.trap});
    if (settings_->reason && !event.reason.empty()) writer.add(wire::extended_linux_drop_reason{event.reason});
    writer.add(wire::extended_timestamp{static_cast<std::uint64_t>(event.time)});
  });
}

}  // namespace weir::agent
