#include "agent_sampling/bpf.h"

#include <bpf/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace weir::agent::bpf {

Expected<netlink::Descriptor> loadProgram(bpf_prog_type type, std::span<const bpf_insn> code) {
  const int fd = ::bpf_prog_load(type, "weir", "GPL", code.data(), code.size(), nullptr);
  if (fd < 0) return fail("loading a BPF program: " + std::string(std::strerror(errno)));
  return netlink::Descriptor(fd);
}

Expected<SharedArray> SharedArray::make(std::uint32_t entries) {
  SharedArray out;
  LIBBPF_OPTS(bpf_map_create_opts, options);
  options.map_flags = BPF_F_MMAPABLE;
  // One value holds all entries: programs then reach it by a constant address.
  const std::uint32_t octets = entries * sizeof(std::uint64_t);
  out.fd_ =
      netlink::Descriptor(::bpf_map_create(BPF_MAP_TYPE_ARRAY, "weir", sizeof(std::uint32_t), octets, 1, &options));
  if (!out.fd_) return fail(std::string("making a BPF map: ") + std::strerror(errno));
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  out.size_ = (octets + page - 1) / page * page;
  void* mapped = ::mmap(nullptr, out.size_, PROT_READ | PROT_WRITE, MAP_SHARED, out.fd_.get(), 0);
  if (mapped == MAP_FAILED) return fail(std::string("mapping a BPF map: ") + std::strerror(errno));
  out.values_ = static_cast<std::uint64_t*>(mapped);
  return out;
}

SharedArray::~SharedArray() {
  if (values_ != nullptr) ::munmap(values_, size_);
}

SharedArray::SharedArray(SharedArray&& other) noexcept
    : fd_(std::move(other.fd_)), values_(std::exchange(other.values_, nullptr)), size_(other.size_) {}

SharedArray& SharedArray::operator=(SharedArray&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(values_, other.values_);
  std::swap(size_, other.size_);
  return *this;
}

std::uint64_t SharedArray::at(std::size_t index) const {
  return __atomic_load_n(values_ + index, __ATOMIC_RELAXED);
}

void SharedArray::set(std::size_t index, std::uint64_t value) {
  __atomic_store_n(values_ + index, value, __ATOMIC_RELAXED);
}

}  // namespace weir::agent::bpf
