#pragma once
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/time.h"
#include "model/metric_id.h"

namespace weir::model {

/// Values that were not refreshed for so long disappear.
inline constexpr Nanos kMetricLifetime = 300 * kSecond;

/// One value of one metric as a reader sees it. A plain value; text that is stored by the state points into it and is
/// valid until the state changes, text that is made when read is held here.
class MetricValue {
 public:
  double number = 0;  ///< rates per second, gauges in the unit of the metric; finite. Meaningless for a text
  bool isText = false;
  Nanos updated = 0;  ///< time of the sample

  MetricValue() : size_(0) {}

  /// Empty unless isText.
  [[nodiscard]] std::string_view text() const { return size_ != 0 ? std::string_view(buffer_.data(), size_) : stored_; }

  void setNumber(double value) {
    number = value;
    isText = false;
    size_ = 0;
    stored_ = {};
  }
  /// Text that outlives the reading.
  void setText(std::string_view stored) {
    isText = true;
    size_ = 0;
    stored_ = stored;
  }
  /// Text to be filled in here: at most kBuffer octets.
  static constexpr std::size_t kBuffer = 40;
  [[nodiscard]] char* buffer() {
    isText = true;
    return buffer_.data();
  }
  void setBuffered(std::size_t size) { size_ = static_cast<std::uint8_t>(size); }
  void setDecimal(std::uint64_t value) {
    char* begin = buffer();
    setBuffered(static_cast<std::size_t>(std::to_chars(begin, begin + kBuffer, value).ptr - begin));
  }

 private:
  std::uint8_t size_;
  std::array<char, kBuffer> buffer_;  // only the first size_ octets mean something
  std::string_view stored_;
};

/// Receives the numeric metrics that a sample refreshed, derived ones included. A reference to a callable, without
/// ownership: valid inside the call it is given to. Empty: there is no listener, and nothing is computed for it.
class MetricSink {
 public:
  MetricSink() = default;
  template <class Callable>
    requires(!std::is_same_v<std::remove_cv_t<Callable>, MetricSink>)
  MetricSink(Callable& callable)  // NOLINT(google-explicit-constructor): reads as a lambda at the call
      : object_(const_cast<void*>(static_cast<const void*>(&callable))),
        call_([](void* object, MetricId id, double value) { (*static_cast<Callable*>(object))(id, value); }) {}
  void operator()(MetricId id, double value) const { call_(object_, id, value); }
  explicit operator bool() const { return call_ != nullptr; }

 private:
  void* object_ = nullptr;
  void (*call_)(void*, MetricId, double) = nullptr;
};

}  // namespace weir::model
