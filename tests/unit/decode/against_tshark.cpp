// Every header of encap-headers.pcap, field by field, against what tshark 4.0 printed for it.
#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>

#include "encap_capture.h"
#include "support/captures.h"

namespace weir::decode {
namespace {

using Values = std::vector<std::string>;

/// Where we and tshark part, on purpose. `columns` is all that may, and must, differ in that row.
struct Exception {
  int firstRow, lastRow;
  const char* columns;
  const char* reason;
};
const Exception kExceptions[] = {
#include "tshark_exceptions.inc"
};

Values split(const std::string& text, char separator) {
  Values out;
  std::string part;
  for (const char c : text) {
    if (c == separator) {
      out.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  out.push_back(part);
  return out;
}

std::string join(const Values& values) {
  std::string out;
  for (const auto& v : values) {
    if (!out.empty()) out += ',';
    out += v;
  }
  return out;
}

std::string print(const char* format, unsigned value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string macText(const std::uint8_t* p) {
  char text[32];
  std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3], p[4], p[5]);
  return text;
}

std::string ipText(int family, const std::uint8_t* p) {
  char text[64];
  return inet_ntop(family, p, text, sizeof text) != nullptr ? text : "?";
}

unsigned number(const std::uint8_t* p, unsigned size) {
  unsigned v = 0;
  for (unsigned i = 0; i < size; ++i) v = v << 8 | p[i];
  return v;
}

/// A column that is a field at a fixed place of a layer.
struct Column {
  const char* name;
  Layer layer;
  unsigned at, size;
  std::function<std::string(const std::uint8_t*)> text;
};

std::function<std::string(const std::uint8_t*)> decimal(unsigned size, unsigned shift = 0, unsigned mask = ~0u) {
  return [=](const std::uint8_t* p) { return print("%u", number(p, size) >> shift & mask); };
}

const Column kColumns[] = {
    {"eth.dst", Layer::eth, 0, 6, macText},
    {"eth.src", Layer::eth, 6, 6, macText},
    {"ip.src", Layer::ip, 12, 4, [](const std::uint8_t* p) { return ipText(AF_INET, p); }},
    {"ip.dst", Layer::ip, 16, 4, [](const std::uint8_t* p) { return ipText(AF_INET, p); }},
    {"ip.proto", Layer::ip, 9, 1, decimal(1)},
    {"ip.frag_offset", Layer::ip, 6, 2, decimal(2, 0, 0x1FFF)},
    {"ipv6.src", Layer::ip6, 8, 16, [](const std::uint8_t* p) { return ipText(AF_INET6, p); }},
    {"ipv6.dst", Layer::ip6, 24, 16, [](const std::uint8_t* p) { return ipText(AF_INET6, p); }},
    {"ipv6.nxt", Layer::ip6, 6, 1, decimal(1)},
    {"tcp.srcport", Layer::tcp, 0, 2, decimal(2)},
    {"tcp.dstport", Layer::tcp, 2, 2, decimal(2)},
    {"tcp.flags", Layer::tcp, 12, 2, [](const std::uint8_t* p) { return print("0x%04x", number(p, 2) & 0xFFF); }},
    {"udp.srcport", Layer::udp, 0, 2, decimal(2)},
    {"udp.dstport", Layer::udp, 2, 2, decimal(2)},
    {"icmp.type", Layer::icmp, 0, 1, decimal(1)},
    {"icmp.code", Layer::icmp, 1, 1, decimal(1)},
    {"icmpv6.type", Layer::icmp6, 0, 1, decimal(1)},
    {"icmpv6.code", Layer::icmp6, 1, 1, decimal(1)},
    {"gre.proto", Layer::gre, 2, 2, [](const std::uint8_t* p) { return print("0x%04x", number(p, 2)); }},
    {"vxlan.vni", Layer::vxlan, 4, 3, decimal(3)},
    {"geneve.vni", Layer::geneve, 4, 3, [](const std::uint8_t* p) { return print("0x%06x", number(p, 3)); }},
    {"gtp.teid", Layer::gtp, 4, 4, [](const std::uint8_t* p) { return print("0x%08x", number(p, 4)); }},
    {"pppoe.session_id", Layer::pppoe, 2, 2, [](const std::uint8_t* p) { return print("0x%04x", number(p, 2)); }},
    {"arp.opcode", Layer::arp, 6, 2, decimal(2)},
    {"esp.spi", Layer::esp, 0, 4, [](const std::uint8_t* p) { return print("0x%08x", number(p, 4)); }},
    {"sctp.srcport", Layer::sctp, 0, 2, decimal(2)},
    {"sctp.dstport", Layer::sctp, 2, 2, decimal(2)},
};

std::map<std::string, Values> ours(const Packet& packet) {
  std::map<std::string, Values> out;
  for (unsigned i = 0; i < packet.layerCount; ++i) {
    const LayerRef& ref = packet.layers[i];
    for (const Column& column : kColumns) {
      if (ref.kind != column.layer) continue;
      if (const auto* p = packet.field(&ref, column.at, column.size)) out[column.name].push_back(column.text(p));
    }
    const std::uint8_t* p = packet.bytes.data() + ref.offset;
    // tshark has other columns for 802.1ad tags.
    if (ref.kind == Layer::vlan && ref.value != 0x88A8) out["vlan.id"].push_back(print("%u", number(p, 2) & 0xFFF));
    if (ref.kind == Layer::mpls) {
      for (unsigned n = 0; n < ref.value; ++n) out["mpls.label"].push_back(print("%u", number(p + 4 * n, 4) >> 12));
    }
    if (ref.kind == Layer::wlan && ref.headerLength >= 24) {
      const bool toDs = (p[1] & 1) != 0, fromDs = (p[1] & 2) != 0;
      out["wlan.da"].push_back(macText(toDs ? p + 16 : p + 4));
      out["wlan.sa"].push_back(macText(fromDs ? (toDs ? p + 24 : p + 16) : p + 10));
    }
  }
  return out;
}

TEST(AgainstTshark, EveryHeaderOfEncapHeaders) {
  const auto headers = test::encapHeaders();
  const auto path = weir::test::capturePath("encap-headers.pcap.tshark.tsv");
  if (!headers || !path) GTEST_SKIP() << "captures absent: set WEIR_CAPTURES";

  std::ifstream file(*path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const Values titles = split(line, '\t');
  std::vector<std::string> compared;
  for (const Column& column : kColumns) compared.emplace_back(column.name);
  compared.insert(compared.end(), {"vlan.id", "mpls.label", "wlan.da", "wlan.sa"});
  // The first occurrence of these belongs to the datagram that carried the sample.
  const Values outer = {"eth.src",  "eth.dst",        "ip.src",      "ip.dst",
                        "ip.proto", "ip.frag_offset", "udp.srcport", "udp.dstport"};

  int row = 0;
  int agree = 0;
  int explained = 0;
  std::size_t values = 0;
  while (std::getline(file, line)) {
    const auto& header = headers->at(static_cast<std::size_t>(row++));
    const Values cells = split(line, '\t');
    ASSERT_EQ(cells.size(), titles.size()) << "row " << row;
    Packet packet;
    decodeHeader(header.protocol, header.frameLength, header.stripped, header.bytes, packet);
    auto mine = ours(packet);

    Values differing;
    std::string details;
    for (const auto& name : compared) {
      const auto at = static_cast<std::size_t>(std::find(titles.begin(), titles.end(), name) - titles.begin());
      ASSERT_LT(at, titles.size()) << name;
      std::string theirs = cells[at];
      if (std::find(outer.begin(), outer.end(), name) != outer.end()) {
        const auto comma = theirs.find(',');
        theirs = comma == std::string::npos ? "" : theirs.substr(comma + 1);
      }
      values += mine[name].size();
      if (join(mine[name]) == theirs) continue;
      differing.push_back(name);
      details += "\n  " + name + ": ours \"" + join(mine[name]) + "\", tshark \"" + theirs + "\"";
    }

    std::string excused;
    for (const Exception& e : kExceptions) {
      if (row >= e.firstRow && row <= e.lastRow) excused = e.columns;
    }
    Values allowed = split(excused, ' ');
    if (excused.empty()) allowed.clear();
    std::sort(allowed.begin(), allowed.end());
    std::sort(differing.begin(), differing.end());
    EXPECT_EQ(join(differing), join(allowed))
        << "row " << row << " " << header.origin << " " << cells[2] << "\n  " << test::names(packet) << details;
    if (differing.empty()) {
      ++agree;
    } else if (differing == allowed) {
      ++explained;
    }
  }
  EXPECT_EQ(static_cast<std::size_t>(row), headers->size());
  std::printf("tshark: %d of %d rows agree in full (%zu values), %d differ as listed\n", agree, row, values, explained);
}

}  // namespace
}  // namespace weir::decode
