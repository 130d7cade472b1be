#pragma once
#include <compare>
#include <string>

#include "base/agent_id.h"
#include "wire/datagram.h"

namespace weir::query {

/// A data source anywhere. Its order is the canonical order of answers: agent, numbered data sources, custom ones by
/// name.
struct SourceKey {
  AgentId agent;
  bool custom = false;
  wire::DataSource source;
  std::string name;  ///< of a custom data source
  static auto fields(auto& self, auto&& all) { return all(self.agent, self.custom, self.source, self.name); }
  friend auto operator<=>(const SourceKey&, const SourceKey&) = default;
};

/// ifIndex for class 0, otherwise `class.index`; the name of a custom one.
[[nodiscard]] std::string sourceText(const SourceKey& key);
[[nodiscard]] std::string sourceText(const wire::DataSource& source);

}  // namespace weir::query
