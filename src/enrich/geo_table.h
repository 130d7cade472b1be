#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "flow/lookup.h"

/// Countries and autonomous systems of addresses, from files that are read once, at start.
namespace weir::enrich {

/// The tables of `country:`, one an attribute (code, name, both). Files: MaxMind databases (MMDB, with
/// `country.iso_code` and `country.names.en`, or `country_code`) or, with the ending .csv, lines
/// `first,last,code[,name]` or `prefix,code[,name]`. A later file wins. Where there is no name, the code stands for it.
[[nodiscard]] Expected<flow::LookupTables> readCountries(const std::vector<std::string>& files);

/// The tables of `asn:` (number, descr, both). MMDB with `autonomous_system_number` and
/// `autonomous_system_organization`, or CSV `first,last,number[,description]`. Number 0 means none.
[[nodiscard]] Expected<flow::LookupTables> readAsns(const std::vector<std::string>& files);

}  // namespace weir::enrich
