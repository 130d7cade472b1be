#pragma once
#include <map>
#include <memory>
#include <string>

#include "agent_sampling/bpf.h"
#include "agent_sampling/drop_source.h"

struct ring_buffer;

namespace weir::agent {

/// Drops by a BPF program on the kernel's kfree_skb tracepoint, for kernels without drop monitor. Where the members of
/// a packet are and how the reasons are called, the kernel says itself (BTF). The program reports no more drops than it
/// is allowed to, so that a flood costs little. Needs CAP_BPF and CAP_PERFMON at start. Thread: one.
class DropTrace : public DropSource {
 public:
  [[nodiscard]] static Expected<std::unique_ptr<DropTrace>> open();
  ~DropTrace() override;

  [[nodiscard]] int fd() const override;
  void read(const Visit& visit) override;
  void allow(std::uint32_t events) override;
  [[nodiscard]] std::uint64_t takeHeldBack() override;

 private:
  DropTrace() = default;
  static int received(void* self, void* data, std::size_t size);

  std::map<std::uint32_t, std::string> reasons_;
  std::unique_ptr<bpf::SharedArray> counts_;
  netlink::Descriptor events_, program_, link_;
  ring_buffer* ring_ = nullptr;
  const Visit* visit_ = nullptr;
  std::uint64_t heldBackTold_ = 0;
};

}  // namespace weir::agent
