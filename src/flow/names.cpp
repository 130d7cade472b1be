#include "flow/names.h"

#include <array>

#include "wire/discard_reason.h"

namespace weir::flow {

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
  return transport < kNames.size() ? kNames[transport] : std::string_view{};
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

std::string_view discardReason(std::uint64_t code) {
  return wire::discardReasonName(static_cast<std::uint32_t>(code));
}

}  // namespace weir::flow
