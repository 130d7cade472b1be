#include "engine/fabric_edge.h"

#include "engine/bounds.h"
#include "engine/port_lookup.h"
#include "flow/packet_sender.h"

namespace weir::engine {

bool FabricEdge::isEnteredBy(const wire::Sample& sample, const DataSourceState& source) const {
  if (context_.definitions->topology->empty()) return false;
  if (source.id.cls != 0 || sample.input.format != 0 || sample.input.value != source.id.index) return false;
  const PortTexts* texts = PortLookup::textsOf(context_, *source.agent, source.id.index);
  return texts != nullptr && texts->edge;
}

void FabricEdge::learnHost(const flow::SampleFields& fields, const DataSourceState& source) {
  const auto sender = flow::packetSender(fields);
  if (!sender) return;
  const model::HostLocations::Heard heard{sender->mac,  source.agent->id, source.id.index,
                                          sender->vlan, sender->address,  sender->told};
  if (!hosts_.note(heard, context_.now)) warnOfBound(Bound::hosts);
}

void FabricEdge::age(Nanos now) {
  constexpr Nanos kMinute = 60 * kSecond;
  const std::int64_t minute = now / kMinute;
  if (minute != agedMinute_) hosts_.expire(minute * kMinute);
  agedMinute_ = minute;
}

}  // namespace weir::engine
