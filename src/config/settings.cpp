#include "config/settings.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "config/property_table.h"

namespace weir::config {

namespace {

/// sflow.rcvpktsbuffer counts packets of this size.
constexpr std::size_t kPacketOctets = 2'028;
constexpr std::size_t kLeastReceiveBuffer = 16U << 20;
constexpr std::size_t kMostReceiveBuffer = 1'000U << 20;  // Linux counts twice as much, in an int

double speedOf(const std::string& text) {
  if (text == "max") return std::numeric_limits<double>::infinity();
  return parseNumber(text).value_or(1);
}

std::vector<std::string> listOf(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

unsigned defaultShards() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::clamp(CPU_COUNT(&cores), 1, 4));
}

Expected<EngineSettings> settingsFrom(const Properties& properties) {
  for (auto& problem : properties.check())
    if (problem.fatal) return fail(std::move(problem.text));
  const auto number = [&](std::string_view name) { return static_cast<std::size_t>(properties.integer(name)); };
  EngineSettings s;
  s.sflowPort = static_cast<std::uint16_t>(number("sflow.port"));
  s.sflowAddress = IpAddress::parse(properties.text("sflow.address")).value_or(IpAddress{});
  s.receiveBufferBytes =
      std::clamp(number("sflow.rcvpktsbuffer") * kPacketOctets, kLeastReceiveBuffer, kMostReceiveBuffer);
  s.captureFile = properties.text("sflow.file");
  s.replaySpeed = speedOf(properties.text("sflow.file.speed"));
  s.replayLoop = properties.yes("sflow.file.loop");
  s.defineFile = properties.text("define.file");
  s.strictHints = properties.yes("hints.strict");
  for (const auto& [list, names] : {std::pair(&s.countryFiles, std::array{"geo.country", "geo.country6"}),
                                    std::pair(&s.asnFiles, std::array{"geo.asn", "geo.asn6"})}) {
    for (const char* name : names) {
      if (std::string file = properties.text(name); !file.empty()) list->push_back(std::move(file));
    }
  }
  s.vendorFile = properties.text("oui.names");
  if (properties.has("dns.servers")) s.dnsServers = properties.text("dns.servers");
  s.shards = properties.has("workers.number") ? static_cast<unsigned>(number("workers.number")) : defaultShards();
  s.eventsKept = number("events.max");
  s.flowsKept = number("flows.max");
  s.httpPort = static_cast<std::uint16_t>(number("http.port"));
  s.httpHost = properties.text("http.hostname");
  s.httpOrigins = listOf(properties.text("http.origins"));
  s.httpHosts = listOf(properties.text("http.hosts"));
  s.httpReadOnly = properties.yes("http.readonly");
  s.httpHtml = properties.yes("http.html");
  s.httpRest = properties.yes("http.rest") || s.httpHtml;
  s.httpLog = properties.yes("http.log");
  s.jsonIndent = static_cast<unsigned>(number("http.json.indent"));
  return s;
}

}  // namespace weir::config
