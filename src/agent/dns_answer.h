#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

namespace weir::agent {

/// Types of records (RFC 1035, section 3.2.2; RFC 2782).
inline constexpr std::uint16_t kTxtRecord = 16, kSrvRecord = 33;

/// One SRV record (RFC 2782).
struct ServiceRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;
};

/// The records of an answer that DNS-SD reads.
struct DnsAnswer {
  std::vector<ServiceRecord> services;
  std::vector<std::string> texts;  ///< the strings of TXT records
  std::uint32_t ttl = UINT32_MAX;  ///< the smallest of those records, seconds; all ones if there is none
};

/// Reads a DNS message (RFC 1035 section 4) as it came over UDP or TCP. Every length is checked.
[[nodiscard]] Expected<DnsAnswer> parseDnsAnswer(Bytes message);

}  // namespace weir::agent
