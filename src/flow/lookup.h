#pragma once
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "flow/sample_fields.h"
#include "flow/value.h"

/// Key functions that look something up in a table which changes while the program runs (docs/enrichment.md).
namespace weir::flow {

class Forms;

/// What a table is about. One that is not there has no values.
enum class LookupKind : std::uint8_t {
  group,    ///< name: of the group set; address → class
  map,      ///< name: of the map; text → label
  country,  ///< name: attribute; address → text
  asn,      ///< name: attribute; address → number or text
  oui,      ///< no name; MAC address → vendor
  dns,      ///< no name; address → host name
  host,     ///< name: of the metric; MAC address → its value as text
  link,     ///< no name; port of the sample's agent → link of the topology
  node,     ///< no name; port → node, or the agent's host name
  ifname,   ///< no name; port → its name
};

/// A table by the name that a definition uses: `group:ipsource:g` asks for {group, "g"}.
struct LookupName {
  LookupKind kind = LookupKind::group;
  std::string name;
  friend auto operator<=>(const LookupName&, const LookupName&) = default;
};

/// What is looked up: the value of the function's argument, and the sample it is of.
struct LookupKey {
  const Forms& forms;
  const SampleFields& sample;
  const Value& value;
};

/// A table. Those that shards share are immutable and replaced as a whole.
class Lookup {
 public:
  virtual ~Lookup() = default;
  /// Fills number, or data and size; what `data` points at lives until the shard adopts other tables. False: the table
  /// has nothing about the key. Called for every sample: neither allocates nor waits.
  [[nodiscard]] virtual bool find(const LookupKey& key, Value& result) const = 0;
};

/// Tables by their names. Those of shards' snapshots are immutable.
using LookupTables = std::map<LookupName, std::shared_ptr<const Lookup>>;

/// The four or sixteen octets of a value that is an address.
[[nodiscard]] std::optional<Bytes> addressOctets(const Forms& forms, const Value& value);

}  // namespace weir::flow
