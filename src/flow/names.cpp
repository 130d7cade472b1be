#include "flow/names.h"

#include <array>

#include "wire/discard_reason.h"

namespace weir::flow {

namespace {

template <std::size_t size>
std::string_view named(const std::array<std::string_view, size>& names, std::uint64_t number) {
  return number < size ? names[number] : std::string_view{};
}

}  // namespace

std::string_view dscpName(std::uint64_t dscp) {
  switch (dscp) {
    case 0:
      return "be(0)";
    case 1:
      return "le(1)";
    case 8:
      return "cs1(8)";
    case 10:
      return "af11(10)";
    case 12:
      return "af12(12)";
    case 14:
      return "af13(14)";
    case 16:
      return "cs2(16)";
    case 18:
      return "af21(18)";
    case 20:
      return "af22(20)";
    case 22:
      return "af23(22)";
    case 24:
      return "cs3(24)";
    case 26:
      return "af31(26)";
    case 28:
      return "af32(28)";
    case 30:
      return "af33(30)";
    case 32:
      return "cs4(32)";
    case 34:
      return "af41(34)";
    case 36:
      return "af42(36)";
    case 38:
      return "af43(38)";
    case 40:
      return "cs5(40)";
    case 44:
      return "va(44)";
    case 46:
      return "ef(46)";
    case 48:
      return "cs6(48)";
    case 56:
      return "cs7(56)";
    default:
      return {};
  }
}

std::string_view ibTransportName(std::uint64_t transport) {
  static constexpr std::array<std::string_view, 6> kNames{"RC", "UC", "RD", "UD", "CNP", "XRC"};
  return named(kNames, transport);
}

std::string_view ibOperationName(std::uint64_t opcode) {
  static constexpr std::array<std::string_view, 24> kNames{"SEND_FIRST",
                                                           "SEND_MIDDLE",
                                                           "SEND_LAST",
                                                           "SEND_LAST_IMM",
                                                           "SEND_ONLY",
                                                           "SEND_ONLY_IMM",
                                                           "RDMA_WRITE_FIRST",
                                                           "RDMA_WRITE_MIDDLE",
                                                           "RDMA_WRITE_LAST",
                                                           "RDMA_WRITE_LAST_IMM",
                                                           "RDMA_WRITE_ONLY",
                                                           "RDMA_WRITE_ONLY_IMM",
                                                           "RDMA_READ_REQUEST",
                                                           "RDMA_READ_RESPONSE_FIRST",
                                                           "RDMA_READ_RESPONSE_MIDDLE",
                                                           "RDMA_READ_RESPONSE_LAST",
                                                           "RDMA_READ_RESPONSE_ONLY",
                                                           "ACKNOWLEDGE",
                                                           "ATOMIC_ACKNOWLEDGE",
                                                           "COMPARE_SWAP",
                                                           "FETCH_ADD",
                                                           {},
                                                           "SEND_LAST_INVALIDATE",
                                                           "SEND_ONLY_INVALIDATE"};
  if (opcode == 129) return "CNP";
  const std::uint64_t operation = opcode & 31;
  if (opcode >> 5 == 4 || operation >= kNames.size()) return {};
  return kNames[operation];
}

std::string_view dnsTypeName(std::uint64_t n) {
  switch (n) {
    case 1:
      return "A";
    case 2:
      return "NS";
    case 5:
      return "CNAME";
    case 6:
      return "SOA";
    case 10:
      return "NULL";
    case 11:
      return "WKS";
    case 12:
      return "PTR";
    case 13:
      return "HINFO";
    case 15:
      return "MX";
    case 16:
      return "TXT";
    case 17:
      return "RP";
    case 18:
      return "AFSDB";
    case 24:
      return "SIG";
    case 25:
      return "KEY";
    case 28:
      return "AAAA";
    case 29:
      return "LOC";
    case 33:
      return "SRV";
    case 35:
      return "NAPTR";
    case 36:
      return "KX";
    case 37:
      return "CERT";
    case 39:
      return "DNAME";
    case 41:
      return "OPT";
    case 42:
      return "APL";
    case 43:
      return "DS";
    case 44:
      return "SSHFP";
    case 45:
      return "IPSECKEY";
    case 46:
      return "RRSIG";
    case 47:
      return "NSEC";
    case 48:
      return "DNSKEY";
    case 49:
      return "DHCID";
    case 50:
      return "NSEC3";
    case 51:
      return "NSEC3PARAM";
    case 52:
      return "TLSA";
    case 53:
      return "SMIMEA";
    case 55:
      return "HIP";
    case 59:
      return "CDS";
    case 60:
      return "CDNSKEY";
    case 61:
      return "OPENPGPKEY";
    case 62:
      return "CSYNC";
    case 63:
      return "ZONEMD";
    case 64:
      return "SVCB";
    case 65:
      return "HTTPS";
    case 99:
      return "SPF";
    case 108:
      return "EUI48";
    case 109:
      return "EUI64";
    case 249:
      return "TKEY";
    case 250:
      return "TSIG";
    case 251:
      return "IXFR";
    case 252:
      return "AXFR";
    case 255:
      return "ANY";
    case 256:
      return "URI";
    case 257:
      return "CAA";
    default:
      return {};
  }
}

std::string_view dnsResponseName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 11> kNames{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                           "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                           "NXRRSET", "NOTAUTH", "NOTZONE"};
  return named(kNames, n);
}

std::string_view dhcpTypeName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 9> kNames{"",    "DISCOVER", "OFFER",   "REQUEST", "DECLINE",
                                                          "ACK", "NAK",      "RELEASE", "INFORM"};
  return named(kNames, n);
}

std::string_view httpMethodName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 9> kNames{"OTHER", "OPTIONS", "GET",   "HEAD",   "POST",
                                                          "PUT",   "DELETE",  "TRACE", "CONNECT"};
  return named(kNames, n);
}

// Major version times 1000 and minor version.
std::string_view httpProtocolName(std::uint64_t protocol) {
  switch (protocol) {
    case 9:
      return "HTTP/0.9";
    case 1000:
      return "HTTP/1.0";
    case 1001:
      return "HTTP/1.1";
    case 2000:
      return "HTTP/2.0";
    case 3000:
      return "HTTP/3.0";
    default:
      return {};
  }
}

std::string_view memcacheProtocolName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 3> kNames{"OTHER", "ASCII", "BINARY"};
  return named(kNames, n);
}

std::string_view memcacheCommandName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 17> kNames{"OTHER", "SET",   "ADD",     "REPLACE", "APPEND", "PREPEND",
                                                           "CAS",   "GET",   "GETS",    "INCR",    "DECR",   "DELETE",
                                                           "STATS", "FLUSH", "VERSION", "QUIT",    "TOUCH"};
  return named(kNames, n);
}

std::string_view memcacheStatusName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 10> kNames{"UNKNOWN",      "OK",     "ERROR",      "CLIENT_ERROR",
                                                           "SERVER_ERROR", "STORED", "NOT_STORED", "EXISTS",
                                                           "NOT_FOUND",    "DELETED"};
  return named(kNames, n);
}

std::string_view applicationStatusName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 11> kNames{
      "SUCCESS",   "OTHER",           "TIMEOUT",   "INTERNAL_ERROR", "BAD_REQUEST", "FORBIDDEN",
      "TOO_LARGE", "NOT_IMPLEMENTED", "NOT_FOUND", "UNAVAILABLE",    "UNAUTHORIZED"};
  return named(kNames, n);
}

std::string_view transactionStatusName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 5> kNames{"OK", "FAILURE", "OUT_OF_MEMORY", "TIMEOUT", "NOT_PERMITTED"};
  return named(kNames, n);
}

std::string_view aclDirectionName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 3> kNames{"unknown", "ingress", "egress"};
  return named(kNames, n);
}

std::string_view serviceDirectionName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 3> kNames{"", "client", "server"};
  return named(kNames, n);
}

std::string_view urlDirectionName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 3> kNames{"", "source", "destination"};
  return named(kNames, n);
}

std::string_view tcpDirectionName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 3> kNames{"unknown", "received", "sent"};
  return named(kNames, n);
}

std::string_view wlanVersionName(std::uint64_t n) {
  static constexpr std::array<std::string_view, 5> kNames{"", "a", "b", "g", "n"};
  return named(kNames, n);
}

std::string_view discardReason(std::uint64_t code) {
  return wire::discardReasonName(static_cast<std::uint32_t>(code));
}

}  // namespace weir::flow
