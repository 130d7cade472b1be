#include "engine/port_lookup.h"

#include <algorithm>

#include "engine/agent_table.h"
#include "engine/flow_reader.h"
#include "engine/shard_context.h"
#include "query/port_view.h"

namespace weir::engine {

namespace {

void look(PortTexts& texts, const AgentState& agent, std::uint32_t ifIndex, const model::Topology& topology) {
  const auto source = agent.sources.find(wire::DataSource{0, ifIndex}.key());
  query::SourceView view = viewOf(topology, agent, source == agent.sources.end() ? nullptr : source->second);
  view.source = {0, ifIndex};
  query::PlaceNames names = query::placeNamesOf(view, topology);
  texts.edge = names.link.empty() && topology.hasAgent(view.agent, query::PortView(view).names().hostName);
  if (texts.names == nullptr || *texts.names != names) {
    texts.names = std::make_shared<const query::PlaceNames>(std::move(names));
  }
}

}  // namespace

const PortTexts* PortLookup::textsOf(const ShardContext& context, AgentState& agent, std::uint64_t ifIndex) {
  if (ifIndex == 0 || ifIndex >= 0x3FFFFFFF) return nullptr;
  auto& ports = agent.portTexts;
  const auto port = static_cast<std::uint32_t>(ifIndex);
  auto at = ports.find(port);
  if (at == ports.end()) {
    if (ports.size() >= kMaxPorts) return nullptr;
    at = ports.emplace(port, PortTexts()).first;
  }
  PortTexts& texts = at->second;
  const model::Topology& topology = *context.definitions->topology;
  if (texts.topology != &topology || context.now - texts.looked >= kSecond) {
    look(texts, agent, port, topology);
    texts.topology = &topology;
    texts.looked = context.now;
  }
  return &texts;
}

bool PortLookup::find(const flow::LookupKey& key, flow::Value& result) const {
  AgentState* agent = agents_.find(*key.sample.agent);
  const PortTexts* texts = agent == nullptr ? nullptr : textsOf(context_, *agent, key.value.number);
  if (texts == nullptr) return false;
  const std::string& text = (*texts->names).*text_;
  if (text.empty()) return false;
  result.data = reinterpret_cast<const std::uint8_t*>(text.data());
  result.size = static_cast<std::uint16_t>(std::min<std::size_t>(text.size(), UINT16_MAX));
  return true;
}

}  // namespace weir::engine
