#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

namespace weir {

/// Which sFlow agent: the address in its datagrams. Where several devices have the same one, the address alone is one
/// of them, and each other is told apart by the sender of its datagrams, which is part of its name then.
/// Order: by address, then by sender, none first: the canonical order of agents everywhere.
struct AgentId {
  IpAddress address;  ///< family none: no agent
  IpAddress sender;   ///< family none: the address is enough

  AgentId() = default;
  AgentId(const IpAddress& agent)
      : address(agent) {}  // NOLINT(google-explicit-constructor): nearly always the whole of it
  AgentId(const IpAddress& agent, const IpAddress& from) : address(agent), sender(from) {}

  /// The text of an address, or of two with `@` between them, in any case.
  [[nodiscard]] static std::optional<AgentId> parse(std::string_view text);
  /// `10.0.0.30`, `10.0.0.30@192.0.2.2`; no agent as "".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t hash() const;

  static auto fields(auto& self, auto&& all) { return all(self.address, self.sender); }
  friend auto operator<=>(const AgentId&, const AgentId&) = default;
};

}  // namespace weir
