#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_set>

#include "agent/entity_set.h"
#include "agent/sample_sender.h"
#include "agent/sequence_book.h"
#include "agent_host/network.h"
#include "agent_sampling/sampled_frame.h"
#include "agent_sampling/socket_lookup.h"
#include "decode/packet.h"

namespace weir::agent {

/// Addresses of this host, for the way of a sample: looking one up allocates nothing.
class LocalAddresses {
 public:
  void assign(const Network& network);
  [[nodiscard]] bool has(const IpAddress& address) const { return addresses_.contains(address); }

 private:
  struct Hash {
    std::size_t operator()(const IpAddress& a) const { return a.hash(); }
  };
  std::unordered_set<IpAddress, Hash> addresses_;
};

/// What a source of packets knows beside the frame (psample).
struct FrameExtras {
  std::optional<std::uint32_t> egressQueue;   ///< extended_egress_queue (0:1036)
  std::optional<std::uint32_t> transitDelay;  ///< ns, extended_transit (0:1039)
  std::optional<std::uint32_t> queueDepth;    ///< octets, extended_queue (0:1040)
};

/// Turns frames into flow samples: a batch is collected, the connections of its TCP frames are asked for together, and
/// the samples leave. Nothing is allocated for a frame. Thread: one.
class FlowSampler {
 public:
  /// entities: to say with a sample which service, container or pod it belongs to.
  FlowSampler(SampleSender& sender, const EntitySet& entities) : sender_(sender), entities_(entities) {}

  /// Nothing: sockets are not looked up, and samples carry no extended_tcp_info.
  void setTcp(const std::optional<TcpSettings>& settings);
  void setLocal(const Network& network) { local_.assign(network); }

  /// Where the following frames were sampled.
  struct Origin {
    std::uint32_t ifIndex = 0;  ///< the data source
    std::uint32_t rate = 1;
    SourceNumbers* numbers = nullptr;
    /// Ports as a switch tells them; else they follow from the frame's direction.
    std::optional<std::uint32_t> input, output;
  };
  /// A frame to fill in. The batch is sent when it is full.
  [[nodiscard]] SampledFrame& slot() { return entries_[count_].frame; }
  void done(const Origin& origin, const FrameExtras& extras, Nanos now);
  /// Packets that the open batch stands for, shared among its samples' pools; nothing: each stands for its rate.
  void setPacketsSeen(std::optional<std::uint64_t> packets) { packetsSeen_ = packets; }
  /// Sends the batch. All its frames must come from one data source if packets were given.
  void finish(Nanos now);

  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] const SocketLookup* sockets() const { return sockets_ ? &*sockets_ : nullptr; }

 private:
  struct Entry {
    SampledFrame frame;
    Origin origin;
    FrameExtras extras;
    std::uint32_t input = 0, output = 0;
    std::uint32_t from = 0, to = 0;                ///< container or pod at an end, by its address; 0 none
    std::size_t lookup = SocketLookup::kMaxBatch;  ///< place of the socket asked for, kMaxBatch: none
    bool sent = false;                             ///< by that socket
  };
  void look(Entry& entry);
  void markEnds(Entry& entry) const;
  void askForSocket(Entry& entry, const decode::LayerRef* ip);
  [[nodiscard]] const decode::LayerRef* transportOf(const decode::LayerRef* ip) const;
  void setPorts(Entry& entry, const decode::LayerRef* ip) const;
  void addPool(Entry& entry, std::size_t position);
  void send(const Entry& entry, Nanos now);
  void addConnection(wire::DatagramWriter& writer, const Entry& entry) const;
  void addEntities(wire::DatagramWriter& writer, const Entry& entry) const;

  SampleSender& sender_;
  const EntitySet& entities_;
  LocalAddresses local_;
  std::optional<SocketLookup> sockets_;
  TcpSettings tcp_;
  decode::Packet packet_;
  std::array<Entry, SocketLookup::kMaxBatch> entries_;
  std::size_t count_ = 0;
  std::optional<std::uint64_t> packetsSeen_;
  std::uint64_t samples_ = 0;
};

}  // namespace weir::agent
