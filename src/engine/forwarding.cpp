#include "engine/forwarding.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/value.hpp>
#include <cstring>

#include "json/read.h"

namespace weir::engine {

Expected<Forwarding> Forwarding::fromJson(const boost::json::value& body) {
  const auto* object = body.if_object();
  if (object == nullptr) return fail("expected a relay: an object with at least the member address");
  const auto member = [&](const char* name) {
    const auto* found = object->if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  };
  Forwarding out;
  const auto* address = member("address");
  if (address == nullptr) return fail("expected the address to send datagrams to", "address");
  const auto text = json::readString(*address, "address");
  if (!text) return std::unexpected(text.error());
  const auto parsed = IpAddress::parse(*text);
  if (!parsed) return fail("expected an IP address, not \"" + *text + "\"", "address");
  out.address = *parsed;
  if (const auto* port = member("port")) {
    const auto number = json::readNumber(*port, "port");
    if (!number) return std::unexpected(number.error());
    if (!(*number >= 1 && *number <= 65'535)) return fail("expected a UDP port, 1 to 65535", "port");
    out.port = static_cast<std::uint16_t>(*number);
  }
  if (const auto* agents = member("agents")) {
    const auto list = json::readStringList(*agents, "agents");
    if (!list) return std::unexpected(list.error());
    for (const std::string& each : *list) {
      const auto agent = IpAddress::parse(each);
      if (!agent) return fail("expected addresses of agents, not \"" + each + "\"", "agents");
      out.agents.push_back(*agent);
    }
  }
  return out;
}

void Forwarding::writeJson(JsonWriter& json) const {
  json.beginObject().member("address", address.text()).member("port", static_cast<unsigned>(port));
  if (!agents.empty()) {
    json.key("agents").beginArray();
    for (const IpAddress& agent : agents) json.string(agent.text());
    json.endArray();
  }
  json.endObject();
}

bool isOwnAddress(const IpAddress& address) {
  // The kernel knows: only to its own addresses can a socket be bound. 0.0.0.0 and :: mean this machine too.
  const bool v4 = address.family == IpAddress::Family::v4;
  const int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  std::memcpy(&in.sin_addr, address.octets.data(), 4);
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  std::memcpy(&in6.sin6_addr, address.octets.data(), 16);
  const int bound = v4 ? bind(fd, reinterpret_cast<const sockaddr*>(&in), sizeof in)
                       : bind(fd, reinterpret_cast<const sockaddr*>(&in6), sizeof in6);
  close(fd);
  return bound == 0;
}

}  // namespace weir::engine
