#pragma once
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace weir {

/// What a name server says of a host.
struct HostAddresses {
  std::vector<IpAddress> list;  ///< IPv4 first
  Nanos lifetime = 0;           ///< as the records say
};

}  // namespace weir
