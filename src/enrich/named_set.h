#pragma once
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>

#include "base/error.h"
#include "flow/lookup.h"

namespace weir::enrich {

/// A group set or a map as a user defined it, ready to use.
struct NamedSet {
  std::string json;  ///< canonical, as GET answers it
  std::shared_ptr<const flow::Lookup> table;
};

/// Class → list of addresses and prefixes (docs/enrichment.md). The longest prefix that holds an address decides; where
/// two classes have the same one, the class that stands first. Takes seconds for a million prefixes: hold no lock
/// meanwhile.
[[nodiscard]] Expected<NamedSet> readGroup(const boost::json::value& body);

/// Label → list of values (docs/enrichment.md): a value is found by its text, numbers, MAC and IP addresses in any
/// spelling. Where two labels have the same value, the label that stands first.
[[nodiscard]] Expected<NamedSet> readMap(const boost::json::value& body);

}  // namespace weir::enrich
