#pragma once
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/agent_id.h"
#include "base/bytes.h"
#include "flow/value_cells.h"
#include "model/sequence.h"
#include "wire/datagram.h"

/// Partial results as octets, for another engine: names, addresses and key octets, never numbers that mean something in
/// one process only. Numbers are big-endian; a text is its length in four octets and its octets; lists are their length
/// in four octets and their elements; a choice is its index in one octet.
///
/// A plain struct names its members once, in the order of its encoding:
///   static auto fields(auto& self, auto&& all) { return all(self.agent, self.value); }
namespace weir::query {

template <class T>
concept HasFields = requires(T& value) { T::fields(value, [](auto&...) {}); };

/// Appends values to octets. A callable for fields().
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}

  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

 private:
  template <std::unsigned_integral T>
  void put(T value) {
    for (unsigned shift = 8 * sizeof value; shift != 0; shift -= 8)
      out_ += static_cast<char>(value >> (shift - 8) & 0xFF);
  }
  void put(bool value) { out_ += value ? '\1' : '\0'; }
  void put(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
  void put(double value) { put(std::bit_cast<std::uint64_t>(value)); }
  void put(const std::string& text) {
    putSize(text.size());
    out_ += text;
  }
  void put(const IpAddress& address) {
    put(static_cast<std::uint8_t>(address.family));
    out_.append(reinterpret_cast<const char*>(address.octets.data()), static_cast<std::size_t>(address.bits()) / 8);
  }
  void put(const wire::DataSource& source) { (*this)(source.cls, source.index); }
  void put(const flow::ValueCells::Reading& reading) { (*this)(reading.value, reading.weight); }
  void put(const model::SequenceCounts& counts) {
    (*this)(counts.lost, counts.outOfOrder, counts.duplicates, counts.restarts);
  }
  void put(std::monostate) {}
  template <HasFields T>
  void put(const T& value) {
    T::fields(value, *this);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class... T>
  void put(const std::variant<T...>& value) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([&](const auto& held) { put(held); }, value);
  }
  template <class T, std::size_t n>
  void put(const std::array<T, n>& values) {
    for (const T& value : values) put(value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    putList(values);
  }
  template <class T>
  void put(const std::set<T>& values) {
    putList(values);
  }
  template <class K, class V>
  void put(const std::map<K, V>& values) {
    putList(values);
  }
  template <class List>
  void putList(const List& values) {
    putSize(values.size());
    for (const auto& value : values) put(value);
  }
  void putSize(std::size_t size) { put(static_cast<std::uint32_t>(size)); }

  std::string& out_;
};

/// Reads values back, from octets that may be anything. The first value that is not there, or cannot be, makes it fail
/// for good. What it makes of n octets takes at most a constant times n: a length alone allocates nothing. Numbers are
/// finite, and times so far from the ends of their range that ages can be computed. A callable for fields().
class Decoder {
 public:
  explicit Decoder(std::string_view octets) : left_(octets) {}

  /// Everything was read, and nothing is left.
  [[nodiscard]] bool isComplete() const { return !failed_ && left_.empty(); }

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }

 private:
  static constexpr std::int64_t kMostTime = std::int64_t{1} << 62;  // ns from the epoch, either way: 146 years

  void fail() {
    failed_ = true;
    left_ = {};
  }
  std::string_view take(std::size_t size) {
    if (size > left_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  template <std::unsigned_integral T>
  void get(T& value) {
    value = 0;
    for (const char octet : take(sizeof value))
      value = static_cast<T>(value << 7 << 1 | static_cast<std::uint8_t>(octet));
  }
  void get(bool& value) {
    const auto number = read<std::uint8_t>();
    if (number > 1) fail();
    value = number == 1;
  }
  void get(std::int64_t& value) {
    value = static_cast<std::int64_t>(read<std::uint64_t>());
    if (value > kMostTime || value < -kMostTime) fail();
  }
  void get(double& value) {
    value = std::bit_cast<double>(read<std::uint64_t>());
    if (!std::isfinite(value)) fail();
  }
  void get(std::string& text) { text = take(read<std::uint32_t>()); }
  void get(IpAddress& address) {
    const auto family = read<std::uint8_t>();
    address = {};
    if (family != 0 && family != 4 && family != 6) return fail();
    address.family = static_cast<IpAddress::Family>(family);
    const std::string_view octets = take(static_cast<std::size_t>(address.bits()) / 8);
    std::copy(octets.begin(), octets.end(), address.octets.begin());
  }
  void get(wire::DataSource& source) { (*this)(source.cls, source.index); }
  void get(flow::ValueCells::Reading& reading) { (*this)(reading.value, reading.weight); }
  void get(model::SequenceCounts& counts) {
    (*this)(counts.lost, counts.outOfOrder, counts.duplicates, counts.restarts);
  }
  void get(std::monostate&) {}
  template <HasFields T>
  void get(T& value) {
    T::fields(value, *this);
  }
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class T>
  void get(std::optional<T>& value) {
    value.reset();
    if (read<bool>()) value = read<T>();
  }
  template <class... T>
  void get(std::variant<T...>& value) {
    const auto index = read<std::uint8_t>();
    if (index >= sizeof...(T)) return fail();
    std::size_t i = 0;
    ((i++ == index ? value = read<T>() : value), ...);
  }
  template <class T, std::size_t n>
  void get(std::array<T, n>& values) {
    for (T& value : values) get(value);
  }
  template <class T>
  void get(std::vector<T>& values) {
    values.clear();
    for (auto n = size(); n != 0 && !failed_; --n) get(values.emplace_back());
  }
  template <class T>
  void get(std::set<T>& values) {
    values.clear();
    for (auto n = size(); n != 0 && !failed_; --n) values.insert(read<T>());
  }
  template <class K, class V>
  void get(std::map<K, V>& values) {
    values.clear();
    for (auto n = size(); n != 0 && !failed_; --n) values.insert(read<std::pair<K, V>>());
  }
  /// Of a list: every element takes an octet or more.
  std::uint32_t size() {
    const auto size = read<std::uint32_t>();
    if (size > left_.size()) fail();
    return failed_ ? 0 : size;
  }
  template <class T>
  T read() {
    T value{};
    get(value);
    return value;
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace weir::query
