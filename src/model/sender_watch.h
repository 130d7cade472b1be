#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/time.h"

namespace weir::model {

/// Tells whether the datagrams of one sub-agent that come from several addresses are those of one device. One device
/// numbers its datagrams, and the numbers grow with its uptime, whichever of its addresses it sends from, and behind
/// whichever address it is seen. Two devices have numbers and uptimes of their own, which alternate and make no one
/// series (sFlow version 5, section 5, datagram header). Costs a comparison as long as the sender stays the same.
/// Memory is bounded. Thread: its owner's.
class SenderWatch {
 public:
  /// One datagram.
  struct Datagram {
    IpAddress sender;
    std::uint32_t sequence = 0, uptimeMs = 0;
    Nanos at = 0;  ///< arrival
  };
  enum class Verdict : std::uint8_t {
    same,       ///< it may go on where the one before ended
    different,  ///< it does not: nothing before is comparable. A device that began anew behind another address, or
                ///< another device
    conflict,   ///< now it is certain: the senders of this datagram and of the one before (rival()) are two devices
    other,      ///< of a device that separate() named, or one that is neither that nor this
  };

  SenderWatch();
  SenderWatch(SenderWatch&&) noexcept;
  SenderWatch& operator=(SenderWatch&&) noexcept;
  ~SenderWatch();

  /// The datagrams in order of arrival. `content`: all octets of the datagram; two of one number may be one that came
  /// twice.
  Verdict note(const Datagram& datagram, Bytes content) {
    if (several_ != nullptr || (datagram.sender != last_.sender && isKnown())) return noteSeveral(datagram, content);
    last_ = datagram;
    return Verdict::same;
  }
  /// After a conflict: this sender, of the last datagram or rival(), is another device from now on.
  void separate(const IpAddress& other);

  /// Of the last datagram of this device; family none before the first.
  [[nodiscard]] const IpAddress& sender() const { return last_.sender; }
  /// The sender of the datagram before a conflict.
  [[nodiscard]] const IpAddress& rival() const;
  /// Senders of other devices that were heard in the last hour, sorted; of many the first 256.
  [[nodiscard]] std::vector<IpAddress> others(Nanos now) const;

 private:
  struct Several;

  [[nodiscard]] bool isKnown() const { return last_.sender.family != IpAddress::Family::none; }
  Verdict noteSeveral(const Datagram& datagram, Bytes content);

  Datagram last_;
  std::unique_ptr<Several> several_;  // once a second sender was heard
};

}  // namespace weir::model
