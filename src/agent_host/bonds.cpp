#include "agent_host/bonds.h"

#include <charconv>
#include <filesystem>
#include <string_view>

#include "agent_host/counter_words.h"
#include "agent_host/text_file.h"

namespace weir::agent {

namespace {

/// What stands behind `name: `, or nothing.
std::string_view after(std::string_view line, std::string_view name) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || !line.substr(start).starts_with(name)) return {};
  return line.substr(start + name.size());
}

std::array<std::uint8_t, 6> macOf(std::string_view text) {
  std::array<std::uint8_t, 6> out{};
  for (std::size_t i = 0; i < out.size() && text.size() >= i * 3 + 2; ++i)
    (void)std::from_chars(text.data() + i * 3, text.data() + i * 3 + 2, out[i], 16);
  return out;
}

void readBond(std::string_view text, std::map<std::string, BondMember>& out) {
  BondMember* member = nullptr;
  std::string name;
  bool partner = false;
  for (std::string_view line; nextLine(text, line);) {
    if (const auto slave = after(line, "Slave Interface: "); !slave.empty()) {
      name = slave;
      member = nullptr;
    } else if (!name.empty() && !after(line, "details actor lacp pdu").empty()) {
      member = &out[name];
      partner = false;
    } else if (!name.empty() && !after(line, "details partner lacp pdu").empty()) {
      member = &out[name];
      partner = true;
    } else if (member != nullptr) {
      if (const auto mac = after(line, "system mac address: "); !mac.empty())
        (partner ? member->partner : member->actor) = macOf(mac);
      if (const auto state = after(line, "port state: "); !state.empty())
        (partner ? member->partnerState : member->actorState) = static_cast<std::uint8_t>(number(state));
    }
  }
}

}  // namespace

std::map<std::string, BondMember> readBonds(const std::string& root) {
  std::map<std::string, BondMember> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at(root + "/proc/net/bonding", error), end; !error && at != end;
       at.increment(error))
    if (const auto text = readText(at->path().string())) readBond(*text, out);
  return out;
}

wire::lag_port_stats lagPortStats(const BondMember& member, std::uint32_t aggregate) {
  wire::lag_port_stats out;
  out.dot3adAggPortActorSystemID = member.actor;
  out.dot3adAggPortPartnerOperSystemID = member.partner;
  out.dot3adAggPortAttachedAggID = aggregate;
  // Actor admin, actor oper, partner admin, partner oper: the kernel tells what is in operation.
  out.dot3adAggPortState = {member.actorState, member.actorState, member.partnerState, member.partnerState};
  out.dot3adAggPortStatsLACPDUsRx = kUnknownCounter;
  out.dot3adAggPortStatsMarkerPDUsRx = kUnknownCounter;
  out.dot3adAggPortStatsMarkerResponsePDUsRx = kUnknownCounter;
  out.dot3adAggPortStatsUnknownRx = kUnknownCounter;
  out.dot3adAggPortStatsIllegalRx = kUnknownCounter;
  out.dot3adAggPortStatsLACPDUsTx = kUnknownCounter;
  out.dot3adAggPortStatsMarkerPDUsTx = kUnknownCounter;
  out.dot3adAggPortStatsMarkerResponsePDUsTx = kUnknownCounter;
  return out;
}

}  // namespace weir::agent
