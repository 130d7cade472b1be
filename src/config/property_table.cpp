#include "config/property_table.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/address.h"
#include "base/edit_distance.h"

namespace weir::config {

namespace {

using enum PropertyType;
using enum PropertyStatus;

constexpr std::int64_t kMaxPort = 65'535;
constexpr std::int64_t kMaxKept = 10'000'000;

// Names and defaults are those of sFlow-RT; (weir) marks properties that sFlow-RT does not have.
constexpr PropertyInfo kTable[] = {
    {"sflow.port", "6343", integer, works, "UDP port for sFlow; 0: any free port", 0, kMaxPort},
    {"sflow.address", "(all)", address, works, "address to listen on for sFlow (weir)"},
    {"sflow.file", "", file, works, "capture file to replay (pcap, pcapng) instead of listening"},
    {"sflow.file.speed", "1", speed, works, "replay speed: 1 is the recorded pace, max as fast as possible (weir)"},
    {"sflow.file.loop", "no", yesNo, works, "repeat the capture when it ends (weir)"},
    {"sflow.rcvpktsbuffer", "1000", integer, works,
     "receive buffer in packets of 2028 octets; at least 16 MiB, at most 1000 MiB", 1, 1'000'000},
    {"define.file", "", file, works, "JSON file of flows, thresholds, groups and topology to load at start (weir)"},
    {"workers.number", "(cores, at most 4)", integer, works, "number of shards; each has a socket and a thread", 1, 64},
    {"workers.maxqueue", "400", integer, ignored, "queue of a worker; see sflow.rcvpktsbuffer", 1, 1'000'000},
    {"events.max", "1000", integer, works, "number of events kept", 1, kMaxKept},
    {"flows.max", "1000", integer, works, "number of flow records kept", 1, kMaxKept},
    {"hints.strict", "no", yesNo, works, "refuse definitions and requests with hints on probable mistakes (weir)"},
    {"http.port", "8008", integer, works, "TCP port of the REST API and the pages; 0: any free port", 0, kMaxPort},
    {"http.hostname", "(all)", host, works, "address to listen on for HTTP"},
    {"http.log", "no", yesNo, works, "log each request"},
    {"http.html", "yes", yesNo, works, "serve HTML pages"},
    {"http.html.redirect", "./html/index.html", text, works, "page shown for /"},
    {"http.origins", "", origins, works, "origins whose pages may make changes, as https://noc.example:8443 (weir)"},
    {"http.hosts", "", hosts, works,
     "further names of this server; pages under other names are refused changes (weir)"},
    {"http.readonly", "no", yesNo, works, "refuse all requests that change something"},
    {"http.rest", "yes", yesNo, works, "no disables the REST API if http.html is disabled, too"},
    {"http.json.indent", "0", integer, works, "indentation of JSON answers in blanks; 0: compact", 0, 16},
    {"http.requestheadersize", "4096", integer, ignored, "size of the request header buffer", 0, 1 << 30},
    {"http.responseheadersize", "4096", integer, ignored, "size of the response header buffer", 0, 1 << 30},
    {"http.requestbuffersize", "8192", integer, ignored, "size of the request body buffer", 0, 1 << 30},
    {"http.responsebuffersize", "32768", integer, ignored, "size of the response body buffer", 0, 1 << 30},
    {"system.propertyFiles", "(see below)", files, works, "property files to read instead of the default ones"},
    {"script.file", "", files, later, "scripts to start"},
    {"script.store", "store", text, later, "directory of persistent script values"},
    {"geo.country", "", file, works, "countries of addresses for country: (MaxMind .mmdb, or .csv)"},
    {"geo.asn", "", file, works, "autonomous systems of addresses for asn: (MaxMind .mmdb, or .csv)"},
    {"geo.country6", "", file, works, "additional file of countries, for IPv6"},
    {"geo.asn6", "", file, works, "additional file of AS numbers, for IPv6"},
    {"oui.names", "", file, works, "vendors of MAC addresses for oui:…:name (oui.txt or manuf)"},
    {"dns.servers", "(those of the system)", addresses, works,
     "name servers for dns: (only while listening) and IPFIX collectors"},
    {"prometheus.metric.prefix", "sflow_", text, works, "prefix of exported metric names, other than sflow_analyzer_"},
    {"prometheus.type", "yes", yesNo, works, "# HELP and # TYPE lines in Prometheus text"},
    {"snmp.ifname", "no", yesNo, later, "read sysName and ifName by SNMP"},
    {"snmp.version", "2c", choice, later, "SNMP version", 0, 0, "1 2c 3"},
    {"snmp.community", "public", text, later, "SNMP community"},
    {"snmp.user", "", text, later, "SNMP v3 user"},
    {"snmp.authprotocol", "", choice, later, "SNMP v3 authentication", 0, 0, "md5 sha"},
    {"snmp.authpasswd", "", text, later, "SNMP v3 authentication password"},
    {"snmp.privprotocol", "", choice, later, "SNMP v3 privacy", 0, 0, "des 3des aes128 aes192 aes256"},
    {"snmp.privpasswd", "", text, later, "SNMP v3 privacy password"},
    {"bgp.start", "no", yesNo, later, "open the BGP listener"},
    {"bgp.port", "1179", integer, later, "TCP port for BGP", 0, kMaxPort},
    {"openflow.controller.start", "no", yesNo, ignored, "OpenFlow controller of old versions"},
    {"openflow.controller.port", "6633", integer, ignored, "its TCP port", 0, kMaxPort},
    {"openflow.controller.threads", "1", integer, ignored, "its threads", 1, 64},
    {"openflow.controller.addNormal", "no", yesNo, ignored, "its default rule"},
    {"openflow.controller.flushRules", "yes", yesNo, ignored, "its rules at start"},
    {"version.check", "no", yesNo, ignored, "check for new versions; weir opens no connection of its own"},
};

std::string_view firstPart(std::string_view name) {
  return name.substr(0, name.find('.'));
}

std::string lowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

template <class Each>
void forEachItem(std::string_view list, char separator, const Each& each) {
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    each(list.substr(0, end));
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

std::optional<std::string> fileProblem(std::string_view path) {
  const std::string name(path);
  std::error_code unused;
  if (std::filesystem::is_directory(name, unused)) return "\"" + name + "\" is a directory, expected a file";
  if (access(name.c_str(), R_OK) != 0) return "\"" + name + "\" cannot be read: " + std::strerror(errno);
  return std::nullopt;
}

bool isHostName(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

/// scheme "://" host [ ":" port ], as browsers write an origin (RFC 6454 section 6.2).
bool isOrigin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !isHostName(text.substr(0, colon))) return false;
  std::string_view host = text.substr(colon + 3);
  if (const std::size_t port = host.rfind(':'); port != std::string_view::npos && !host.ends_with(']')) {
    const auto number = parseInteger(host.substr(port + 1));
    if (!number || *number > kMaxPort) return false;
    host = host.substr(0, port);
  }
  if (host.starts_with('[') && host.ends_with(']'))
    return IpAddress::parse(host.substr(1, host.size() - 2)).has_value();
  return isHostName(host);
}

template <class Fits>
bool eachFits(std::string_view list, const Fits& fits) {
  bool good = !list.empty();
  forEachItem(list, ',', [&](std::string_view item) { good = good && fits(item); });
  return good;
}

bool isChoice(std::string_view choices, std::string_view value) {
  bool found = false;
  forEachItem(choices, ' ', [&](std::string_view item) { found = found || item == value; });
  return found;
}

bool fits(const PropertyInfo& info, std::string_view value) {
  switch (info.type) {
    case yesNo:
      return value == "yes" || value == "no";
    case integer: {
      const auto number = parseInteger(value);
      return number && *number >= info.least && *number <= info.most;
    }
    case speed: {
      const auto number = parseNumber(value);
      return value == "max" || (number && *number > 0);
    }
    case choice:
      return isChoice(info.choices, value);
    case host:
      return IpAddress::parse(value) || isHostName(value);
    case address:
      return IpAddress::parse(value).has_value();
    case addresses:
      return eachFits(value, [](std::string_view item) { return IpAddress::parse(item).has_value(); });
    case hosts:
      return eachFits(value, [](std::string_view item) { return IpAddress::parse(item) || isHostName(item); });
    case origins:
      return eachFits(value, isOrigin);
    case text:
    case file:
    case files:
      return true;
  }
  return true;
}

std::string_view statusText(PropertyStatus status) {
  switch (status) {
    case works:
      return "works";
    case later:
      return "accepted, later";
    case ignored:
      return "accepted, no effect";
  }
  return "";
}

}  // namespace

std::span<const PropertyInfo> propertyTable() {
  return kTable;
}

const PropertyInfo* findProperty(std::string_view name) {
  const auto* it = std::find_if(std::begin(kTable), std::end(kTable), [&](const auto& p) { return p.name == name; });
  return it == std::end(kTable) ? nullptr : it;
}

std::string expectation(const PropertyInfo& info) {
  switch (info.type) {
    case yesNo:
      return "yes or no";
    case integer:
      return "a number from " + std::to_string(info.least) + " to " + std::to_string(info.most);
    case speed:
      return "a number above 0, or max";
    case choice: {
      std::string out = "one of";
      forEachItem(info.choices, ' ', [&](std::string_view item) { (out += out.size() > 6 ? ", " : " ") += item; });
      return out;
    }
    case host:
      return "an IP address or a host name";
    case address:
      return "an IP address";
    case addresses:
      return "IP addresses, comma separated";
    case hosts:
      return "host names, comma separated";
    case origins:
      return "origins (scheme://host:port), comma separated";
    case text:
      return "text";
    case file:
      return "a file that can be read";
    case files:
      return "files, comma separated";
  }
  return "";
}

std::optional<std::string> valueProblem(const PropertyInfo& info, std::string_view value) {
  if (!fits(info, value)) return "\"" + std::string(value) + "\", expected " + expectation(info);
  std::optional<std::string> problem;
  if (info.type == file && !value.empty() && value != "-") problem = fileProblem(value);
  if (info.type == files)
    forEachItem(value, ',', [&](std::string_view item) {
      if (!problem) problem = fileProblem(item);
    });
  return problem;
}

bool sharesPrefix(std::string_view name) {
  return std::any_of(std::begin(kTable), std::end(kTable),
                     [&](const auto& p) { return firstPart(p.name) == firstPart(name); });
}

const PropertyInfo* nearestProperty(std::string_view name) {
  constexpr std::size_t kLongest = 80;  // no known name is near a longer one, and the distance costs its square
  if (name.size() > kLongest) return nullptr;
  const bool known = sharesPrefix(name);
  const std::string wanted = lowerCase(name);
  const PropertyInfo* best = nullptr;
  std::size_t least = known ? kLongest : std::min<std::size_t>(2, name.size() / 4) + 1;
  for (const auto& p : kTable) {
    if (known && firstPart(p.name) != firstPart(name)) continue;
    const std::size_t distance = editDistance(wanted, lowerCase(p.name));
    if (distance >= least) continue;
    least = distance;
    best = &p;
  }
  return best;
}

std::string propertyReference() {
  std::string out =
      "# System properties\n\n"
      "<!-- Made by propertyReference() from src/config/property_table.cpp; a test compares. Do not edit. -->\n\n"
      "A property is set by `-Dname=value` on the command line, by `-Dname=value` in the environment variable RTPROP,\n"
      "or by a line `name=value` in a property file, in this order of precedence. Files: those named by\n"
      "`-Dsystem.propertyFiles=a.conf,b.conf`, else `/usr/local/sflow-rt/conf.d/sflow-rt.conf`, the other `*.conf`\n"
      "there and `/etc/weir/*.conf`, a later one before an earlier one. Lines that begin with `#` are comments.\n"
      "`weir --check` reports mistakes with file and line. Names that are not listed are kept for scripts\n"
      "and apps; a name that looks misspelt gives a warning.\n\n"
      "| property | default | value | meaning | status |\n|---|---|---|---|---|\n";
  for (const auto& p : kTable) {
    out += "| `" + std::string(p.name) + "` | " + std::string(p.defaultText) + " | " + expectation(p) + " | " +
           std::string(p.meaning) + " | " + std::string(statusText(p.status)) + " |\n";
  }
  return out;
}

std::string propertyHelp() {
  std::string out;
  for (const auto& p : kTable) {
    if (p.status != works) continue;
    std::string left = "  " + std::string(p.name);
    if (!p.defaultText.empty()) left += p.defaultText.front() == '(' ? " " : "=";
    left += p.defaultText;
    left.resize(std::max<std::size_t>(left.size() + 2, 40), ' ');
    out += left + std::string(p.meaning) + "\n";
  }
  return out;
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
  std::int64_t value = 0;
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parseNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace weir::config
