#include "ingest/reassembly.h"

#include <algorithm>

namespace weir::ingest {

namespace {

/// RFC 791: IPv4 fragments belong together by protocol too; in IPv6 only the first fragment's next header counts.
bool belongs(const auto& datagram, const Fragment& f) {
  return datagram.id == f.id && datagram.source == f.source && datagram.destination == f.destination &&
         (f.source.family == IpAddress::Family::v6 || datagram.protocol == f.protocol);
}

}  // namespace

std::size_t Reassembler::cost(const Datagram& datagram) {
  return datagram.bytes.capacity() + datagram.ranges.capacity() * sizeof(Range);
}

void Reassembler::account(const Datagram& datagram, std::size_t before) {
  bytesHeld_ = bytesHeld_ - before + cost(datagram);
}

void Reassembler::erase(Iterator it) {
  bytesHeld_ -= cost(*it);
  datagrams_.erase(it);
}

void Reassembler::giveUp(Datagram& datagram, CaptureDrop reason) {
  drops_.add(reason);
  const std::size_t before = cost(datagram);
  datagram.dead = true;
  std::vector<std::uint8_t>().swap(datagram.bytes);
  std::vector<Range>().swap(datagram.ranges);
  account(datagram, before);
}

void Reassembler::expire(Nanos time) {
  while (!datagrams_.empty() && time - datagrams_.front().started > kTimeout) {
    if (!datagrams_.front().dead) drops_.add(CaptureDrop::fragmentMissing);
    erase(datagrams_.begin());
  }
}

void Reassembler::finish() {
  for (const auto& datagram : datagrams_)
    if (!datagram.dead) drops_.add(CaptureDrop::fragmentMissing);
  datagrams_.clear();
  bytesHeld_ = 0;
}

void Reassembler::evict(Iterator it) {
  if (!it->dead) drops_.add(CaptureDrop::fragmentLimit);
  erase(it);
}

Reassembler::Iterator Reassembler::find(Nanos time, const Fragment& fragment) {
  const auto it = std::find_if(datagrams_.begin(), datagrams_.end(),
                               [&](const Datagram& datagram) { return belongs(datagram, fragment); });
  if (it != datagrams_.end()) return it;
  if (datagrams_.size() >= kMaxDatagrams) evict(datagrams_.begin());
  Datagram datagram;
  datagram.source = fragment.source;
  datagram.destination = fragment.destination;
  datagram.id = fragment.id;
  datagram.protocol = fragment.protocol;
  datagram.started = time;
  datagrams_.push_back(std::move(datagram));
  return std::prev(datagrams_.end());
}

/// Where `range` belongs among those received, and whether it is new there.
Reassembler::Place Reassembler::place(std::vector<Range>& ranges, Range range) {
  const auto after = std::lower_bound(ranges.begin(), ranges.end(), range.begin,
                                      [](const Range& r, std::uint32_t begin) { return r.begin < begin; });
  if (after != ranges.end() && after->begin == range.begin && after->end == range.end) return {after, Fit::same};
  const bool overlapsNext = after != ranges.end() && after->begin < range.end;
  const bool overlapsLast = after != ranges.begin() && std::prev(after)->end > range.begin;
  return {after, overlapsNext || overlapsLast ? Fit::overlap : Fit::free};
}

std::optional<Reassembler::Whole> Reassembler::add(Nanos time, const Fragment& fragment) {
  expire(time);
  const std::size_t size = fragment.bytes.size();
  if (size == 0 || fragment.offset + size > kMaxPayload || (fragment.more && size % 8 != 0)) {
    drops_.add(CaptureDrop::fragmentShape);
    return std::nullopt;
  }
  const Iterator it = find(time, fragment);
  Datagram& d = *it;
  if (d.dead) return std::nullopt;

  const Range range{fragment.offset, static_cast<std::uint32_t>(fragment.offset + size)};
  const bool pastEnd = d.end && range.end > *d.end;
  const bool shorterEnd = !fragment.more && ((d.end && *d.end != range.end) || d.bytes.size() > range.end);
  if (pastEnd || shorterEnd) {
    giveUp(d, CaptureDrop::fragmentShape);
    return std::nullopt;
  }
  const std::size_t before = cost(d);
  const auto [at, fit] = place(d.ranges, range);
  if (fit == Fit::same && std::equal(fragment.bytes.begin(), fragment.bytes.end(), d.bytes.begin() + fragment.offset)) {
    drops_.add(CaptureDrop::fragmentDuplicate);
    return std::nullopt;
  }
  if (fit != Fit::free) {
    giveUp(d, CaptureDrop::fragmentOverlap);
    return std::nullopt;
  }
  d.ranges.insert(at, range);
  d.received += static_cast<std::uint32_t>(size);
  if (d.bytes.size() < range.end) d.bytes.resize(range.end);
  std::copy(fragment.bytes.begin(), fragment.bytes.end(), d.bytes.begin() + fragment.offset);
  if (!fragment.more) d.end = range.end;
  if (fragment.offset == 0) d.protocol = fragment.protocol;
  account(d, before);
  while (bytesHeld_ > kMaxBytes && datagrams_.size() > 1)
    evict(datagrams_.begin() == it ? std::next(datagrams_.begin()) : datagrams_.begin());

  if (d.end != d.received) return std::nullopt;  // nothing overlaps, so the sum says that nothing is missing
  const std::uint8_t protocol = d.protocol;
  bytesHeld_ -= cost(d);
  whole_ = std::move(d.bytes);
  datagrams_.erase(it);
  return Whole{whole_, protocol};
}

}  // namespace weir::ingest
