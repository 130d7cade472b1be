#include "engine/record_sequencer.h"

namespace weir::engine {

void RecordSequencer::publish(std::vector<Output>& outputs) {
  if (outputs.empty()) return;
  std::vector<ipfix::Record> exported;
  for (Output& output : outputs) {
    if (output.exported) exported.push_back(std::move(*output.exported));
    if (!output.logged) continue;
    if (auto* event = std::get_if<event::Event>(&output.record)) {
      listeners_.appendAndTell(std::move(*event), [&](event::Event e) { return events_.append(std::move(e)); });
    } else if (auto* flow = std::get_if<event::FlowRecord>(&output.record)) {
      listeners_.appendAndTell(std::move(*flow), [&](event::FlowRecord f) { return flows_.append(std::move(f)); });
    }
  }
  outputs.clear();
  if (exporter_ != nullptr && !exported.empty()) exporter_->post(std::move(exported));
  listeners_.tell(LogsAppended{});
}

}  // namespace weir::engine
