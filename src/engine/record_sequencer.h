#pragma once
#include <vector>

#include "engine/listeners.h"
#include "engine/output.h"
#include "event/log.h"
#include "ipfix/exporter.h"

namespace weir::engine {

/// Gives events and flow records their ids, keeps the newest of them, tells listeners, and hands records that are to be
/// exported to the exporter.
/// Thread: publish() from any shard; in replay from the driver, in the canonical order.
class RecordSequencer {
 public:
  /// `listeners` must outlive it.
  RecordSequencer(std::size_t eventsKept, std::size_t flowsKept, Listeners& listeners)
      : events_(eventsKept), flows_(flowsKept), listeners_(listeners) {}

  /// Takes what a shard made, and empties it.
  void publish(std::vector<Output>& outputs);

  /// Where records for IPFIX collectors go; it must outlive the last publish. Without it nothing is exported. Set
  /// before the first publish.
  void exportTo(ipfix::Exporter& exporter) { exporter_ = &exporter; }
  [[nodiscard]] bool exports() const { return exporter_ != nullptr; }

  [[nodiscard]] const event::RecordLog<event::Event>& events() const { return events_; }
  [[nodiscard]] const event::RecordLog<event::FlowRecord>& flows() const { return flows_; }

 private:
  event::RecordLog<event::Event> events_;
  event::RecordLog<event::FlowRecord> flows_;
  Listeners& listeners_;
  ipfix::Exporter* exporter_ = nullptr;
};

}  // namespace weir::engine
