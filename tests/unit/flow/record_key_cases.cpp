#include <algorithm>

#include "flow/key_table.h"
#include "key_cases.h"
#include "wire/record_table.h"
#include "wire/records.h"

namespace weir::flow::test {

namespace {

using wire::FieldType;
using wire::FieldValue;

constexpr std::uint8_t kBytes[] = {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x09};
constexpr std::uint8_t kNumbers[] = {0x03, 0xE8, 0x10, 0x64,
                                     0x00, 0x01, 0x81, 0x40};  // labels 16001, 24; VLANs 100, 320
constexpr std::uint8_t kPath[] = {0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0xFE, 0x06, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0xFE, 0x10};

// A value of the type that tells field `index` of a record from its neighbours.
FieldValue sampleValue(const wire::FieldSpec& field, std::size_t index, Type shownAs) {
  FieldValue value;
  value.type = field.type;
  switch (field.type) {
    case FieldType::u64:
      value.number = (std::uint64_t{1} << 40) + index;
      break;
    case FieldType::ip4:
    case FieldType::op4:
      value.bytes = Bytes(kBytes).first(4);
      break;
    case FieldType::addr:
      value.bytes = Bytes(kBytes).first(shownAs == Type::ip6 ? 16 : 4);
      break;
    case FieldType::ip6:
    case FieldType::op16:
      value.bytes = kBytes;
      break;
    case FieldType::mac:
      value.bytes = Bytes(kBytes).first(6);
      break;
    case FieldType::opaque:
    case FieldType::str:
      value.bytes = Bytes(reinterpret_cast<const std::uint8_t*>(field.name.data()), field.name.size());
      break;
    case FieldType::u32s:
      value.bytes = kNumbers;
      break;
    case FieldType::aspath:
      value.number = 2;
      value.bytes = kPath;
      break;
    case FieldType::lanes:
    case FieldType::adapters:
    case FieldType::pdus:
      break;
    default:
      value.number = 1 + index;
  }
  return value;
}

// The text of such a value.
std::string expectedText(const FlowKeyEntry& entry, const FieldValue& value) {
  const std::uint64_t number = value.number >> entry.shift & entry.mask;
  switch (entry.type) {
    case Type::name:
      return entry.names(number).empty() ? std::to_string(number) : std::string(entry.names(number));
    case Type::hex: {
      std::string text(entry.bits, '0');
      for (std::size_t i = 0; i < text.size(); ++i)
        text[text.size() - 1 - i] = "0123456789ABCDEF"[number >> 4 * i & 15];
      return text;
    }
    case Type::bits: {
      std::string text;
      for (unsigned i = entry.bits; i-- > 0;) text += (number >> i & 1) != 0 ? '1' : '0';
      return text;
    }
    case Type::mac:
      return "20010DB80000";
    case Type::ip4:
    case Type::address:
      return "32.1.13.184";
    case Type::ip6:
      return "2001:DB8::9";
    case Type::text:
      if (value.type == FieldType::aspath) return "65030-65040";
      if (value.type == FieldType::u32s) return entry.shift == 12 ? "16001-24" : "100-320";
      return std::string(value.text());
    default:
      return std::to_string(number);
  }
}

// The record with sampleValue() in each field, as octets.
std::vector<std::uint8_t> makeRecord(const wire::RecordSpec& spec, Type shownAs) {
  std::vector<std::uint8_t> octets(1024);
  wire::XdrWriter out(octets);
  for (std::size_t i = 0; i < spec.fields.size(); ++i) writeField(out, sampleValue(spec.fields[i], i, shownAs));
  octets.resize(out.size());
  return octets;
}

// Each key that shows a field of a record, with each of the records that may hold it.
void addFieldsOfRecords(std::vector<Case>& all) {
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    if (entry.source != Source::record && entry.source != Source::recordField) continue;
    for (std::size_t i = 0; i < entry.recordFieldCount; ++i) {
      const RecordField field = entry.recordFields[i];
      const wire::RecordSpec& spec = *wire::recordSpec(wire::RecordSpace::flow, field.tag);
      const FieldValue value = sampleValue(spec.fields[field.index], field.index, entry.type);
      all.push_back({std::string(spec.name),
                     [&spec, &entry](TestSample& s) { s.record(spec.tag, makeRecord(spec, entry.type)); },
                     {{std::string(entry.name), expectedText(entry, value)}}});
    }
  }
}

template <class R, class Fill>
Case ofRecord(const char* name, Fill fill, std::map<std::string, std::string> keys) {
  return {name,
          [fill](TestSample& s) {
            R record;
            fill(record);
            s.record(record);
          },
          std::move(keys)};
}

void addRouting(std::vector<Case>& all) {
  const auto router = [](TestSample& s, IpAddress nexthop) {
    wire::extended_router record;
    record.nexthop = nexthop;
    record.src_mask_len = 20;
    record.dst_mask_len = 31;
    s.record(record);
  };
  all.push_back({"router",
                 [=](TestSample& s) {
                   s.layer(decode::Layer::ip, kIp, 6);
                   router(s, *IpAddress::parse("10.0.0.254"));
                 },
                 {{"ipnexthoprouter", "10.0.0.254"},
                  {"ipsourcemaskbits", "20"},
                  {"ipdestinationmaskbits", "31"},
                  {"ipsourcesubnet", "10.0.0.0/20"},
                  {"ipdestinationsubnet", "10.0.0.2/31"}}});
  all.push_back({"router of IPv6",
                 [=](TestSample& s) {
                   s.layer(decode::Layer::ip6, kIp6, 17);
                   router(s, *IpAddress::parse("2001:db8::254"));
                 },
                 {{"ip6nexthoprouter", "2001:DB8::254"},
                  {"ip6sourcemaskbits", "20"},
                  {"ip6destinationmaskbits", "31"},
                  {"ip6sourcesubnet", "FE80::/20"},
                  {"ip6destinationsubnet", "FF02::/31"}}});
  all.push_back(ofRecord<wire::extended_gateway>("gateway",
                                                 [](auto& r) {
                                                   r.nexthop = *IpAddress::parse("10.0.0.254");
                                                   r.as = 65001;
                                                   r.src_as = 65010;
                                                   r.src_peer_as = 65020;
                                                   r.dst_as_path = {2, kPath};
                                                   r.communities = {2, kNumbers};
                                                   r.localpref = 100;
                                                 },
                                                 {{"bgpnexthop", "10.0.0.254"},
                                                  {"bgpas", "65001"},
                                                  {"bgpsourceas", "65010"},
                                                  {"bgpsourcepeeras", "65020"},
                                                  {"bgpdestinationpeeras", "65030"},
                                                  {"bgpdestinationas", "65040"},
                                                  {"bgpdestinationaspath", "65030-65040"},
                                                  {"bgpcommunities", "1000:4196_1:33088"},
                                                  {"bgplocalpref", "100"}}));
  all.push_back(ofRecord<wire::extended_gateway>("gateway of the own AS", [](auto& r) { r.as = 65001; },
                                                 {{"bgpdestinationas", "65001"}, {"bgplocalpref", "0"}}));
  all.push_back({"gateway of version 4",
                 [](TestSample& s) {
                   s.record(wire::tag(0, 1003),
                            unhex("0000FDE9 0000FDF2 0000FDFC 00000001 00000002 00000002 0000FE06"
                                  "0000FE10 00000001 FDE90064 00000064"),
                            wire::Dialect::v4);
                   s.record(wire::tag(0, 1004), unhex("00000005 616C6963 65000000 00000003 626F6200"),
                            wire::Dialect::v4);
                 },
                 {{"bgpas", "65001"},
                  {"bgpdestinationaspath", "65030-65040"},
                  {"bgpdestinationas", "65040"},
                  {"bgpcommunities", "65001:100"},
                  {"bgplocalpref", "100"},
                  {"usersource", "alice"},
                  {"userdestination", "bob"}}});
}

template <class R4, class R6>
void addTunnel(std::vector<Case>& all, const std::string& side) {
  const auto fill = [](auto& r, std::uint32_t protocol) {
    r.protocol = protocol;
    r.src_port = 52100;
    r.dst_port = protocol == 6 ? 443 : 4789;
    r.tcp_flags = 0x12;
  };
  const std::map<std::string, std::string> tcp{
      {side + "tcpsourceport", "52100"}, {side + "tcpdestinationport", "443"}, {side + "tcpflags", "000010010"}};
  const std::map<std::string, std::string> udp{{side + "udpsourceport", "52100"},
                                               {side + "udpdestinationport", "4789"}};
  all.push_back(ofRecord<R4>("tunnel", [=](R4& r) { fill(r, 6); }, tcp));
  all.push_back(ofRecord<R4>("tunnel", [=](R4& r) { fill(r, 17); }, udp));
  all.push_back(ofRecord<R6>("tunnel", [=](R6& r) { fill(r, 6); }, tcp));
  all.push_back(ofRecord<R6>("tunnel", [=](R6& r) { fill(r, 17); }, udp));
}

void addHosts(std::vector<Case>& all) {
  all.push_back(ofRecord<wire::extended_tcp_info>("TCP information",
                                                  [](auto& r) {
                                                    r.dirn = 2;
                                                    r.rtt = 1200;
                                                    r.rttvar = 300;
                                                    r.min_rtt = 900;
                                                    r.unacked = 10;
                                                  },
                                                  {{"tcpdirection", "sent"},
                                                   {"tcprtt", "1200"},
                                                   {"tcprttsdev", "300"},
                                                   {"tcprttvar", "300"},
                                                   {"tcprttmin", "900"},
                                                   {"tcprttwait", "300"},
                                                   {"tcpunacked", "10"}}));
  all.push_back(ofRecord<wire::extended_entities>("entities",
                                                  [](auto& r) {
                                                    r.src_dsClass = 3;
                                                    r.src_dsIndex = 100002;
                                                    r.dst_dsIndex = 7;
                                                  },
                                                  {{"srcds", "3.100002"}, {"dstds", "7"}}));
}

void addApplications(std::vector<Case>& all) {
  all.push_back(ofRecord<wire::http_request>("http",
                                             [](auto& r) {
                                               r.method = 2;
                                               r.protocol = 1001;
                                               r.uri = "/index.html";
                                               r.host = "www.example.com";
                                               r.mime_type = "text/html";
                                               r.req_bytes = 512;
                                               r.resp_bytes = 4096;
                                               r.uS = 1500;
                                               r.status = 404;
                                             },
                                             {{"httpmethod", "GET"},
                                              {"httpprotocol", "HTTP/1.1"},
                                              {"httpurl", "/index.html"},
                                              {"httphost", "www.example.com"},
                                              {"httpmimetype", "text/html"},
                                              {"httpstatus", "404"},
                                              {"req_bytes", "512"},
                                              {"resp_bytes", "4096"},
                                              {"bytes", "4608"},
                                              {"duration", "1500"},
                                              {"requests", "1"}}));
  all.push_back(ofRecord<wire::memcache_operation>("memcache",
                                                   [](auto& r) {
                                                     r.protocol = 1;
                                                     r.cmd = 7;
                                                     r.key = "session:1";
                                                     r.value_bytes = 100;
                                                     r.uS = 40;
                                                     r.status = 8;
                                                   },
                                                   {{"memcacheprotocol", "ASCII"},
                                                    {"memcachecommand", "GET"},
                                                    {"memcachekey", "session:1"},
                                                    {"memcachestatus", "NOT_FOUND"},
                                                    {"bytes", "100"},
                                                    {"duration", "40"}}));
  all.push_back(ofRecord<wire::extended_socket_ipv4>("socket",
                                                     [](auto& r) {
                                                       r.protocol = 6;
                                                       r.local_ip = {10, 0, 0, 1};
                                                       r.remote_ip = {10, 0, 0, 2};
                                                       r.local_port = 80;
                                                       r.remote_port = 52100;
                                                     },
                                                     {{"protocol", "6"},
                                                      {"serveraddress", "10.0.0.1"},
                                                      {"serverport", "80"},
                                                      {"clientaddress", "10.0.0.2"},
                                                      {"clientport", "52100"}}));
  all.push_back(ofRecord<wire::extended_proxy_socket_ipv4>(
      "proxy socket",
      [](auto& r) {
        r.local_ip = {10, 0, 0, 1};
        r.remote_ip = {10, 0, 0, 9};
        r.remote_port = 8080;
      },
      {{"proxyclientaddress", "10.0.0.1"}, {"proxyserveraddress", "10.0.0.9"}, {"proxyserverport", "8080"}}));
  all.push_back({"application",
                 [](TestSample& s) {
                   wire::app_operation operation;
                   operation.application = "mail.smtp";
                   operation.operation = "send";
                   operation.status = 2;
                   operation.req_bytes = std::uint64_t{1} << 40;
                   s.record(operation);
                   wire::app_initiator initiator;
                   initiator.actor = "alice";
                   s.record(initiator);
                 },
                 // More octets than a packet can have.
                 {{"application", "mail.smtp"},
                  {"operation", "send"},
                  {"status", "TIMEOUT"},
                  {"initiator", "alice"},
                  {"bytes", "1099511627776"}}});
}

}  // namespace

std::vector<Case> recordCases() {
  std::vector<Case> all;
  addFieldsOfRecords(all);
  addRouting(all);
  addTunnel<wire::extended_ipv4_tunnel_ingress, wire::extended_ipv6_tunnel_ingress>(all, "input");
  addTunnel<wire::extended_ipv4_tunnel_egress, wire::extended_ipv6_tunnel_egress>(all, "output");
  addHosts(all);
  addApplications(all);
  return all;
}

std::vector<Case> keyCases() {
  std::vector<Case> all = packetCases();
  std::vector<Case> records = recordCases();
  all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  return all;
}

}  // namespace weir::flow::test
