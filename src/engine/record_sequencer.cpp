#include "engine/record_sequencer.h"

namespace weir::engine {

void RecordSequencer::publish(std::vector<Output>& outputs) {
  if (outputs.empty()) return;
  std::vector<ipfix::Record> exported;
  for (Output& output : outputs) {
    if (output.exported) exported.push_back(std::move(*output.exported));
    if (!output.logged) continue;
    if (auto* event = std::get_if<event::Event>(&output.record)) {
      event->id = events_.append(*event);
    } else if (auto* flow = std::get_if<event::FlowRecord>(&output.record)) {
      flow->id = flows_.append(*flow);
    }
    if (observe_) observe_(output);
  }
  outputs.clear();
  if (exporter_ != nullptr && !exported.empty()) exporter_->post(std::move(exported));
  if (wake_) wake_();
}

}  // namespace weir::engine
