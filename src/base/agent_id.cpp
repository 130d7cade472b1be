#include "base/agent_id.h"

#include "base/hash.h"

namespace weir {

std::optional<AgentId> AgentId::parse(std::string_view text) {
  const std::size_t at = text.find('@');
  const auto address = IpAddress::parse(text.substr(0, at));
  if (!address) return std::nullopt;
  if (at == text.npos) return AgentId(*address);
  const auto sender = IpAddress::parse(text.substr(at + 1));
  if (!sender) return std::nullopt;
  return AgentId(*address, *sender);
}

std::string AgentId::text() const {
  std::string out = address.text();
  if (sender.family != IpAddress::Family::none) out += '@' + sender.text();
  return out;
}

std::uint64_t AgentId::hash() const {
  const std::uint64_t hash = address.hash();
  return sender.family == IpAddress::Family::none ? hash : mixHash(hash, sender.hash());
}

}  // namespace weir
