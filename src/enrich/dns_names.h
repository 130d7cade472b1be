#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "flow/lookup.h"

namespace weir::enrich {

/// What a resolver found out about an address.
struct DnsAnswer {
  IpAddress address;
  std::string name;  ///< with trailing dot; empty: it has none
  Nanos lifetime = 0;
};

/// The host names that one shard knows, the table of `dns:`. A look-up never waits: an address that is not known is put
/// on a list for the resolver and has no value until its answer comes. A name that grew too old stays in use while it
/// is asked for again.
///
/// Bounded: kEntries addresses, of which the one that was least recently looked up in its set of kWays makes room, and
/// kMaxWanted addresses to ask for at a time. Without ask() nothing is ever put on the list.
/// Thread: the shard's.
class DnsNames final : public flow::Lookup {
 public:
  static constexpr std::size_t kEntries = 32'768;
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kMaxWanted = 1'024;
  static constexpr Nanos kPatience = 30 * kSecond;  ///< an address without answer is asked for again after this

  DnsNames() : entries_(kEntries) { wanted_.reserve(kMaxWanted); }

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override;

  /// Time of what is looked up from now on.
  void setTime(Nanos now) { now_ = now; }
  [[nodiscard]] bool wants() const { return !wanted_.empty(); }
  /// Addresses to ask for, each once.
  [[nodiscard]] std::vector<IpAddress> takeWanted();
  /// Answers to addresses that were forgotten meanwhile are dropped.
  void put(std::vector<DnsAnswer> answers);

 private:
  struct Entry {
    IpAddress address;
    Nanos used = 0;
    Nanos askAgain = 0;
    std::string name;
  };
  [[nodiscard]] Entry* setOf(const IpAddress& address) const;
  [[nodiscard]] static Entry* in(Entry* set, const IpAddress& address);

  Nanos now_ = 0;
  // Looking up notes what to ask for: a cache, of one thread.
  mutable std::vector<Entry> entries_;
  mutable std::vector<IpAddress> wanted_;
};

}  // namespace weir::enrich
