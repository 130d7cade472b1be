#pragma once
#include <linux/if_packet.h>

#include <cstdint>
#include <optional>

#include "agent_sampling/sampling_filter.h"
#include "base/bytes.h"
#include "base/time.h"
#include "netlink/socket.h"

namespace weir::agent {

/// A packet that the filter passed. Points into the ring: gone with the next read.
struct TapPacket {
  Bytes bytes;                   ///< its first octets, from the link header on
  std::uint32_t length = 0;      ///< of the whole, on the socket
  std::uint32_t linkHeader = 0;  ///< octets before the network header
  std::uint16_t etherType = 0;
  bool outgoing = false;  ///< by the kernel's packet type, not by addresses
  bool forUs = false;     ///< received for this host's own link address, or broadcast or multicast
  bool vlan = false;      ///< a tag that was taken off: to be put back
  std::uint16_t vlanTpid = 0;
  std::uint16_t vlanTci = 0;
  std::uint32_t gsoSize = 0;  ///< payload of its segments, 0: it is one packet
  bool gsoUdp = false;
  std::uint32_t transport = 0;  ///< offset of the transport header where the kernel tells, else 0
  std::uint32_t chances = 1;    ///< that the filter gave it
  Nanos time = 0;               ///< system clock
};

struct TapOptions {
  std::uint32_t n = 1;
  std::uint32_t headerBytes = 128;
  bool promiscuous = false;
};

/// Packets of one device, both directions, through a ring shared with the kernel (linux packet_mmap.rst, TPACKET_V3):
/// no system call and no copy of more than the header for a packet. A block is handed over when it is full or
/// kBlockTimeoutMs after its first packet. Needs CAP_NET_RAW. Thread: one.
class PacketTap {
 public:
  [[nodiscard]] static Expected<PacketTap> open(std::uint32_t ifIndex, const TapOptions& options);
  ~PacketTap();
  PacketTap(PacketTap&& other) noexcept;
  PacketTap& operator=(PacketTap&&) = delete;

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Calls visit(const TapPacket&) for each packet of the blocks that are ready, at most a whole ring of them.
  template <class Visit>
  void read(Visit&& visit) {
    for (std::size_t blocks = 0; blocks < kBlocks; ++blocks) {
      auto* block = ready();
      if (block == nullptr) {
        if (blocks == 0) clearError();
        return;
      }
      const auto* at = reinterpret_cast<const std::uint8_t*>(block) + block->hdr.bh1.offset_to_first_pkt;
      for (std::uint32_t left = block->hdr.bh1.num_pkts; left > 0; --left) {
        const auto* header = reinterpret_cast<const tpacket3_hdr*>(at);
        TapPacket packet;
        if (take(block, header, packet)) visit(static_cast<const TapPacket&>(packet));
        at += header->tp_next_offset;
      }
      release(block);
    }
  }
  /// Stops the flow of packets, so that what read() then gives are the last ones under the options so far.
  [[nodiscard]] Expected<> pause() const;
  /// Lets it flow with other options.
  [[nodiscard]] Expected<> resume(const TapOptions& options);

  /// Packets seen on the device since the tap was opened, segments one by one; nothing where that is unknown.
  [[nodiscard]] std::optional<std::uint64_t> packets() const;
  /// Packets that the filter passed and the ring had no room for, since the last call.
  [[nodiscard]] std::uint32_t takeDrops() const;

  /// A block holds some 130 samples of 128 octets; the ring, at low rates, 0.6 s of them without being read.
  static constexpr std::size_t kBlockSize = 32 * 1024;
  static constexpr std::size_t kBlocks = 32;
  static constexpr unsigned kBlockTimeoutMs = 20;

 private:
  PacketTap(netlink::Descriptor fd, std::uint32_t ifIndex) : fd_(std::move(fd)), ifIndex_(ifIndex) {}
  [[nodiscard]] Expected<> setUp();
  [[nodiscard]] tpacket_block_desc* ready();
  void release(tpacket_block_desc* block);
  /// A device that goes down leaves an error on the socket, which would wake its reader for ever.
  void clearError() const;
  bool take(const tpacket_block_desc* block, const tpacket3_hdr* header, TapPacket& packet) const;
  void setPromiscuous(bool on);

  netlink::Descriptor fd_;
  std::uint32_t ifIndex_;
  std::uint8_t* ring_ = nullptr;
  std::size_t next_ = 0;
  bool promiscuous_ = false;
  std::optional<SamplingFilter> filter_;
  std::uint64_t packetsBefore_ = 0;  // counted by filters before this one
};

}  // namespace weir::agent
