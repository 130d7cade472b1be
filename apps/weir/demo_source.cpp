#include "demo_source.h"

namespace weir::app {

bool DemoSource::next(engine::TimedDatagram& out) {
  constexpr Nanos kStep = 10 * kMillisecond;
  while (due_.empty()) {
    now_ += kStep;
    fabric_.advance(now_, [this](Bytes payload) { due_.push_back({now_, {payload.begin(), payload.end()}}); });
  }
  out.time = due_.front().time;
  current_ = std::move(due_.front().payload);
  due_.pop_front();
  out.payload = current_;
  static const std::uint8_t kLoopback[4] = {127, 0, 0, 1};
  out.sender = IpAddress::v4(kLoopback);
  return true;
}

}  // namespace weir::app
