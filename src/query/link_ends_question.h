#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/agent_id.h"
#include "query/question.h"

namespace weir::query {

class LinkEndsQuery;

/// A port as its agent numbers it.
struct LinkPort {
  AgentId agent;
  std::uint32_t ifIndex = 0;
  friend auto operator<=>(const LinkPort&, const LinkPort&) = default;
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.ifIndex); }
};

/// The two ends of a link, with the names that the topology has for them.
struct LinkEndsResult {
  struct End {
    std::string node, port;
    std::optional<LinkPort> at;  ///< nothing: no agent tells of it
  };
  std::array<End, 2> ends;
};

/// Which ports a link of the topology connects.
struct LinkEndsQuestion {
  using Query = LinkEndsQuery;
  using Result = LinkEndsResult;
  static constexpr std::string_view kName = "linkEnds";
  std::string link;  ///< its name
};

}  // namespace weir::query
