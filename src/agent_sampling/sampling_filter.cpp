#include "agent_sampling/sampling_filter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>

namespace weir::agent {

namespace {

// The classic filter sees only the length: longer packets are taken for segments of at least this size, which holds for
// any segment size from the default of TCP (RFC 9293, 536 octets) up.
constexpr std::uint32_t kLongestSingle = 1600;
constexpr std::uint32_t kLeastSegment = 536;

std::unexpected<Error> attachError() {
  return fail(std::string("attaching a socket filter: ") + std::strerror(errno));
}

Expected<netlink::Descriptor> loadSampler(int mapFd, std::uint32_t n, std::uint32_t keep) {
  using namespace bpf;
  constexpr unsigned kContext = 6, kSegments = 7, kGsoSize = 8, kChances = 9;
  const auto rate = static_cast<std::int32_t>(n);
  const bpf_insn code[] = {
      move(kContext, 1),
      load(BPF_W, kSegments, kContext, offsetof(__sk_buff, gso_segs)),
      load(BPF_W, kGsoSize, kContext, offsetof(__sk_buff, gso_size)),
      jumpNumber(BPF_JNE, kGsoSize, 0, 3),
      moveNumber(kSegments, 1),  // an ordinary packet
      moveNumber(kChances, 1),
      jumpAlways(6),
      // chances = (len + gso_size - 1) / gso_size, which is at least k as len holds the headers too
      load(BPF_W, kChances, kContext, offsetof(__sk_buff, len)),
      math(BPF_ADD, kChances, kGsoSize),
      mathNumber(BPF_SUB, kChances, 1),
      math(BPF_DIV, kChances, kGsoSize),
      jumpNumber(BPF_JNE, kSegments, 0, 1),
      move(kSegments, kChances),  // the kernel has not counted the segments yet
      loadMap(1, BPF_PSEUDO_MAP_VALUE, mapFd),
      loadMapEnd(),
      atomicAdd(1, 0, kSegments),
      call(BPF_FUNC_get_prandom_u32),
      mathNumber(BPF_MOD, 0, rate),
      jump(BPF_JGE, 0, kChances, 2),
      moveNumber(0, static_cast<std::int32_t>(keep)),
      leave(),
      moveNumber(0, 0),
      leave(),
  };
  return loadProgram(BPF_PROG_TYPE_SOCKET_FILTER, code);
}

Expected<> attachCode(int packetSocket, sock_filter* code, std::size_t size) {
  const sock_fprog program{static_cast<unsigned short>(size), code};
  if (::setsockopt(packetSocket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return attachError();
  return {};
}

}  // namespace

Expected<SamplingFilter> SamplingFilter::attach(int packetSocket, std::uint32_t n, std::uint32_t keep) {
  auto count = bpf::SharedArray::make(1);
  if (!count) return attachClassic(packetSocket, n, keep);
  const auto program = loadSampler(count->fd(), n, keep);
  if (!program) return attachClassic(packetSocket, n, keep);
  const int fd = program->get();
  if (::setsockopt(packetSocket, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof fd) != 0)
    return attachClassic(packetSocket, n, keep);
  SamplingFilter out;
  out.count_ = std::move(*count);
  return out;
}

Expected<SamplingFilter> SamplingFilter::attachClassic(int packetSocket, std::uint32_t n, std::uint32_t keep) {
  constexpr auto kRandom = static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM);
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kLongestSingle, 2, 0),
      BPF_STMT(BPF_LD | BPF_IMM, 1),
      BPF_STMT(BPF_JMP | BPF_JA, 2),
      BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, kLeastSegment),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),  // X: chances
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kRandom),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, keep),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  if (auto attached = attachCode(packetSocket, code, std::size(code)); !attached)
    return std::unexpected(attached.error());
  return SamplingFilter();
}

Expected<> SamplingFilter::attachNothing(int packetSocket) {
  sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  return attachCode(packetSocket, code, std::size(code));
}

std::uint32_t SamplingFilter::chances(std::uint32_t length, std::uint32_t gsoSize) const {
  if (!count_) return length > kLongestSingle ? length / kLeastSegment + 1 : 1;
  return gsoSize == 0 ? 1 : (length + gsoSize - 1) / gsoSize;
}

std::optional<std::uint64_t> SamplingFilter::packets() const {
  if (!count_) return std::nullopt;
  return count_->at(0);
}

}  // namespace weir::agent
