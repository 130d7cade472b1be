#include "agent_sampling/drop_trace.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

namespace weir::agent {

namespace {

constexpr std::uint32_t kHeaderBytes = 128;
constexpr std::uint32_t kRingBytes = 1 << 20;
constexpr std::uint16_t kNoMacHeader = 0xFFFF;                  // mac_header before it is set
constexpr std::size_t kBudget = 0, kHeldBack = 1, kCounts = 2;  // places of the shared array

/// What the program puts into the ring.
struct Record {
  std::uint32_t reason;
  std::uint32_t length;
  std::uint32_t device;
  std::uint32_t inDevice;
  std::uint32_t captured;
  std::uint16_t protocol;  // network order
  std::uint16_t macHeader;
  std::uint16_t networkHeader;
  std::uint16_t hardwareType;
  std::uint32_t start;       // from head: where `header` was read
  std::uint32_t dataOffset;  // from head: what `length` counts from
  std::uint32_t unused;
  std::uint8_t header[kHeaderBytes];
};
static_assert(sizeof(Record) % 8 == 0);

/// The kernel's types.
class Types {
 public:
  [[nodiscard]] static Expected<Types> load() {
    Types out;
    out.btf_.reset(::btf__load_vmlinux_btf());
    if (!out.btf_) return fail("the kernel has no type information (BTF)");
    return out;
  }
  /// Octets from the start of a structure to a member, also inside members without a name.
  [[nodiscard]] std::optional<int> offset(const char* structure, const char* member) const {
    const int id = ::btf__find_by_name_kind(btf_.get(), structure, BTF_KIND_STRUCT);
    return id < 0 ? std::nullopt : offsetIn(static_cast<std::uint32_t>(id), member, 0);
  }
  [[nodiscard]] std::map<std::uint32_t, std::string> dropReasons() const {
    std::map<std::uint32_t, std::string> out;
    const int id = ::btf__find_by_name_kind(btf_.get(), "skb_drop_reason", BTF_KIND_ENUM);
    if (id < 0) return out;
    const btf_type* type = ::btf__type_by_id(btf_.get(), static_cast<std::uint32_t>(id));
    const std::string_view prefix = "SKB_DROP_REASON_";
    for (int i = 0; i < ::btf_vlen(type); ++i) {
      const struct btf_enum& e = ::btf_enum(type)[i];
      std::string_view name = ::btf__name_by_offset(btf_.get(), e.name_off);
      if (name.starts_with(prefix)) out[static_cast<std::uint32_t>(e.val)] = name.substr(prefix.size());
    }
    return out;
  }

 private:
  [[nodiscard]] std::optional<int> offsetIn(std::uint32_t id, const char* member, int base) const {
    const btf_type* type = ::btf__type_by_id(btf_.get(), id);
    while (type != nullptr && (::btf_is_mod(type) || ::btf_is_typedef(type)))
      type = ::btf__type_by_id(btf_.get(), type->type);
    if (type == nullptr || !::btf_is_composite(type)) return std::nullopt;
    for (int i = 0; i < ::btf_vlen(type); ++i) {
      const ::btf_member& m = ::btf_members(type)[i];
      const int at = base + static_cast<int>(::btf_member_bit_offset(type, static_cast<std::uint32_t>(i)) / 8);
      const std::string_view name = ::btf__name_by_offset(btf_.get(), m.name_off);
      if (name == member) return at;
      if (name.empty())
        if (const auto inside = offsetIn(m.type, member, at)) return inside;
    }
    return std::nullopt;
  }
  struct Free {
    void operator()(btf* p) const { ::btf__free(p); }
  };
  std::unique_ptr<btf, Free> btf_;
};

/// Where the members are that the program reads.
struct Offsets {
  int protocol, len, head, data, tail, macHeader, networkHeader, device, inDevice, ifIndex, hardwareType;
  [[nodiscard]] static Expected<Offsets> of(const Types& types) {
    Offsets out{};
    const auto find = [&](const char* structure, const char* member, int& place) {
      const auto at = types.offset(structure, member);
      if (at) place = *at;
      return at.has_value();
    };
    if (find("sk_buff", "protocol", out.protocol) && find("sk_buff", "len", out.len) &&
        find("sk_buff", "head", out.head) && find("sk_buff", "data", out.data) && find("sk_buff", "tail", out.tail) &&
        find("sk_buff", "mac_header", out.macHeader) && find("sk_buff", "network_header", out.networkHeader) &&
        find("sk_buff", "dev", out.device) && find("sk_buff", "skb_iif", out.inDevice) &&
        find("net_device", "ifindex", out.ifIndex) && find("net_device", "type", out.hardwareType))
      return out;
    return fail("this kernel's packets have members of other names");
  }
};

/// Writes the program. Registers: 6 context, 7 the packet, 8 and 9 work. The record stands on the stack.
class ProgramWriter {
 public:
  ProgramWriter(const Offsets& offsets, int counts, int ring) : o_(offsets), counts_(counts), ring_(ring) {}

  std::vector<bpf_insn> write() {
    using namespace bpf;
    add(move(6, 1));
    add(load(BPF_DW, 7, 6, 0));  // the packet
    for (int at = 0; at < static_cast<int>(sizeof(Record)); at += 8) storeNumber(at, 0);
    // Packets without a protocol are messages between programs, not traffic.
    probe(offsetof(Record, protocol), 2, 7, o_.protocol);
    add(load(BPF_H, 8, 10, stack(offsetof(Record, protocol))));
    exitIf(jumpNumber(BPF_JNE, 8, 0, 0));
    spendBudget();
    add(load(BPF_DW, 8, 6, 16));  // the reason
    add(store(BPF_W, 10, stack(offsetof(Record, reason)), 8));
    probe(offsetof(Record, length), 4, 7, o_.len);
    probe(offsetof(Record, inDevice), 4, 7, o_.inDevice);
    probe(offsetof(Record, macHeader), 2, 7, o_.macHeader);
    probe(offsetof(Record, networkHeader), 2, 7, o_.networkHeader);
    readDevice();
    readHeader();
    add(loadMap(1, BPF_PSEUDO_MAP_FD, ring_));
    add(loadMapEnd());
    add(move(2, 10));
    add(mathNumber(BPF_ADD, 2, stack(0)));
    add(moveNumber(3, sizeof(Record)));
    add(moveNumber(4, 0));
    add(call(BPF_FUNC_ringbuf_output));
    add(moveNumber(0, 0));
    add(leave());
    return code_;
  }

 private:
  static constexpr int stack(std::size_t at) { return static_cast<int>(at) - static_cast<int>(sizeof(Record)) - 8; }
  static constexpr int kPointer = -8;  // eight octets below the frame pointer for a pointer that was read

  void add(const bpf_insn& instruction) { code_.push_back(instruction); }
  void storeNumber(int at, std::int32_t number) {
    add(bpf::instruction(BPF_ST | BPF_MEM | BPF_DW, 10, 0, stack(static_cast<std::size_t>(at)), number));
  }
  /// Leaves unless the condition (a jump whose distance is filled in here) holds.
  void exitIf(bpf_insn unless) {
    unless.off = 2;
    add(unless);
    add(bpf::moveNumber(0, 0));
    add(bpf::leave());
  }
  /// Copies `size` octets at base + offset to a place of the stack, given from the frame pointer.
  void probeTo(int place, std::int32_t size, unsigned base, int offset) {
    using namespace bpf;
    add(move(1, 10));
    add(mathNumber(BPF_ADD, 1, place));
    add(moveNumber(2, size));
    add(move(3, base));
    add(mathNumber(BPF_ADD, 3, offset));
    add(call(BPF_FUNC_probe_read_kernel));
  }
  void probe(std::size_t member, std::int32_t size, unsigned base, int offset) {
    probeTo(stack(member), size, base, offset);
  }

  /// One of the drops that may be reported, or only counted.
  void spendBudget() {
    using namespace bpf;
    add(loadMap(8, BPF_PSEUDO_MAP_VALUE, counts_));
    add(loadMapEnd());
    add(load(BPF_DW, 9, 8, kBudget * 8));
    add(jumpNumber(BPF_JSGT, 9, 0, 4));
    add(moveNumber(9, 1));
    add(atomicAdd(8, kHeldBack * 8, 9));
    add(moveNumber(0, 0));
    add(leave());
    add(moveNumber(9, -1));
    add(atomicAdd(8, kBudget * 8, 9));
  }
  void readDevice() {
    using namespace bpf;
    probeTo(kPointer, 8, 7, o_.device);
    add(load(BPF_DW, 8, 10, kPointer));
    const std::size_t skip = code_.size();
    add(jumpNumber(BPF_JEQ, 8, 0, 0));
    probe(offsetof(Record, device), 4, 8, o_.ifIndex);
    probe(offsetof(Record, hardwareType), 2, 8, o_.hardwareType);
    code_[skip].off = static_cast<__s16>(code_.size() - skip - 1);
  }
  /// The first octets, from the link header on where there is one, no further than the packet's first piece goes.
  void readHeader() {
    using namespace bpf;
    probeTo(kPointer, 8, 7, o_.data);
    add(load(BPF_DW, 9, 10, kPointer));
    probeTo(kPointer, 8, 7, o_.head);
    add(load(BPF_DW, 8, 10, kPointer));
    add(math(BPF_SUB, 9, 8));
    add(store(BPF_W, 10, stack(offsetof(Record, dataOffset)), 9));
    add(load(BPF_H, 8, 10, stack(offsetof(Record, networkHeader))));
    add(load(BPF_H, 9, 10, stack(offsetof(Record, macHeader))));
    add(jumpNumber(BPF_JEQ, 9, kNoMacHeader, 2));
    add(jump(BPF_JGE, 9, 8, 1));
    add(move(8, 9));
    add(store(BPF_W, 10, stack(offsetof(Record, start)), 8));
    probeTo(kPointer, 8, 7, o_.tail);  // an offset from head (64-bit kernels)
    add(load(BPF_W, 9, 10, kPointer));
    exitIf(jump(BPF_JGT, 9, 8, 0));
    add(math(BPF_SUB, 9, 8));
    add(jumpNumber(BPF_JLE, 9, kHeaderBytes, 1));
    add(moveNumber(9, kHeaderBytes));
    add(store(BPF_W, 10, stack(offsetof(Record, captured)), 9));
    probeTo(kPointer, 8, 7, o_.head);
    add(load(BPF_DW, 3, 10, kPointer));
    add(math(BPF_ADD, 3, 8));
    add(move(1, 10));
    add(mathNumber(BPF_ADD, 1, stack(offsetof(Record, header))));
    add(move(2, 9));
    add(call(BPF_FUNC_probe_read_kernel));
  }

  const Offsets& o_;
  int counts_, ring_;
  std::vector<bpf_insn> code_;
};

}  // namespace

Expected<std::unique_ptr<DropTrace>> DropTrace::open() {
  const auto types = Types::load();
  if (!types) return std::unexpected(types.error());
  const auto offsets = Offsets::of(*types);
  if (!offsets) return std::unexpected(offsets.error());
  std::unique_ptr<DropTrace> out(new DropTrace);
  out->reasons_ = types->dropReasons();
  auto counts = bpf::SharedArray::make(kCounts);
  if (!counts) return std::unexpected(counts.error());
  out->counts_ = std::make_unique<bpf::SharedArray>(std::move(*counts));
  out->events_ = netlink::Descriptor(::bpf_map_create(BPF_MAP_TYPE_RINGBUF, "weir", 0, 0, kRingBytes, nullptr));
  if (!out->events_) return fail(std::string("making a BPF ring: ") + std::strerror(errno));
  const auto code = ProgramWriter(*offsets, out->counts_->fd(), out->events_.get()).write();
  auto program = bpf::loadProgram(BPF_PROG_TYPE_RAW_TRACEPOINT, code);
  if (!program) return std::unexpected(program.error());
  out->program_ = std::move(*program);
  out->ring_ = ::ring_buffer__new(out->events_.get(), &DropTrace::received, out.get(), nullptr);
  if (out->ring_ == nullptr) return fail(std::string("reading a BPF ring: ") + std::strerror(errno));
  out->link_ = netlink::Descriptor(::bpf_raw_tracepoint_open("kfree_skb", out->program_.get()));
  if (!out->link_) return fail(std::string("attaching to kfree_skb: ") + std::strerror(errno));
  return out;
}

DropTrace::~DropTrace() {
  link_.reset();
  if (ring_ != nullptr) ::ring_buffer__free(ring_);
}

int DropTrace::fd() const {
  return ::ring_buffer__epoll_fd(ring_);
}

void DropTrace::read(const Visit& visit) {
  visit_ = &visit;
  (void)::ring_buffer__consume(ring_);
  visit_ = nullptr;
}

void DropTrace::allow(std::uint32_t events) {
  counts_->set(kBudget, events);
}

std::uint64_t DropTrace::takeHeldBack() {
  const std::uint64_t now = counts_->at(kHeldBack);
  return now - std::exchange(heldBackTold_, now);
}

int DropTrace::received(void* self, void* data, std::size_t size) {
  auto& trace = *static_cast<DropTrace*>(self);
  if (size < sizeof(Record) || trace.visit_ == nullptr) return 0;
  Record record;
  std::memcpy(&record, data, sizeof record);
  constexpr std::uint16_t kEthernet = 1, kLoopback = 772;  // ARPHRD_
  DropEvent out;
  out.packet = Bytes(static_cast<std::uint8_t*>(data) + offsetof(Record, header),
                     std::min<std::size_t>(record.captured, kHeaderBytes));
  const bool link = record.start == record.macHeader && record.macHeader < record.networkHeader;
  out.ethernet = link && (record.hardwareType == kEthernet || record.hardwareType == kLoopback);
  if (link && !out.ethernet) {
    const std::size_t skipped = record.networkHeader - record.macHeader;
    out.packet = out.packet.subspan(std::min(skipped, out.packet.size()));
  }
  out.etherType = __builtin_bswap16(record.protocol);
  // The layer that dropped it had already taken its headers off.
  const std::uint32_t begin = out.ethernet || !link ? record.start : record.networkHeader;
  const std::uint32_t before = record.dataOffset > begin ? record.dataOffset - begin : 0;
  out.length = std::max(record.length + before, static_cast<std::uint32_t>(out.packet.size()));
  out.inDevice = record.inDevice != 0 ? record.inDevice : record.device;
  if (const auto name = trace.reasons_.find(record.reason); name != trace.reasons_.end()) out.reason = name->second;
  out.time = systemNow();
  (*trace.visit_)(out);
  return 0;
}

}  // namespace weir::agent
