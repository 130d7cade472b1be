#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "flow/lookup.h"

namespace weir::enrich {

/// Vendors of MAC addresses by their first three octets, the table of `oui:<key>:name`. File: IEEE's oui.txt
/// (`00-22-72   (hex)		Name`), or the list `manuf` of packet analyzers (`00:22:72	Short	Name`), of which
/// blocks smaller than 24 bits are left out.
[[nodiscard]] Expected<std::shared_ptr<const flow::Lookup>> readVendors(const std::string& path);

}  // namespace weir::enrich
