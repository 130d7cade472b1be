#pragma once
#include <linux/if.h>
#include <linux/if_arp.h>
#include <sys/socket.h>

#include "agent_host/network.h"

namespace weir::agent {

/// A network made up for a test.
struct NetworkBuilder {
  Network network;

  Link& link(std::uint32_t index, std::string name, std::string kind = "", std::uint64_t speed = 0) {
    Link out;
    out.index = index;
    out.name = std::move(name);
    out.kind = std::move(kind);
    out.flags = IFF_UP | IFF_RUNNING;
    out.operState = 6;
    out.hardwareType = ARPHRD_ETHER;
    out.mac = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)};
    out.speed = speed;
    if (out.name == "lo") out.flags |= IFF_LOOPBACK;
    network.links.push_back(out);
    return network.links.back();
  }
  NetworkBuilder& address(std::uint32_t index, std::string_view text, bool automatic = false) {
    network.addresses.push_back({index, IpAddress::parse(text).value(), automatic, true});
    return *this;
  }
};

/// A host without any interface.
struct NoNetwork : NetworkSource {
  [[nodiscard]] Expected<Network> read() override { return Network(); }
  void refreshCounters(Network&) override {}
};

}  // namespace weir::agent
