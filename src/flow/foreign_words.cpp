#include "flow/foreign_words.h"

#include <algorithm>
#include <utility>

namespace weir::flow {

namespace {

constexpr ForeignWords kWords[] = {
    {"ipsource",
     "srcip sip sa src srchost ipsrc ipsrcaddr srcaddr srcaddress sourceip sourceipaddress sourceaddress ipv4src "
     "ipv4srcaddr srcipv4 sourceipv4address saddr source"},
    {"ipdestination",
     "dstip dip da dst dsthost ipdst ipdstaddr dstaddr dstaddress destip destinationip destinationipaddress "
     "destinationaddress ipv4dst ipv4dstaddr dstipv4 destinationipv4address daddr dest destination"},
    {"ipsource,ipdestination", "host ip ipaddr ipaddress iphost addr address"},
    {"ip6source", "ipv6src ip6src ipv6srcaddr srcipv6 srcip6 sourceipv6address ip6srchost"},
    {"ip6destination", "ipv6dst ip6dst ipv6dstaddr dstipv6 dstip6 destinationipv6address ip6dsthost"},
    {"ip6source,ip6destination", "ipv6addr ip6addr ip6host"},
    {"mask:ipsource:24", "srcnet srcnetwork srcsubnet sourceipv4prefix"},
    {"mask:ipdestination:24", "dstnet dstnetwork dstsubnet destinationipv4prefix"},
    {"ipprotocol", "proto pr prot ipproto protocolidentifier l4proto ipprotocolnumber"},
    {"ip6nexthdr", "ipv6nxt ipv6nexthdr ip6proto nextheaderipv6"},
    {"iptos", "tos srctos dsttos ipdsfield ipclassofservice"},
    {"ipdscp", "dscp ipdsfielddscp ipdiffservcodepoint"},
    {"ipttl", "ttl minttl maxttl ipv4ttl"},
    {"ipbytes", "iplen iplength totallength iptotallength"},
    {"ipfragoffset", "fragmentoffset ipfrag"},
    {"or:tcpsourceport:udpsourceport", "srcport sport sp sourceport l4srcport sourcetransportport"},
    {"or:tcpdestinationport:udpdestinationport",
     "dstport dport dp destport destinationport l4dstport destinationtransportport"},
    {"or:tcpsourceport:udpsourceport,or:tcpdestinationport:udpdestinationport", "port"},
    {"tcpsourceport", "tcpsrcport tcpsport tcpsrc"},
    {"tcpdestinationport", "tcpdstport tcpdport tcpdst"},
    {"tcpsourceport,tcpdestinationport", "tcpport"},
    {"udpsourceport", "udpsrcport udpsport udpsrc"},
    {"udpdestinationport", "udpdstport udpdport udpdst"},
    {"udpsourceport,udpdestinationport", "udpport"},
    {"tcpflags", "flags flg tcpcontrolbits"},
    {"tcpseqno", "tcpseq tcpsequencenumber"},
    {"tcpwindow", "tcpwindowsize"},
    {"udpbytes", "udplength udplen"},
    {"icmptype", "icmptypeipv4"},
    {"icmp6type", "icmpv6type icmptypeipv6"},
    {"icmpcode", "icmpcodeipv4"},
    {"icmp6code", "icmpv6code icmpcodeipv6"},
    {"macsource", "srcmac smac ethsrc ethersrc macsrc sourcemac insrcmac outsrcmac sourcemacaddress"},
    {"macdestination",
     "dstmac dmac ethdst etherdst macdst destmac destinationmac indstmac outdstmac destinationmacaddress"},
    {"macsource,macdestination", "etherhost ethaddr mac macaddress"},
    {"ethernetprotocol", "ethertype ethtype etherproto ethernettype"},
    {"vlan", "vlanid vid dot1qvlanid srcvlan invlan"},
    {"vlandestination", "dstvlan outvlan postvlanid"},
    {"priority", "vlanpriority pcp dot1qpriority"},
    {"arpoperation", "arpopcode arpop"},
    {"arpipsender", "arpsrcprotoipv4"},
    {"arpiptarget", "arpdstprotoipv4"},
    {"mplslabel", "mplslabel1 label"},
    {"vxlanvni", "vxlanid"},
    {"greprotocol", "greproto"},
    {"gtpteid", "teid"},
    {"dnsqname", "dnsqryname qname dnsname dnsquery"},
    {"dnsqtype", "dnsqrytype qtype"},
    {"dnsrcode", "dnsflagsrcode rcode"},
    {"httphost", "httprequesthost"},
    {"httpurl", "httprequesturi httpuri uri"},
    {"httpmethod", "httprequestmethod"},
    {"httpstatus", "httpresponsecode"},
    {"inputifindex", "inputsnmp inif iif input ingressinterface iniface inputinterface inputport indev"},
    {"outputifindex", "outputsnmp outif oif output egressinterface outiface outputinterface outputport outdev"},
    {"direction", "flowdirection dir"},
    {"bgpsourceas", "srcas sas sourceas bgpsourceasnumber"},
    {"bgpdestinationas", "dstas das destinationas bgpdestinationasnumber"},
    {"bgpnexthop", "bgpipv4nexthop bgpnexthopipv4address"},
    {"ipnexthoprouter", "nexthop ipv4nexthop ipnexthopipv4address"},
    {"ipsourcemaskbits", "srcmask sourceipv4prefixlength"},
    {"ipdestinationmaskbits", "dstmask destinationipv4prefixlength"},
    {"country:ipsource", "srccountry srcgeo"},
    {"country:ipdestination", "dstcountry dstgeo"},
    {"agent", "exporter exporterip exporteripv4address router"},
    {"samplingrate", "samplinginterval rate"},
    {"bytes", "octets byte inbytes outbytes byt ibyt obyt octetdeltacount doctets framelen framelength length len"},
    {"frames", "packets pkts pkt packet frame inpkts outpkts ipkt opkt packetdeltacount dpkts"},
};

constexpr std::pair<std::string_view, std::string_view> kProtocols[] = {
    {"icmp", "1"},   {"igmp", "2"},  {"ipip", "4"},  {"tcp", "6"},    {"udp", "17"},   {"dccp", "33"},
    {"ipv6", "41"},  {"gre", "47"},  {"esp", "50"},  {"ah", "51"},    {"icmp6", "58"}, {"icmpv6", "58"},
    {"eigrp", "88"}, {"ospf", "89"}, {"pim", "103"}, {"vrrp", "112"}, {"sctp", "132"}};

std::string plain(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '.' || c == '_' || c == '-' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return out;
}

/// Calls use(word) for each of a list with blanks between.
template <class Use>
void eachWord(std::string_view words, Use&& use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

}  // namespace

std::span<const ForeignWords> foreignWordTable() {
  return kWords;
}

std::string_view keysOfForeignWord(std::string_view word) {
  const std::string wanted = plain(word);
  for (const ForeignWords& entry : kWords) {
    bool found = false;
    eachWord(entry.words, [&](std::string_view each) { found = found || each == wanted; });
    if (found) return entry.keys;
  }
  return {};
}

std::string_view protocolNumber(std::string_view name) {
  const std::string wanted = plain(name);
  const auto* const found =
      std::ranges::find(kProtocols, std::string_view(wanted), &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(kProtocols) ? std::string_view() : found->second;
}

std::string foreignWordsMarkdown() {
  std::string out =
      "## Words of other tools\n\n"
      "NetFlow, IPFIX, nfdump, Wireshark and tcpdump have other names for the same. A definition that uses one of them "
      "is\n"
      "accepted, since applications may send a field of that name, and a hint names our key. Case, blanks and the "
      "marks `.`,\n"
      "`_` and `-` do not count: `ip.src`, `SRC_IP` and `src ip` are one word.\n\n"
      "| flow keys | words |\n|---|---|\n";
  for (const ForeignWords& entry : kWords) {
    out.append("| `").append(entry.keys).append("` | ");
    bool first = true;
    eachWord(entry.words, [&](std::string_view word) {
      if (!std::exchange(first, false)) out += ", ";
      out.append("`").append(word).append("`");
    });
    out += " |\n";
  }
  return out;
}

}  // namespace weir::flow
