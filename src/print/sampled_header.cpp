#include "print/sampled_header.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace weir::print {

namespace {

constexpr std::uint32_t kEthernet = 1, kIpv4 = 11, kIpv6 = 12, kIeee80211 = 15;
constexpr std::uint8_t kIcmp = 1, kTcp = 6, kUdp = 17;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kMostKept = 65535;
constexpr unsigned kMostTags = 8;
constexpr unsigned kMostExtensions = 16;

bool isVlanTag(std::uint16_t type) {
  return type == 0x8100 || type == 0x88A8 || type == 0x9100 || type == 0x9200 || type == 0x9300;
}

bool isIpv6Extension(std::uint8_t next) {
  return next == 0 || next == 43 || next == 44 || next == 51 || next == 60;
}

/// "name" for the first of its kind, "name.1" for the second and so on.
std::string numbered(std::string_view name, unsigned n) {
  std::string out(name);
  if (n != 0) out.append(".").append(std::to_string(n));
  return out;
}

/// Reads one header from its front to the ports, writing as it goes.
class HeaderWriter {
 public:
  HeaderWriter(LineWriter& out, const SampledHeader& header, const DatagramMemory* memory)
      : out_(out), header_(header), bytes_(header.bytes), memory_(memory) {}

  void ethernet();
  void wlan();
  void ipv4(std::size_t at);
  void ipv6(std::size_t at);

 private:
  /// `size` octets from `at`, or nullptr.
  [[nodiscard]] const std::uint8_t* field(std::size_t at, std::size_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at ? bytes_.data() + at : nullptr;
  }
  void mac(std::string_view name, std::size_t at) { out_.hexMember(name, bytes_.subspan(at, 6)); }
  bool vlanTags(std::size_t& at, std::uint16_t& type);
  bool llc(std::size_t& at, std::uint16_t& type);
  void ipSize(std::size_t at);
  bool ipv6Extensions(std::size_t& at, std::uint8_t& next);
  void transport(std::uint8_t protocol, std::size_t at);
  void tcpFlags(std::size_t at);

  LineWriter& out_;
  const SampledHeader& header_;
  Bytes bytes_;
  const DatagramMemory* memory_;
};

void HeaderWriter::ethernet() {
  if (field(0, 14) == nullptr) return;
  mac("dstMAC", 0);
  mac("srcMAC", 6);
  std::uint16_t type = loadBe16(bytes_.data() + 12);
  std::size_t at = 14;
  if (!vlanTags(at, type)) return;
  if (type <= 1500 && !llc(at, type)) return;
  // An EtherType is shown of headers that could hold IP, by their whole length.
  if (bytes_.size() < kIpv4Header) return;
  out_.member("ethernet_type", std::uint32_t{type});
  const std::uint8_t* ip = field(at, 1);
  if (ip == nullptr) return;
  if (type == 0x0800 && field(at, kIpv4Header) != nullptr && *ip >> 4 == 4 && (*ip & 15) >= 5) ipv4(at);
  if (type == 0x86DD && *ip >> 4 == 6) ipv6(at);
}

/// Moves behind the tags; false where one is cut short.
bool HeaderWriter::vlanTags(std::size_t& at, std::uint16_t& type) {
  for (unsigned n = 0; n < kMostTags && isVlanTag(type); ++n) {
    const std::uint8_t* tag = field(at, 4);
    if (tag == nullptr) return false;
    const std::uint32_t tci = loadBe16(tag);
    out_.member(numbered("decodedVLAN", n), tci & 0xFFF);
    out_.member(numbered("decodedPriority", n), tci >> 13);
    type = loadBe16(tag + 2);
    at += 4;
  }
  return true;
}

/// Moves behind LLC and SNAP to an EtherType; false where there is none.
bool HeaderWriter::llc(std::size_t& at, std::uint16_t& type) {
  // IP over IEEE 802.2: protocol 6 at both ends, and a control octet.
  if (const std::uint8_t* ip = field(at, 3); ip != nullptr && ip[0] == 6 && ip[1] == 6 && (ip[2] & 1) != 0) {
    type = 0x0800;
    at += 3;
    return true;
  }
  const std::uint8_t* snap = field(at, 8);
  if (snap == nullptr || snap[0] != 0xAA || snap[1] != 0xAA || snap[2] != 3) return false;
  if (snap[3] != 0 || snap[4] != 0 || snap[5] != 0) {
    out_.key("VSNAP_OUI");
    out_.dashedHex({snap + 3, 3});
    return false;
  }
  type = loadBe16(snap + 6);
  at += 8;
  return true;
}

// IEEE 802.11 clause 9.2.4.1.4: which address is which depends on to-DS (bit 0) and from-DS (bit 1).
void HeaderWriter::wlan() {
  constexpr std::size_t kAddress[] = {0, 4, 10, 16, 24};
  constexpr std::uint8_t kControlFrame = 1;
  const std::uint8_t* control = field(0, 24);
  if (control == nullptr || (control[0] >> 2 & 3) == kControlFrame) return;
  const unsigned direction = control[1] & 3;
  if (direction == 3 && field(24, 6) == nullptr) return;
  constexpr std::size_t kSource[] = {2, 2, 3, 4};
  constexpr std::size_t kDestination[] = {1, 3, 1, 3};
  mac("srcMAC", kAddress[kSource[direction]]);
  mac("dstMAC", kAddress[kDestination[direction]]);
  mac("txMAC", kAddress[2]);
  mac("rxMAC", kAddress[1]);
}

void HeaderWriter::ipSize(std::size_t at) {
  // Modulo 2^32 and then signed: lengths that lie give negative sizes.
  const std::uint32_t size = header_.frameLength - header_.stripped - static_cast<std::uint32_t>(at);
  out_.signedMember("IPSize", static_cast<std::int32_t>(size));
}

void HeaderWriter::ipv4(std::size_t at) {
  ipSize(at);
  const std::uint8_t* ip = field(at, kIpv4Header);
  if (ip == nullptr) return;
  const std::size_t headerLength = 4U * (ip[0] & 15U);
  const std::uint32_t fragmentOffset = loadBe16(ip + 6) & 0x1FFFU;
  std::uint16_t id;
  std::memcpy(&id, ip + 4, sizeof id);
  out_.member("ip.tot_len", std::uint32_t{loadBe16(ip + 2)});
  out_.addressMember("srcIP", {ip + 12, 4});
  out_.addressMember("dstIP", {ip + 16, 4});
  out_.member("IPProtocol", std::uint32_t{ip[9]});
  out_.member("IPTOS", std::uint32_t{ip[1]});
  out_.member("IPTTL", std::uint32_t{ip[8]});
  out_.member("IPID", std::uint32_t{id});
  if (fragmentOffset != 0) return out_.member("IPFragmentOffset", fragmentOffset);
  if (ip[9] == kIcmp) {
    const std::uint8_t* icmp = field(at + headerLength, 2);
    if (icmp == nullptr) return;
    out_.member("ICMPType", std::uint32_t{icmp[0]});
    out_.member("ICMPCode", std::uint32_t{icmp[1]});
  }
  transport(ip[9], at + headerLength);
}

void HeaderWriter::ipv6(std::size_t at) {
  ipSize(at);
  const std::uint8_t* ip = field(at, 40);
  if (ip == nullptr || ip[0] >> 4 != 6) return;
  const std::uint32_t firstWord = loadBe32(ip);
  out_.member("IPTOS", firstWord >> 20 & 0xFF);
  out_.key("IP6_label");
  out_.quoted([&] {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, firstWord & 0xFFFFF, 16).ptr;
    out_.out().append("0x").append(digits, end);
  });
  if (const std::uint32_t length = loadBe16(ip + 4); length != 0) {
    out_.member("IPV6_payloadLen", length);
  } else {
    out_.member("IPV6_payloadLen", std::string_view("<jumbo>"));
  }
  out_.member("IPTTL", std::uint32_t{ip[7]});
  out_.addressMember("srcIP6", {ip + 8, 16});
  out_.addressMember("dstIP6", {ip + 24, 16});
  std::uint8_t next = ip[6];
  at += 40;
  if (!ipv6Extensions(at, next)) return;
  out_.member("IPProtocol", std::uint32_t{next});
  transport(next, at);
}

/// Moves behind the extension headers; false where one is cut short. Several are the same member printed several times,
/// which in JSON is one member with a list.
bool HeaderWriter::ipv6Extensions(std::size_t& at, std::uint8_t& next) {
  std::array<std::uint8_t, kMostExtensions> seen{};
  std::size_t count = 0;
  bool complete = true;
  while (isIpv6Extension(next) && count < seen.size()) {
    seen[count++] = next;
    const std::uint8_t* extension = field(at, 2);
    const std::size_t size = extension == nullptr ? 0 : 8 * (std::size_t{extension[1]} + 1);
    if (extension == nullptr || field(at, size) == nullptr) {
      complete = false;
      break;
    }
    next = extension[0];
    at += size;
  }
  if (count == 0) return true;
  out_.key("IP6HeaderExtension");
  if (count > 1) out_.beginArray();
  for (std::size_t i = 0; i < count; ++i) out_.number(seen[i]);
  if (count > 1) out_.endArray();
  return complete;
}

void HeaderWriter::transport(std::uint8_t protocol, std::size_t at) {
  if (protocol != kTcp && protocol != kUdp) return;
  const std::uint8_t* ports = field(at, 4);
  if (ports == nullptr) return;
  const bool tcp = protocol == kTcp;
  out_.member(tcp ? "TCPSrcPort" : "UDPSrcPort", std::uint32_t{loadBe16(ports)});
  out_.member(tcp ? "TCPDstPort" : "UDPDstPort", std::uint32_t{loadBe16(ports + 2)});
  if (tcp) return tcpFlags(at + 13);
  if (const std::uint8_t* length = field(at + 4, 2); length != nullptr)
    out_.member("UDPBytes", std::uint32_t{loadBe16(length)});
}

void HeaderWriter::tcpFlags(std::size_t at) {
  if (const std::uint8_t* flags = field(at, 1); flags != nullptr) return out_.member("TCPFlags", std::uint32_t{*flags});
  if (memory_ == nullptr) return;
  out_.member("TCPFlags", std::uint32_t{memory_->at(bytes_, at)});
  out_.member("TCPFlagsSampled", std::uint32_t{0});
}

}  // namespace

void DatagramMemory::keep() {
  const std::size_t size = std::min(payload_.size(), kMostKept);
  if (before_.size() < size) before_.resize(size);
  if (size != 0) std::memcpy(before_.data(), payload_.data(), size);
}

std::uint8_t DatagramMemory::at(Bytes part, std::size_t offset) const {
  const std::size_t place = static_cast<std::size_t>(part.data() - payload_.data()) + offset;
  if (place < payload_.size()) return payload_[place];
  return place < before_.size() ? before_[place] : std::uint8_t{0};
}

void writeSampledHeader(LineWriter& out, const SampledHeader& header, const DatagramMemory* memory) {
  HeaderWriter writer(out, header, memory);
  switch (header.protocol) {
    case kEthernet:
      return writer.ethernet();
    case kIpv4:
      return writer.ipv4(0);
    case kIpv6:
      return writer.ipv6(0);
    case kIeee80211:
      return writer.wlan();
    default:
      return;
  }
}

}  // namespace weir::print
