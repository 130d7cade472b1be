#include "engine/collector.h"

namespace weir::engine {

void Collector::publish(std::vector<Output>& outputs) {
  if (outputs.empty()) return;
  for (Output& output : outputs) {
    if (auto* event = std::get_if<event::Event>(&output.record)) {
      event->id = events_.append(*event);
    } else if (auto* flow = std::get_if<event::FlowRecord>(&output.record)) {
      flow->id = flows_.append(*flow);
    }
    if (observe_) observe_(output);
  }
  outputs.clear();
  if (wake_) wake_();
}

}  // namespace weir::engine
