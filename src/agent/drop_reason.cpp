#include "agent/drop_reason.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "agent_config/values.h"
#include "wire/discard_reason.h"

namespace weir::agent {

namespace {

constexpr std::uint32_t kUnknown = 256, kUnknownL2 = 284, kUnknownL3 = 285, kUnknownL4 = 289;
constexpr std::uint32_t kCodes = 512;

struct Row {
  std::string_view name;  ///< the kernel's, in lower case; ends in * where the rest does not matter
  std::uint32_t code;
};

// Drop reasons of Linux (enum skb_drop_reason) and devlink traps whose sFlow code has another name. A name that is
// sFlow's own needs no row.
constexpr Row kNames[] = {
    {"no_socket", 3},
    {"netfilter_drop", 258},
    {"ingress_flow_action_drop", 258},
    {"egress_flow_action_drop", 258},
    {"socket_rcvbuff", 259},
    {"proto_mem", 259},
    {"socket_backlog", 259},
    {"full_ring", 259},
    {"nomem", 259},
    {"tail_drop", 259},
    {"otherhost", 7},
    {"ip_outnoroutes", 6},
    {"ipv4_lpm_miss", 6},
    {"ipv6_lpm_miss", 6},
    {"ip_innoroutes", 0},
    {"ip_inaddrerrors", 1},
    {"reject_route", 9},
    {"ip_rpfilter", 335},
    {"ip_csum", 313},
    {"ip_inhdr", 313},
    {"udp_csum", 316},
    {"tcp_csum", 317},
    {"icmp_csum", 336},
    {"neigh_*", 279},
    {"qdisc_*", 261},
    {"mtu_value_is_too_small", 262},
    {"ttl_value_is_too_small", 257},
    {"hdr_trunc", 324},
    {"ip_noproto", 2},
    {"frag_reasm_timeout", 4},
    {"frag_too_far", 4},
    {"tcp_paws", 345},
};

constexpr Row kGroups[] = {
    {"acl_drops", 258},    {"l2_drops", kUnknownL2}, {"l3_drops", kUnknownL3},    {"l3_exceptions", 286},
    {"buffer_drops", 287}, {"tunnel_drops", 288},    {"parser_error_drops", 323},
};

constexpr Row kFunctions[] = {
    {"tcp_*", kUnknownL4}, {"udp_*", kUnknownL4}, {"icmp*", kUnknownL3},
    {"ip*", kUnknownL3},   {"raw*", kUnknownL3},  {"br_*", kUnknownL2},
};

bool matches(std::string_view pattern, std::string_view text) {
  if (!pattern.ends_with('*')) return pattern == text;
  pattern.remove_suffix(1);
  return text.starts_with(pattern);
}

template <std::size_t N>
std::uint32_t lookUp(const Row (&rows)[N], std::string_view text) {
  for (const auto& row : rows)
    if (matches(row.name, text)) return row.code;
  return kUnknown;
}

/// sFlow's own names.
std::uint32_t byOwnName(const std::string& name) {
  static const std::unordered_map<std::string_view, std::uint32_t> codes = [] {
    std::unordered_map<std::string_view, std::uint32_t> out;
    for (std::uint32_t code = 0; code < kCodes; ++code)
      if (const auto own = wire::discardReasonName(code); !own.empty()) out.emplace(own, code);
    return out;
  }();
  const auto found = codes.find(name);
  return found == codes.end() ? kUnknown : found->second;
}

std::uint32_t byName(std::string_view text) {
  if (text.empty()) return kUnknown;
  const std::string name = lowerCase(text);
  const std::uint32_t code = lookUp(kNames, name);
  return code != kUnknown ? code : byOwnName(name);
}

}  // namespace

std::uint32_t dropReasonCode(const DropEvent& event) {
  if (const auto code = byName(event.reason); code != kUnknown) return code;
  if (const auto code = byName(event.trap); code != kUnknown) return code;
  if (const auto code = lookUp(kGroups, event.trapGroup); code != kUnknown) return code;
  return lookUp(kFunctions, event.function);
}

bool isHousekeeping(const DropEvent& event) {
  static constexpr std::string_view kReasons[] = {"SOCKET_CLOSE", "SOCKET_DESTROY", "QUEUE_PURGE", "CONSUMED",
                                                  "NOT_DROPPED_YET"};
  static constexpr std::string_view kSymbols[] = {"sk_stream_kill_queues", "skb_queue_purge",   "inet_sock_destruct",
                                                  "skb_release_data",      "unix_release_sock", "__skb_queue_purge"};
  const auto holds = [](const auto& list, std::string_view text) {
    return std::find(std::begin(list), std::end(list), text) != std::end(list);
  };
  return holds(kReasons, event.reason) || (event.reason.empty() && holds(kSymbols, event.function));
}

}  // namespace weir::agent
