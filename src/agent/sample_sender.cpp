#include "agent/sample_sender.h"

namespace weir::agent {

namespace {
constexpr Nanos kMaxWait = kSecond;
}

SampleSender::SampleSender(Sink sink, Nanos startedAt) : sink_(std::move(sink)), startedAt_(startedAt) {}

void SampleSender::setIdentity(const IpAddress& agent, std::uint32_t subAgent) {
  if (agent == header_.agent && subAgent == header_.subAgent) return;
  flush();
  header_.agent = agent;
  header_.subAgent = subAgent;
}

void SampleSender::setLimit(std::size_t octets) {
  flush();
  writer_ = wire::DatagramWriter(octets);
}

void SampleSender::setSending(bool sending) {
  if (!sending) flush();
  sending_ = sending;
}

void SampleSender::begin(Nanos now) {
  open_ = true;
  openedAt_ = now;
  ++header_.sequence;
  header_.uptimeMs = static_cast<std::uint32_t>((now - startedAt_) / kMillisecond);
  writer_.begin(header_);
}

void SampleSender::flush() {
  if (!open_) return;
  if (writer_.sampleCount() == 0) {
    --header_.sequence;  // begun for a sample that did not fit: no datagram has this number
  } else {
    sink_(writer_.finish());
    ++counters_.datagrams;
  }
  open_ = false;
}

void SampleSender::flushOld(Nanos now) {
  if (open_ && now - openedAt_ >= kMaxWait) flush();
}

}  // namespace weir::agent
