#pragma once
#include <vector>

#include "base/error.h"
#include "ingest/socket.h"
#include "ingest/udp.h"

namespace weir::ingest {

/// The bound sockets of UdpReceiver::openGroup, in the order of their shards.
[[nodiscard]] Expected<std::vector<Socket>> bindGroup(const UdpReceiver::Options& options);

}  // namespace weir::ingest
