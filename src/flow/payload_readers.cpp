#include <optional>
#include <string>

#include "flow/reader_support.h"

/// Readers of what stands behind the fixed part of DNS, DHCP and LLDP messages and of 802.11 addresses. Every length is
/// the sender's word only: it is checked against what was captured.
namespace weir::flow::read {

using decode::Layer;
using decode::LayerRef;

namespace {

/// Octets inside one layer; `at` from its beginning.
class Window {
 public:
  Window(const SampleFields& s, Layer kind, unsigned n) : packet_(s.packet), layer_(findLayer(s, kind, n)) {}
  [[nodiscard]] const std::uint8_t* field(unsigned at, unsigned size) const { return packet_.field(layer_, at, size); }

 private:
  const decode::Packet& packet_;
  const LayerRef* layer_;
};

}  // namespace

// --- DNS (RFC 1035): the first question.

namespace {

constexpr unsigned kDnsHeader = 12;
constexpr unsigned kMostNameOctets = 255;
constexpr std::size_t kNameText = 512;

// RFC 4343: names are compared without regard to case; what is no printable character, or a dot inside a label, is
// escaped.
void putLabel(TextWriter& out, const std::uint8_t* label, unsigned size) {
  for (unsigned i = 0; i < size; ++i) {
    const std::uint8_t c = label[i];
    if (c == '.' || c == '\\') {
      out.put('\\');
      out.put(static_cast<char>(c));
    } else if (c < 0x21 || c > 0x7E) {
      out.put('\\');
      for (const unsigned unit : {100U, 10U, 1U}) out.put(static_cast<char>('0' + c / unit % 10));
    } else {
      out.put(static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
    }
  }
  out.put('.');
}

// Walks a name, which is written where `out` is given; the octet behind it. A pointer must point back (RFC 1035 4.1.4):
// so the walk ends, whatever the packet says.
std::optional<unsigned> walkName(const Window& dns, unsigned at, TextWriter* out) {
  std::optional<unsigned> behind;
  unsigned least = at;  // where the labels in hand begin
  unsigned total = 0;
  for (;;) {
    const std::uint8_t* p = dns.field(at, 1);
    if (p == nullptr) return std::nullopt;
    const unsigned size = *p;
    if (size == 0) break;
    if (size >= 0xC0) {
      p = dns.field(at, 2);
      if (p == nullptr) return std::nullopt;
      if (!behind) behind = at + 2;
      at = loadBe16(p) & 0x3FFF;
      if (at >= least) return std::nullopt;
      least = at;
      continue;
    }
    total += size + 1;
    if (size > 63 || total > kMostNameOctets) return std::nullopt;
    p = dns.field(at + 1, size);
    if (p == nullptr) return std::nullopt;
    if (out != nullptr) putLabel(*out, p, size);
    at += 1 + size;
  }
  if (out != nullptr && out->empty()) out->put('.');
  return behind ? behind : at + 1;
}

// Where type and class of the question stand.
const std::uint8_t* questionTail(const SampleFields& s, unsigned n) {
  const Window dns(s, Layer::dns, n);
  const std::uint8_t* questions = dns.field(4, 2);
  if (questions == nullptr || loadBe16(questions) == 0) return nullptr;
  const auto behind = walkName(dns, kDnsHeader, nullptr);
  return behind ? dns.field(*behind, 4) : nullptr;
}

}  // namespace

bool dnsName(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  const Window dns(s, Layer::dns, n);
  const std::uint8_t* questions = dns.field(4, 2);
  if (questions == nullptr || loadBe16(questions) == 0) return false;
  TextWriter out(scratch, kNameText);
  return walkName(dns, kDnsHeader, &out) && out.finish(v);
}
bool dnsType(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return number16(v, questionTail(s, n));
}
bool dnsClass(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = questionTail(s, n);
  return p != nullptr && number(v, loadBe16(p + 2));
}

// --- DHCP (RFC 2131, options RFC 2132)

namespace {

struct Octets {
  const std::uint8_t* data = nullptr;
  unsigned size = 0;
};

Octets dhcpOption(const SampleFields& s, unsigned n, unsigned code) {
  constexpr unsigned kCookieAt = 236;
  constexpr std::uint32_t kCookie = 0x63825363;
  constexpr unsigned kPad = 0, kEnd = 255;
  const Window dhcp(s, Layer::dhcp, n);
  const std::uint8_t* p = dhcp.field(kCookieAt, 4);
  if (p == nullptr || loadBe32(p) != kCookie) return {};
  unsigned at = kCookieAt + 4;
  while ((p = dhcp.field(at, 1)) != nullptr && *p != kEnd) {
    if (*p == kPad) {
      ++at;
      continue;
    }
    p = dhcp.field(at, 2);
    if (p == nullptr) return {};
    const unsigned size = p[1];
    if (p[0] == code) return {dhcp.field(at + 2, size), size};
    at += 2 + size;
  }
  return {};
}

// Some clients end their names with a zero octet.
bool dhcpText(const SampleFields& s, unsigned n, unsigned code, Value& v) {
  Octets option = dhcpOption(s, n, code);
  while (option.data != nullptr && option.size != 0 && option.data[option.size - 1] == 0) --option.size;
  return option.size != 0 && octets(v, option.data, option.size);
}

}  // namespace

bool dhcpType(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const Octets option = dhcpOption(s, n, 53);
  return option.data != nullptr && option.size == 1 && number(v, *option.data);
}
bool dhcpRequestedIp(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const Octets option = dhcpOption(s, n, 50);
  return option.size == 4 && octets(v, option.data, 4);
}
bool dhcpHostName(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return dhcpText(s, n, 12, v);
}
bool dhcpVendorClass(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return dhcpText(s, n, 60, v);
}
// Hardware type 1, Ethernet, has addresses of 6 octets.
bool dhcpClientMac(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::dhcp, n, 0, 34);
  return p != nullptr && p[1] == 1 && p[2] == 6 && octets(v, p + 28, 6);
}

// --- LLDP (IEEE 802.1AB 8.4, 8.5): type 7 bits, length 9 bits, value.

namespace {

Octets lldpValue(const SampleFields& s, unsigned n, unsigned type) {
  const Window lldp(s, Layer::lldp, n);
  unsigned at = 0;
  while (const std::uint8_t* p = lldp.field(at, 2)) {
    const unsigned head = loadBe16(p);
    const unsigned size = head & 0x1FF;
    if (head >> 9 == type) return {lldp.field(at + 2, size), size};
    if (head >> 9 == 0) break;
    at += 2 + size;
  }
  return {};
}

bool lldpText(const SampleFields& s, unsigned n, unsigned type, Value& v) {
  const Octets value = lldpValue(s, n, type);
  return value.size != 0 && octets(v, value.data, value.size);
}

// The first octet says what the identifier is: a MAC address, an address with its family, or text.
bool lldpId(const SampleFields& s, unsigned n, unsigned type, unsigned macSubtype, Scratch& scratch, Value& v) {
  const Octets id = lldpValue(s, n, type);
  if (id.data == nullptr || id.size < 2) return false;
  thread_local std::string text;
  text.clear();
  const unsigned addressSubtype = macSubtype + 1;
  if (id.data[0] == macSubtype && id.size == 7) {
    appendMac(text, id.data + 1);
  } else if (id.data[0] == addressSubtype && id.data[1] == 1 && id.size == 6) {
    appendIp4(text, id.data + 2);
  } else if (id.data[0] == addressSubtype && id.data[1] == 2 && id.size == 18) {
    appendIp6(text, id.data + 2);
  } else {
    return octets(v, id.data + 1, id.size - 1);
  }
  TextWriter out(scratch, text.size());
  out.put(text);
  return out.finish(v);
}

}  // namespace

bool lldpChassisId(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  return lldpId(s, n, 1, 4, scratch, v);
}
bool lldpPortId(const SampleFields& s, unsigned n, Scratch& scratch, Value& v) {
  return lldpId(s, n, 2, 3, scratch, v);
}
bool lldpTimeToLive(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  const Octets value = lldpValue(s, n, 3);
  return value.size == 2 && number16(v, value.data);
}
bool lldpPortDescription(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return lldpText(s, n, 4, v);
}
bool lldpSystemName(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return lldpText(s, n, 5, v);
}
bool lldpSystemDescription(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return lldpText(s, n, 6, v);
}

// --- IEEE 802.11: what the addresses mean is said by the to-DS and from-DS flags.

namespace {

constexpr unsigned kAddress1 = 4, kAddress2 = 10, kAddress3 = 16, kAddress4 = 24;

// Which address plays a part, by to-DS | from-DS << 1; 0: none.
using Part = unsigned[4];
constexpr Part kBssid = {kAddress3, kAddress1, kAddress2, 0};
constexpr Part kSource = {kAddress2, kAddress2, kAddress3, kAddress4};
constexpr Part kDestination = {kAddress1, kAddress3, kAddress1, kAddress3};

bool wlanAddress(const SampleFields& s, unsigned n, const Part& part, Value& v) {
  const std::uint8_t* p = layerField(s, Layer::wlan, n, 0, 2);
  if (p == nullptr || (p[0] >> 2 & 3) == 1) return false;  // control frames have receiver and transmitter only
  const unsigned at = part[p[1] & 3];
  return at != 0 && octets(v, layerField(s, Layer::wlan, n, at, 6), 6);
}

}  // namespace

bool wlanBssid(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return wlanAddress(s, n, kBssid, v);
}
bool wlanSource(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return wlanAddress(s, n, kSource, v);
}
bool wlanDestination(const SampleFields& s, unsigned n, Scratch&, Value& v) {
  return wlanAddress(s, n, kDestination, v);
}

}  // namespace weir::flow::read
