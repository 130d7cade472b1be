#include "flow/key_notation.h"
#include "flow/key_readers.h"
#include "flow/names.h"

/// Keys of flow records (wire/records.def), a section a kind of record. Fields of records that are
/// not listed here have keys all the same: appendOtherRecordFields() makes them.
namespace weir::flow {

namespace {

constexpr Key kForwardingKeys[] = {
    recordKey("queueindex",
              "extended_egress_queue.queue extended_queue_length.queueIndex extended_bst_egress_queue.queue")
        .is("2", "egress queue"),
    recordKey("queuedepth", "extended_queue.depth").is("1500", "octets in the egress queue"),
    recordKey("queuelength", "extended_queue_length.queueLength").is("12", "packets in the egress queue"),
    recordKey("transitdelay", "extended_transit.delay").is("250", "ns from ingress to egress"),
    recordKey("timestamp", "extended_timestamp.nanoseconds")
        .is("1718900000123456789", "when the packet was sampled: ns since 1970"),
    recordKey("aclnumber", "extended_acl.number").is("101", "access list that decided about the packet"),
    recordKey("aclname", "extended_acl.name").is("deny-all", "its name"),
    recordKey("acldirection", "extended_acl.direction")
        .named(aclDirectionName, 3)
        .is("ingress", "where it stands: unknown, ingress, egress"),
    recordKey("function", "extended_function.symbol")
        .is("ip_rcv_core", "function of the software that dropped the packet"),
    recordKey("hwtrapgroup", "extended_hw_trap.group").is("l3_drops", "group of the hardware trap"),
    recordKey("hwtrap", "extended_hw_trap.trap").is("blackhole_route", "hardware trap that caught the packet"),
    recordKey("linuxreason", "extended_linux_drop_reason.reason").is("NO_SOCKET", "the Linux kernel's drop reason"),
    recordKey("openflowcookie", "extended_openflow_v1.flow_cookie").is("1", "cookie of the OpenFlow flow"),
    recordKey("inputdecapoffset", "extended_decapsulate_ingress.inner_header_offset")
        .is("50", "where the inner header begins in a packet that will be decapsulated"),
    recordKey("outputdecapoffset", "extended_decapsulate_egress.inner_header_offset")
        .is("50", "where the inner header begins in a packet that was encapsulated"),
};

constexpr Key kSwitchKeys[] = {
    recordKey("vlansource", "extended_switch.src_vlan").is("100", "VLAN of the received frame"),
    recordKey("prioritysource", "extended_switch.src_priority").is("0", "802.1p priority of the received frame"),
    recordKey("vlandestination", "extended_switch.dst_vlan").is("200", "VLAN of the sent frame"),
    recordKey("prioritydestination", "extended_switch.dst_priority").is("0", "802.1p priority of the sent frame"),
    recordKey("vlantunnel", "extended_vlantunnel.stack")
        .as(Type::text, 64)
        .part(0, 0xFFF)
        .is("100-200", "VLAN ids that were stripped from the frame, outermost first"),
    recordKey("vlanstackin", "extended_vlanin.stack")
        .as(Type::text, 64)
        .part(0, 0xFFF)
        .is("100-200", "VLAN ids of the received frame, outermost first"),
    recordKey("vlanstackout", "extended_vlanout.stack")
        .as(Type::text, 64)
        .part(0, 0xFFF)
        .is("100-200", "VLAN ids of the sent frame, outermost first"),
};

constexpr std::string_view ip4Example = "45.90.161.46";
constexpr std::string_view ip6Example = "2001:DB8::254";

#define WEIR_ROUTER_KEYS(prefix, family, subnetWidth, subnetExample)                                      \
  recordKey(prefix "nexthoprouter", "extended_router.nexthop")                                            \
      .as(Type::family)                                                                                   \
      .is(family##Example, "address of the next router"),                                                 \
      recordFunction(prefix "sourcemaskbits", "extended_router.src_mask_len", Type::number, 1,            \
                     read::family##SourceMaskBits)                                                        \
          .is("20", "prefix length of the route to the source"),                                          \
      recordFunction(prefix "destinationmaskbits", "extended_router.dst_mask_len", Type::number, 1,       \
                     read::family##DestinationMaskBits)                                                   \
          .is("27", "prefix length of the route to the destination"),                                     \
      recordFunction(prefix "sourcesubnet", "extended_router.src_mask_len", Type::text, subnetWidth,      \
                     read::family##SourceSubnet)                                                          \
          .is(subnetExample, "network of the source"),                                                    \
      recordFunction(prefix "destinationsubnet", "extended_router.dst_mask_len", Type::text, subnetWidth, \
                     read::family##DestinationSubnet)                                                     \
          .is(subnetExample, "network of the destination")

constexpr Key kRoutingKeys[] = {
    WEIR_ROUTER_KEYS("ip", ip4, 19, "104.26.0.0/20"),
    WEIR_ROUTER_KEYS("ip6", ip6, 44, "2001:DB8::/32"),
    recordKey("bgpnexthop", "extended_gateway.nexthop").as(Type::ip4).is("10.0.0.254", "BGP next hop"),
    recordKey("bgpnexthop6", "extended_gateway.nexthop").as(Type::ip6).is("2001:DB8::254", "BGP next hop, IPv6"),
    recordKey("bgpas", "extended_gateway.as").is("39421", "AS of the router"),
    recordKey("bgpsourceas", "extended_gateway.src_as").is("13335", "AS of the source"),
    recordKey("bgpsourcepeeras", "extended_gateway.src_peer_as").is("203698", "peer AS that the source is reached by"),
    recordFunction("bgpdestinationas", "extended_gateway.dst_as_path", Type::number, 4, read::bgpDestinationAs)
        .is("26615", "AS of the destination: the last of the path, the router's own for an empty path"),
    recordFunction("bgpdestinationpeeras", "extended_gateway.dst_as_path", Type::number, 4, read::bgpDestinationPeerAs)
        .is("203698", "peer AS that the destination is reached by: the first of the path"),
    recordKey("bgpdestinationaspath", "extended_gateway.dst_as_path")
        .as(Type::text, 64)
        .is("203698-6762-26615", "AS path to the destination, joined by `-`"),
    recordFunction("bgpcommunities", "extended_gateway.communities", Type::text, 64, read::bgpCommunities)
        .is("39421:1000_39421:1001_65000:40000_65000:40001_65000:60001", "BGP communities, joined by `_`"),
    recordKey("bgplocalpref", "extended_gateway.localpref").is("100", "BGP local preference"),
};

#undef WEIR_ROUTER_KEYS

constexpr Key kTunnelRecordKeys[] = {
// The tunnel records are laid out as sampled_ethernet, sampled_ipv4 and sampled_ipv6.
#define WEIR_TUNNEL_KEYS(prefix, side, verb)                                                                           \
  recordKey(#prefix "vni", "extended_vni_" side ".vni").is("5001", "virtual network of the " verb " tunnel header"),   \
      recordKey(#prefix "macsource", "extended_L2_tunnel_" side ".src_mac").is("000000CC0101", "its source MAC"),      \
      recordKey(#prefix "macdestination", "extended_L2_tunnel_" side ".dst_mac")                                       \
          .is("000000CC0102", "its destination MAC"),                                                                  \
      recordKey(#prefix "ethernetprotocol", "extended_L2_tunnel_" side ".type").is("2048", "its EtherType"),           \
      recordKey(#prefix "bytes", "extended_L2_tunnel_" side ".length").is("1568", "length of its Ethernet frame"),     \
      recordKey(#prefix "ipsource", "extended_ipv4_tunnel_" side ".src_ip").is("192.168.0.84", "its source address"),  \
      recordKey(#prefix "ipdestination", "extended_ipv4_tunnel_" side ".dst_ip")                                       \
          .is("192.168.0.83", "its destination address"),                                                              \
      recordKey(#prefix "ipprotocol", "extended_ipv4_tunnel_" side ".protocol").is("17", "its protocol"),              \
      recordKey(#prefix "ipbytes", "extended_ipv4_tunnel_" side ".length").is("1550", "its total length"),             \
      recordKey(#prefix "iptos", "extended_ipv4_tunnel_" side ".tos")                                                  \
          .as(Type::bits, 1)                                                                                           \
          .part(0, 0xFF)                                                                                               \
          .digits(8)                                                                                                   \
          .is("00000000", "its type of service"),                                                                      \
      recordKey(#prefix "ip6source", "extended_ipv6_tunnel_" side ".src_ip")                                           \
          .is("2001:DB8::1", "its source address, IPv6"),                                                              \
      recordKey(#prefix "ip6destination", "extended_ipv6_tunnel_" side ".dst_ip")                                      \
          .is("2001:DB8::2", "its destination address, IPv6"),                                                         \
      recordKey(#prefix "ip6nexthdr", "extended_ipv6_tunnel_" side ".protocol").is("17", "its final next header"),     \
      recordKey(#prefix "ip6bytes", "extended_ipv6_tunnel_" side ".length").is("1570", "its length, IPv6"),            \
      recordKey(#prefix "ip6tos", "extended_ipv6_tunnel_" side ".priority")                                            \
          .as(Type::bits, 1)                                                                                           \
          .part(0, 0xFF)                                                                                               \
          .digits(8)                                                                                                   \
          .is("00000000", "its traffic class, IPv6"),                                                                  \
      recordFunction(#prefix "tcpsourceport",                                                                          \
                     "extended_ipv4_tunnel_" side ".src_port extended_ipv6_tunnel_" side ".src_port", Type::number, 4, \
                     read::prefix##TcpSourcePort)                                                                      \
          .is("52100", "its TCP source port"),                                                                         \
      recordFunction(#prefix "tcpdestinationport",                                                                     \
                     "extended_ipv4_tunnel_" side ".dst_port extended_ipv6_tunnel_" side ".dst_port", Type::number, 4, \
                     read::prefix##TcpDestinationPort)                                                                 \
          .is("443", "its TCP destination port"),                                                                      \
      recordFunction(#prefix "tcpflags",                                                                               \
                     "extended_ipv4_tunnel_" side ".tcp_flags extended_ipv6_tunnel_" side ".tcp_flags", Type::bits, 2, \
                     read::prefix##TcpFlags)                                                                           \
          .digits(9)                                                                                                   \
          .is("000010000", "its TCP flags"),                                                                           \
      recordFunction(#prefix "udpsourceport",                                                                          \
                     "extended_ipv4_tunnel_" side ".src_port extended_ipv6_tunnel_" side ".src_port", Type::number, 4, \
                     read::prefix##UdpSourcePort)                                                                      \
          .is("52100", "its UDP source port"),                                                                         \
      recordFunction(#prefix "udpdestinationport",                                                                     \
                     "extended_ipv4_tunnel_" side ".dst_port extended_ipv6_tunnel_" side ".dst_port", Type::number, 4, \
                     read::prefix##UdpDestinationPort)                                                                 \
          .is("4789", "its UDP destination port")
    WEIR_TUNNEL_KEYS(input, "ingress", "removed"),
    WEIR_TUNNEL_KEYS(output, "egress", "added"),
#undef WEIR_TUNNEL_KEYS
};

constexpr Key kUserKeys[] = {
    recordKey("usersource", "extended_user.src_user").is("alice", "user at the source"),
    recordKey("userdestination", "extended_user.dst_user").is("bob", "user at the destination"),
    recordKey("usersourcecharset", "extended_user.src_charset").is("106", "its character set, an IANA MIBenum"),
    recordKey("userdestinationcharset", "extended_user.dst_charset").is("106", "its character set, an IANA MIBenum"),
    recordKey("url", "extended_url.url").is("/index.html", "HTTP request line"),
    recordKey("urlhost", "extended_url.host").is("www.example.com", "HTTP host"),
    recordKey("urldirection", "extended_url.direction")
        .named(urlDirectionName, 3)
        .is("destination", "which address is the server's: source, destination"),
    recordKey("natipsource", "extended_nat.src_address").as(Type::ip4).is("192.0.2.1", "translated source address"),
    recordKey("natipdestination", "extended_nat.dst_address")
        .as(Type::ip4)
        .is("192.0.2.2", "translated destination address"),
    recordKey("natip6source", "extended_nat.src_address")
        .as(Type::ip6)
        .is("2001:DB8::1", "translated source address, IPv6"),
    recordKey("natip6destination", "extended_nat.dst_address")
        .as(Type::ip6)
        .is("2001:DB8::2", "translated destination address, IPv6"),
    recordKey("natsourceport", "extended_nat_port.src_port").is("40001", "translated source port"),
    recordKey("natdestinationport", "extended_nat_port.dst_port").is("443", "translated destination port"),
};

constexpr Key kMplsRecordKeys[] = {
    recordKey("mplsnexthop", "extended_mpls.nexthop").is("10.0.0.254", "next hop of the labelled packet"),
    recordKey("mplsinlabels", "extended_mpls.in_stack")
        .as(Type::text, 64)
        .part(12, 0xFFFFF)
        .is("16001-24", "labels of the received packet, top first"),
    recordKey("mplsoutlabels", "extended_mpls.out_stack")
        .as(Type::text, 64)
        .part(12, 0xFFFFF)
        .is("16002", "labels of the sent packet, top first"),
    recordKey("mplstunnelname", "extended_mpls_tunnel.tunnel_lsp_name").is("lsp-to-paris", "name of the tunnel"),
    recordKey("mplstunnelid", "extended_mpls_tunnel.tunnel_id").is("17", "its number"),
    recordKey("mplstunnelcos", "extended_mpls_tunnel.tunnel_cos").is("5", "its class of service"),
    recordKey("mplsvcname", "extended_mpls_vc.vc_instance_name").is("vpls-42", "name of the virtual circuit"),
    recordKey("mplsvcid", "extended_mpls_vc.vll_vc_id").is("42", "its number"),
    recordKey("mplsvccos", "extended_mpls_vc.vc_label_cos").is("3", "its class of service"),
    recordKey("mplsftndescr", "extended_mpls_FTN.mplsFTNDescr").is("to-core", "name of the FEC-to-NHLFE entry"),
    recordKey("mplsftnmask", "extended_mpls_FTN.mplsFTNMask").is("255", "its mask"),
    recordKey("mplsfecprefixlength", "extended_mpls_LDP_FEC.mplsFecAddrPrefixLength")
        .is("24", "prefix length of the forwarding equivalence class"),
};

#define WEIR_WLAN_KEYS(prefix, record, side)                                                                          \
  recordKey(prefix "ssid", record ".ssid").as(Type::text, 33).is("office", "network name, packet " side " by radio"), \
      recordKey(prefix "bssid", record ".bssid").is("000000CC0101", "address of its access point"),                   \
      recordKey(prefix "version", record ".version").named(wlanVersionName, 5).is("n", "802.11 version: a, b, g, n"), \
      recordKey(prefix "channel", record ".channel").is("36", "channel"),                                             \
      recordKey(prefix "speed", record ".speed").is("54000000", "bit/s"),                                             \
      recordKey(prefix "packetduration", record ".packet_duration").is("120", "us on air")

constexpr Key kWlanKeys[] = {
    WEIR_WLAN_KEYS("rx", "extended_80211_rx", "received"),
    recordKey("rxrsni", "extended_80211_rx.rsni").is("40", "received signal to noise indicator"),
    recordKey("rxrcpi", "extended_80211_rx.rcpi").is("110", "received channel power indicator"),
    WEIR_WLAN_KEYS("tx", "extended_80211_tx", "sent"),
    recordKey("txtransmissions", "extended_80211_tx.transmissions").is("1", "attempts to send the packet"),
    recordKey("txretransduration", "extended_80211_tx.retrans_duration").is("0", "us of failed attempts"),
    recordKey("txpower", "extended_80211_tx.power").is("100", "mW"),
    recordKey("wlancipher", "extended_80211_payload.cipher_suite")
        .as(Type::hex)
        .digits(8)
        .is("000FAC04", "cipher suite of the payload: OUI and type"),
};
#undef WEIR_WLAN_KEYS

constexpr Key kHostKeys[] = {
    recordKey("tcpdirection", "extended_tcp_info.dirn")
        .named(tcpDirectionName, 3)
        .is("sent", "whether the host received or sent the packet"),
    recordKey("tcprtt", "extended_tcp_info.rtt").is("1200", "smoothed round trip time, us"),
    recordKey("tcprttsdev", "extended_tcp_info.rttvar").alias("tcprttvar").is("300", "its variation, us"),
    recordKey("tcprttmin", "extended_tcp_info.min_rtt").is("900", "shortest round trip time, us"),
    recordFunction("tcprttwait", "extended_tcp_info.rtt extended_tcp_info.min_rtt", Type::number, 4, read::tcpRttWait)
        .is("300", "us that a round trip takes longer than the shortest"),
    recordKey("tcpunacked", "extended_tcp_info.unacked").is("10", "packets in flight"),
    recordKey("tcplost", "extended_tcp_info.lost").is("0", "packets lost"),
    recordKey("tcpretrans", "extended_tcp_info.retrans").is("0", "packets retransmitted"),
    recordKey("tcpreordering", "extended_tcp_info.reordering").is("3", "packets that may arrive out of order"),
    recordKey("tcpcwndsnd", "extended_tcp_info.snd_cwnd").is("10", "congestion window, packets"),
    recordKey("tcpmsssnd", "extended_tcp_info.snd_mss").is("1448", "segment size sent"),
    recordKey("tcpmssrcv", "extended_tcp_info.rcv_mss").is("1448", "segment size received"),
    recordKey("tcppmtu", "extended_tcp_info.pmtu").is("1500", "MTU of the path"),
    recordFunction("srcds", "extended_entities.src_dsClass extended_entities.src_dsIndex", Type::dataSource, 8,
                   read::sourceEntity)
        .is("3.100002", "data source of the container or virtual machine that sent the packet"),
    recordFunction("dstds", "extended_entities.dst_dsClass extended_entities.dst_dsIndex", Type::dataSource, 8,
                   read::destinationEntity)
        .is("3.100003", "data source of the container or virtual machine that receives it"),
};

#define WEIR_SOCKET_KEYS(prefix, record, server, client, of)                                                       \
  recordKey(prefix "protocol", record "4.protocol " record "6.protocol").is("6", "IP protocol" of),                \
      recordKey(prefix "serveraddress", record "4." server "_ip").is("10.0.0.1", "address of the server" of),      \
      recordKey(prefix "serveraddress6", record "6." server "_ip").is("2001:DB8::1", "the same, IPv6"),            \
      recordKey(prefix "serverport", record "4." server "_port " record "6." server "_port").is("80", "its port"), \
      recordKey(prefix "clientaddress", record "4." client "_ip").is("10.0.0.2", "address of the client" of),      \
      recordKey(prefix "clientaddress6", record "6." client "_ip").is("2001:DB8::2", "the same, IPv6"),            \
      recordKey(prefix "clientport", record "4." client "_port " record "6." client "_port").is("52100", "its port")

constexpr Key kApplicationKeys[] = {
    // The agent is the server of a request, and as a proxy the client of the request that it sends on.
    WEIR_SOCKET_KEYS("", "extended_socket_ipv", "local", "remote", ""),
    WEIR_SOCKET_KEYS("proxy", "extended_proxy_socket_ipv", "remote", "local", " behind the proxy"),
    recordKey("req_bytes", "http_request.req_bytes app_operation.req_bytes transaction.bytes_received")
        .is("512", "octets of the request"),
    recordKey("resp_bytes",
              "http_request.resp_bytes http_request_v1.bytes app_operation.resp_bytes transaction.bytes_send "
              "memcache_operation.value_bytes")
        .is("4096", "octets of the response"),
    recordKey("duration",
              "http_request.uS http_request_v1.uS app_operation.uS memcache_operation.uS "
              "transaction.duration")
        .is("1500", "us that the request took"),
    recordKey("httpmethod", "http_request.method http_request_v1.method").named(httpMethodName, 9).is("GET", "method"),
    recordKey("httpprotocol", "http_request.protocol http_request_v1.protocol")
        .named(httpProtocolName, 3001)
        .is("HTTP/1.1", "version"),
    recordKey("httphost", "http_request.host http_request_v1.host extended_http_transaction.host")
        .is("www.example.com", "host that was asked for"),
    recordKey("httpurl", "http_request.uri http_request_v1.uri extended_http_transaction.url")
        .is("/index.html", "URL that was asked for"),
    recordKey("httpreferer", "http_request.referer http_request_v1.referer extended_http_transaction.referer")
        .is("http://www.example.com/", "page that linked to it"),
    recordKey("httpuseragent", "http_request.useragent http_request_v1.useragent extended_http_transaction.useragent")
        .is("curl/8.0", "client software"),
    recordKey("httpxff", "http_request.xff").is("10.0.0.2", "X-Forwarded-For"),
    recordKey("httpauthuser", "http_request.authuser http_request_v1.authuser extended_http_transaction.user")
        .as(Type::text, 33)
        .is("alice", "user who logged in"),
    recordKey("httpmimetype", "http_request.mime_type http_request_v1.mime_type")
        .is("text/html", "type of the response"),
    recordKey("httpstatus", "http_request.status http_request_v1.status extended_http_transaction.status")
        .is("200", "status of the response"),
    recordKey("proxyhttpurl", "extended_proxy_request.uri").is("/backend/index.html", "URL that the proxy asked for"),
    recordKey("proxyhttphost", "extended_proxy_request.host").is("backend", "host that the proxy asked for"),
    recordKey("memcacheprotocol", "memcache_operation.protocol")
        .named(memcacheProtocolName, 3)
        .is("ASCII", "OTHER, ASCII, BINARY"),
    recordKey("memcachecommand", "memcache_operation.cmd").named(memcacheCommandName, 17).is("GET", "command"),
    recordKey("memcachekey", "memcache_operation.key").is("session:1", "key that was asked for"),
    recordKey("memcachenkeys", "memcache_operation.nkeys").is("1", "keys in the request"),
    recordKey("memcachestatus", "memcache_operation.status").named(memcacheStatusName, 10).is("NOT_FOUND", "result"),
    recordKey("application", "app_operation.application").as(Type::text, 33).is("mail.smtp", "application"),
    recordKey("operation", "app_operation.operation").as(Type::text, 33).is("send", "what it did"),
    recordKey("attributes", "app_operation.attributes").is("size=large", "attributes of the operation"),
    recordKey("status", "app_operation.status").named(applicationStatusName, 11).is("SUCCESS", "result"),
    recordKey("statusdescr", "app_operation.status_descr").is("queued", "text that goes with the result"),
    recordKey("parentapplication", "app_parent_context.application")
        .as(Type::text, 33)
        .is("shop", "application whose operation caused this one"),
    recordKey("parentoperation", "app_parent_context.operation").as(Type::text, 33).is("order", "its operation"),
    recordKey("parentattributes", "app_parent_context.attributes").is("item=7", "its attributes"),
    recordKey("initiator", "app_initiator.actor").is("alice", "who asked for the operation"),
    recordKey("target", "app_target.actor").is("bob", "whom the operation is for"),
    recordKey("transactiondirection", "transaction.direction")
        .named(serviceDirectionName, 3)
        .is("server", "client, server"),
    recordKey("transactionstatus", "transaction.status")
        .named(transactionStatusName, 5)
        .is("OK", "result of a transaction"),
};
#undef WEIR_SOCKET_KEYS

constexpr Section kRecordKeySections[] = {
    {"Forwarding, queues and drops", kForwardingKeys},
    {"Extended switch and VLAN tunnel", kSwitchKeys},
    {"Extended router and gateway (BGP)", kRoutingKeys},
    {"Tunnel records", kTunnelRecordKeys},
    {"User, URL and NAT", kUserKeys},
    {"MPLS records", kMplsRecordKeys},
    {"802.11 records", kWlanKeys},
    {"Host: TCP and entities", kHostKeys},
    {"Applications: sockets, HTTP, memcache", kApplicationKeys},
};

}  // namespace

std::span<const Section> recordSections() {
  return kRecordKeySections;
}

}  // namespace weir::flow
