#include "model/sender_watch.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>

#include "base/hash.h"
#include "model/sequence.h"

namespace weir::model {

namespace {

using Datagram = SenderWatch::Datagram;

constexpr std::size_t kSendersRemembered = 4, kOthersRemembered = 256;
constexpr std::uint32_t kFirstWeight = 1000;  // of the first sender: who came later makes room before it
constexpr Nanos kOthersLast = 3600 * kSecond;
// A turn: the numbers of a sender go on where it stopped, and those between are not of the same series. One is enough
// where it comes soon. Two devices of which one stands in for the other, and gives back, are no conflict.
constexpr Nanos kSoon = 60 * kSecond, kTurnsLast = 600 * kSecond;
constexpr unsigned kTurnsOfConflict = 2;
// An uptime may run ahead of the clock here by an eighth, and datagrams wait on their way.
constexpr std::int64_t kWaitMs = 5'000;
constexpr std::int64_t kOvertakenMs = 10;  // numbers and uptimes are taken at nearly the same time
constexpr std::size_t kCompared = 256;     // octets of the content: the numbers and first samples differ

std::int64_t msBetween(const Datagram& from, const Datagram& to) {
  return std::max<Nanos>(0, to.at - from.at) / kMillisecond;
}

/// Whether both may be of one device, the second received after the first: its number and its uptime are both later,
/// or it was overtaken and both are earlier.
bool mayBeOfOne(const Datagram& first, const Datagram& second) {
  const std::int64_t advance = static_cast<std::int32_t>(second.uptimeMs - first.uptimeMs);
  const std::uint32_t ahead = second.sequence - first.sequence;
  const bool untracked = ahead == 0 && second.sequence <= 1;
  if (ahead == 0 && !untracked) return advance == 0;
  const std::int64_t elapsed = msBetween(first, second);
  if (ahead <= SequenceTracker::kLargestGap) {
    return advance >= -kOvertakenMs && advance <= elapsed + elapsed / 8 + kWaitMs;
  }
  return first.sequence - second.sequence <= SequenceTracker::kLargestGap && advance <= kOvertakenMs &&
         elapsed - advance <= kWaitMs;
}

/// Whether the sender of the first certainly sent on, without having begun anew.
bool continues(const Datagram& first, const Datagram& second) {
  return second.sequence != first.sequence && mayBeOfOne(first, second) &&
         second.uptimeMs + kWaitMs >= msBetween(first, second);
}

}  // namespace

struct SenderWatch::Several {
  struct Stream {
    Datagram last;
    std::uint32_t datagrams = 1;
  };
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(const IpAddress& address) const { return address.hash(); }
  };

  std::vector<Stream> streams;                               // of each sender that this device may have
  boost::unordered_flat_map<IpAddress, Nanos, Hash> others;  // senders of other devices: when last heard
  std::uint64_t lastContent = 0;                             // 0: not known
  Datagram before;
  unsigned turns = 0;
  Nanos lastTurn = 0;

  Stream* streamOf(const IpAddress& sender) {
    const auto at = std::ranges::find(streams, sender, [](const Stream& s) { return s.last.sender; });
    return at == streams.end() ? nullptr : &*at;
  }
  void note(const Datagram& datagram, Stream* own) {
    if (own != nullptr) {
      own->last = datagram;
      ++own->datagrams;
      return;
    }
    if (streams.size() == kSendersRemembered) streams.erase(std::ranges::min_element(streams, {}, &Stream::datagrams));
    streams.push_back({datagram});
  }
  /// Whether the datagram is of another device that is known, or of a sender that was never heard and does not go on
  /// where this device ended.
  bool isOther(const Datagram& datagram, const Datagram& last) {
    if (others.empty() || datagram.sender == last.sender) return false;
    const auto known = others.find(datagram.sender);
    if (known != others.end() && datagram.at - known->second < kOthersLast) {
      known->second = datagram.at;
      return true;
    }
    if (known != others.end()) others.erase(known);
    if (streamOf(datagram.sender) != nullptr || mayBeOfOne(last, datagram)) return false;
    addOther(datagram.sender, datagram.at);
    return true;
  }
  void addOther(const IpAddress& sender, Nanos at) {
    if (others.size() >= kOthersRemembered) {
      boost::unordered::erase_if(others, [&](const auto& other) { return at - other.second >= kOthersLast; });
    }
    if (others.size() < kOthersRemembered) others.emplace(sender, at);
  }
};

SenderWatch::SenderWatch() = default;
SenderWatch::SenderWatch(SenderWatch&&) noexcept = default;
SenderWatch& SenderWatch::operator=(SenderWatch&&) noexcept = default;
SenderWatch::~SenderWatch() = default;

SenderWatch::Verdict SenderWatch::noteSeveral(const Datagram& datagram, Bytes content) {
  if (several_ == nullptr) {
    several_ = std::make_unique<Several>();
    several_->streams.push_back({last_, kFirstWeight});
  }
  Several& several = *several_;
  if (several.isOther(datagram, last_)) return Verdict::other;
  const std::uint64_t hash = hashBytes(content.data(), std::min(content.size(), kCompared), content.size());
  Verdict verdict = Verdict::same;
  Several::Stream* const own = several.streamOf(datagram.sender);
  if (datagram.sender != last_.sender) {
    const bool repeated = datagram.sequence > 1 && datagram.sequence == last_.sequence;
    const bool otherContent = repeated && several.lastContent != 0 && several.lastContent != hash;
    if (otherContent || !mayBeOfOne(last_, datagram)) verdict = Verdict::different;
    if (verdict == Verdict::different && own != nullptr && continues(own->last, datagram)) {
      if (datagram.at - several.lastTurn > kTurnsLast) several.turns = 0;
      several.turns += datagram.at - own->last.at <= kSoon ? kTurnsOfConflict : 1;
      several.lastTurn = datagram.at;
      if (several.turns >= kTurnsOfConflict) verdict = Verdict::conflict;
    }
  }
  several.note(datagram, own);
  several.lastContent = hash;
  several.before = std::exchange(last_, datagram);
  return verdict;
}

void SenderWatch::separate(const IpAddress& other) {
  Several& several = *several_;
  several.turns = 0;
  several.addOther(other, last_.at);
  if (last_.sender == other) {
    last_ = several.before;
    several.lastContent = 0;
  }
  std::erase_if(several.streams, [&](const Several::Stream& stream) { return stream.last.sender == other; });
}

const IpAddress& SenderWatch::rival() const {
  return several_->before.sender;
}

std::vector<IpAddress> SenderWatch::others(Nanos now) const {
  std::vector<IpAddress> senders;
  if (several_ == nullptr) return senders;
  for (const auto& [sender, heard] : several_->others) {
    if (now - heard < kOthersLast) senders.push_back(sender);
  }
  std::ranges::sort(senders);
  return senders;
}

}  // namespace weir::model
