#include "encap_capture.h"

#include <boost/json/src.hpp>
#include <fstream>
#include <sstream>

#include "support/captures.h"

namespace weir::decode::test {

std::vector<std::uint8_t> unhex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  int digits = 0;
  unsigned value = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    value = value << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) {
      bytes.push_back(static_cast<std::uint8_t>(value));
      value = 0;
    }
  }
  return bytes;
}

std::string names(const Packet& packet) {
  std::string out;
  for (unsigned i = 0; i < packet.layerCount; ++i) {
    if (i != 0) out += '.';
    out += layerName(packet.layers[i].kind);
  }
  return out;
}

namespace {

std::optional<std::vector<SampledHeader>> headersOf(const std::string& capture) {
  const auto path = weir::test::capturePath(capture + ".expected.json");
  if (!path) return std::nullopt;
  std::ifstream file(*path);
  std::stringstream text;
  text << file.rdbuf();
  std::vector<SampledHeader> headers;
  const auto root = boost::json::parse(text.str());
  for (const auto& datagram : root.as_array()) {
    const auto& record = datagram.at("samples").at(0).at("records").at(0);
    SampledHeader h;
    h.protocol = record.at("protocol").to_number<std::uint32_t>();
    h.frameLength = record.at("frame_length").to_number<std::uint32_t>();
    h.stripped = record.at("stripped").to_number<std::uint32_t>();
    h.bytes = unhex(std::string_view(record.at("header").as_string()));
    if (const auto* origin = record.as_object().if_contains("origin")) h.origin = std::string(origin->as_string());
    headers.push_back(std::move(h));
  }
  return headers;
}

}  // namespace

std::optional<std::vector<SampledHeader>> encapHeaders() {
  return headersOf("encap-headers.pcap");
}

std::vector<SampledHeader> allHeaders() {
  std::vector<SampledHeader> headers = headersOf("headers.pcap").value();
  if (auto more = encapHeaders()) std::move(more->begin(), more->end(), std::back_inserter(headers));
  return headers;
}

}  // namespace weir::decode::test
