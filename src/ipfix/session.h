#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "ipfix/flow_export.h"
#include "ipfix/message.h"

namespace weir::ipfix {

/// The messages to one collector (a transport session over UDP, RFC 7011 2 and 10.3): which template has which number,
/// when templates are told, and how many records went before.
///
/// Templates are told before the first record that needs them, and all of them again every kTemplateInterval, since one
/// may be lost (RFC 7011 8.1). Numbers are not used again until all others were; nothing is withdrawn, which UDP does
/// not know (8.4). The observation domain is a number of the session: records of many exporters, gathered (3.1).
/// Thread: one. Time is given by the caller.
class Session {
 public:
  static constexpr Nanos kTemplateInterval = 60 * kSecond;

  struct Moment {
    Nanos clock = 0;      ///< the engine's: export time
    Nanos monotonic = 0;  ///< decides when templates are told again
  };
  /// Takes each finished message and the number of its records; the octets are valid inside the call.
  using Send = std::function<void(Bytes message, unsigned records)>;
  /// `domain`: the observation domain. Two sessions may lead to one collector by different names, and template numbers
  /// belong to a domain.
  explicit Session(Send send, std::uint32_t domain = 0) : send_(std::move(send)), domain_(domain) {}

  /// The definitions whose records go to this collector; new ones are told of at the next announce().
  void setFlows(const std::vector<std::shared_ptr<const FlowExport>>& flows);
  /// The collector has another address: it knows nothing yet.
  void beginAnew();
  /// Sends the templates, if it is time to.
  void announce(const Moment& at);
  /// When it will be time: INT64_MAX without a definition.
  [[nodiscard]] Nanos nextAnnouncement() const { return ids_.empty() ? INT64_MAX : announceAt_; }
  /// False: its definition is none of setFlows().
  bool add(const Record& record, const Moment& at);
  /// Sends what has gathered.
  void flush(const Moment& at);

 private:
  std::uint16_t takeIds();

  Send send_;
  std::uint32_t domain_;
  Message message_;
  std::uint32_t sequence_ = 0;
  Nanos announceAt_ = INT64_MIN;
  // The template for agents with IPv4 addresses; the next number is that for IPv6.
  std::map<std::shared_ptr<const FlowExport>, std::uint16_t> ids_;
  std::uint16_t nextId_ = Message::kLeastTemplateId;
};

}  // namespace weir::ipfix
