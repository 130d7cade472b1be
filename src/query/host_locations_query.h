#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "query/context.h"
#include "query/host_locations_question.h"
#include "query/selector.h"
#include "query/shard_view.h"

namespace weir::query {

/// HostLocationsQuestion, understood. Immutable: shared by the shards.
class HostLocationsQuery {
 public:
  using Question = HostLocationsQuestion;
  static constexpr bool kOfFlows = false;
  [[nodiscard]] static Outcome<HostLocationsQuery> prepare(const HostLocationsQuestion& question,
                                                           const Context& context);

  using Partial = std::vector<FoundHost>;
  bool visit(ShardView& shard, Partial& partial) const;
  static void merge(Partial& into, Partial&& from);
  /// Each host once, where it was heard last.
  [[nodiscard]] Outcome<HostLocationsResult> finish(Partial&& partial) const;

 private:
  /// A MAC address or an IP address; neither: any.
  struct HostName {
    std::optional<std::uint64_t> mac;
    IpAddress address;
    [[nodiscard]] static Expected<HostName> parse(std::string_view text);
    [[nodiscard]] bool isOf(const model::HostLocation& host) const;
  };
  HostLocationsQuery(HostName name, AgentSelector selector, std::size_t most, const Context& context)
      : name_(name), selector_(std::move(selector)), most_(most), topology_(context.topology), asked_(context.now) {}
  [[nodiscard]] FoundHost withNames(const model::HostLocation& host, const ShardView& shard) const;

  HostName name_;
  AgentSelector selector_;
  std::size_t most_;
  std::shared_ptr<const model::Topology> topology_;
  Nanos asked_;
};

}  // namespace weir::query
