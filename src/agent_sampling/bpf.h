#pragma once
#include <linux/bpf.h>

#include <cstdint>
#include <span>

#include "base/error.h"
#include "netlink/socket.h"

/// BPF programs written as instructions: they are a dozen lines each, so that neither the build nor the host needs a
/// compiler for them.
namespace weir::agent::bpf {

// Registers: 0 result, 1 to 5 arguments (lost in calls), 6 to 9 kept, 10 frame pointer.

constexpr bpf_insn instruction(unsigned code, unsigned dst, unsigned src, int offset, std::int32_t imm) {
  bpf_insn out{};
  out.code = static_cast<__u8>(code);
  out.dst_reg = static_cast<__u8>(dst & 0xF);
  out.src_reg = static_cast<__u8>(src & 0xF);
  out.off = static_cast<__s16>(offset);
  out.imm = imm;
  return out;
}
constexpr bpf_insn move(unsigned dst, unsigned src) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}
constexpr bpf_insn moveNumber(unsigned dst, std::int32_t n) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, n);
}
/// operation: BPF_ADD, BPF_SUB, BPF_DIV, BPF_MOD and so on, unsigned, 64 bits.
constexpr bpf_insn math(unsigned operation, unsigned dst, unsigned src) {
  return instruction(BPF_ALU64 | operation | BPF_X, dst, src, 0, 0);
}
constexpr bpf_insn mathNumber(unsigned operation, unsigned dst, std::int32_t n) {
  return instruction(BPF_ALU64 | operation | BPF_K, dst, 0, 0, n);
}
/// size: BPF_B, BPF_H, BPF_W or BPF_DW.
constexpr bpf_insn load(unsigned size, unsigned dst, unsigned src, int offset) {
  return instruction(BPF_LDX | BPF_MEM | size, dst, src, offset, 0);
}
constexpr bpf_insn store(unsigned size, unsigned dst, int offset, unsigned src) {
  return instruction(BPF_STX | BPF_MEM | size, dst, src, offset, 0);
}
/// *(u64*)(dst + offset) += src, atomically.
constexpr bpf_insn atomicAdd(unsigned dst, int offset, unsigned src) {
  return instruction(BPF_STX | BPF_ATOMIC | BPF_DW, dst, src, offset, BPF_ADD);
}
/// condition: BPF_JEQ, BPF_JNE, BPF_JGE, BPF_JLT and so on; skips `over` instructions.
constexpr bpf_insn jump(unsigned condition, unsigned dst, unsigned src, int over) {
  return instruction(BPF_JMP | condition | BPF_X, dst, src, over, 0);
}
constexpr bpf_insn jumpNumber(unsigned condition, unsigned dst, std::int32_t n, int over) {
  return instruction(BPF_JMP | condition | BPF_K, dst, 0, over, n);
}
constexpr bpf_insn jumpAlways(int over) {
  return instruction(BPF_JMP | BPF_JA, 0, 0, over, 0);
}
constexpr bpf_insn call(std::int32_t helper) {
  return instruction(BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}
constexpr bpf_insn leave() {
  return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}
/// The two halves of loading a map (kind BPF_PSEUDO_MAP_FD) or the address of its only value (BPF_PSEUDO_MAP_VALUE).
constexpr bpf_insn loadMap(unsigned dst, unsigned kind, int fd) {
  return instruction(BPF_LD | BPF_IMM | BPF_DW, dst, kind, 0, fd);
}
constexpr bpf_insn loadMapEnd() {
  return instruction(0, 0, 0, 0, 0);
}

/// Loads a program.
[[nodiscard]] Expected<netlink::Descriptor> loadProgram(bpf_prog_type type, std::span<const bpf_insn> code);

/// An array of numbers that a program and we share. Reading costs no system call.
class SharedArray {
 public:
  [[nodiscard]] static Expected<SharedArray> make(std::uint32_t entries);
  ~SharedArray();
  SharedArray(SharedArray&& other) noexcept;
  SharedArray& operator=(SharedArray&& other) noexcept;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::uint64_t at(std::size_t index) const;
  void set(std::size_t index, std::uint64_t value);

 private:
  SharedArray() = default;
  netlink::Descriptor fd_;
  std::uint64_t* values_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weir::agent::bpf
