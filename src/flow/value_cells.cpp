#include "flow/value_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "flow/distinct_counter.h"

namespace weir::flow {

namespace {

constexpr double kMost = 1e30;  // of one sample, so that sums stay numbers
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::uint32_t wordsOf(ValueFunction function) {
  switch (function) {
    case ValueFunction::rate:
    case ValueFunction::last:
      return 1;
    case ValueFunction::avg:
    case ValueFunction::count:
      return 2;
    case ValueFunction::min:
    case ValueFunction::max:
      return 3;
  }
  return 0;
}

double number(std::uint64_t word) {
  return std::bit_cast<double>(word);
}
std::uint64_t word(double number) {
  return std::bit_cast<std::uint64_t>(number);
}

DistinctCounter counter(const std::uint64_t* cell) {
  DistinctCounter out;
  std::memcpy(static_cast<void*>(&out), cell, sizeof out);
  return out;
}
void keep(std::uint64_t* cell, const DistinctCounter& counter) {
  std::memcpy(cell, &counter, sizeof counter);
}

/// Of two numbers; one that is NaN does not count.
double extreme(ValueFunction function, double a, double b) {
  return function == ValueFunction::min ? std::fmin(a, b) : std::fmax(a, b);
}

/// min and max: what the current and the previous window held, seen from `window`.
struct Extremes {
  double current = kNone, previous = kNone;
};
Extremes extremesAt(const std::uint64_t* cell, std::int64_t window) {
  const std::int64_t steps = window - static_cast<std::int64_t>(cell[2]);
  if (steps <= 0) return {number(cell[0]), number(cell[1])};
  if (steps == 1) return {kNone, number(cell[0])};
  return {};
}

}  // namespace

ValueCells::ValueCells(std::vector<ValueFunction> functions) : functions_(std::move(functions)) {
  for (const ValueFunction function : functions_) {
    at_.push_back(words_);
    words_ += wordsOf(function);
  }
}

void ValueCells::init(std::uint64_t* cells) const {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    std::uint64_t* cell = cells + at_[i];
    std::fill_n(cell, wordsOf(functions_[i]), 0);
    if (functions_[i] == ValueFunction::last) cell[0] = word(kNone);
    if (functions_[i] == ValueFunction::min || functions_[i] == ValueFunction::max) cell[0] = cell[1] = word(kNone);
    if (functions_[i] == ValueFunction::count) keep(cell, DistinctCounter());
  }
}

void ValueCells::add(std::uint64_t* cells, const SampleValue* values, double weight, const DecayTime& time,
                     Arena& arena) const {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    const SampleValue& value = values[i];
    if (!value.present) continue;
    std::uint64_t* cell = cells + at_[i];
    const ValueFunction function = functions_[i];
    switch (function) {
      case ValueFunction::avg:
        cell[1] = word(number(cell[1]) + weight * time.gain);
        [[fallthrough]];
      case ValueFunction::rate:
        cell[0] = word(number(cell[0]) + std::clamp(value.number * weight * time.gain, -kMost, kMost));
        break;
      case ValueFunction::last:
        cell[0] = word(value.number);
        break;
      case ValueFunction::min:
      case ValueFunction::max: {
        const Extremes now = extremesAt(cell, time.window);
        cell[0] = word(extreme(function, now.current, value.number));
        cell[1] = word(now.previous);
        cell[2] = static_cast<std::uint64_t>(time.window);
        break;
      }
      case ValueFunction::count: {
        DistinctCounter counts = counter(cell);
        counts.add(value.hash, time.window, arena);
        keep(cell, counts);
        break;
      }
    }
  }
}

void ValueCells::scale(std::uint64_t* cells, double factor) const {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    std::uint64_t* cell = cells + at_[i];
    if (functions_[i] != ValueFunction::rate && functions_[i] != ValueFunction::avg) continue;
    for (std::uint32_t w = 0; w < wordsOf(functions_[i]); ++w) cell[w] = word(number(cell[w]) * factor);
  }
}

void ValueCells::release(std::uint64_t* cells, Arena& arena) const {
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    if (functions_[i] != ValueFunction::count) continue;
    DistinctCounter counts = counter(cells + at_[i]);
    counts.release(arena);
    keep(cells + at_[i], counts);
  }
}

ValueCells::Reading ValueCells::read(const std::uint64_t* cells, std::size_t index, const DecayTime& now,
                                     double factor) const {
  const std::uint64_t* cell = cells + at_[index];
  const ValueFunction function = functions_[index];
  switch (function) {
    case ValueFunction::rate:
      return {number(cell[0]) * factor * now.rate, 1};
    case ValueFunction::avg: {
      const double samples = number(cell[1]);
      return samples > 0 ? Reading{number(cell[0]) / samples, samples * factor * now.rate} : Reading{0, 0};
    }
    case ValueFunction::last:
      return {std::isnan(number(cell[0])) ? 0 : number(cell[0]), 1};
    case ValueFunction::min:
    case ValueFunction::max: {
      const Extremes at = extremesAt(cell, now.window);
      const double value = extreme(function, at.current, at.previous);
      return std::isnan(value) ? Reading{0, 0} : Reading{value, 1};
    }
    case ValueFunction::count:
      return {counter(cell).estimate(now.window), 1};
  }
  return {};
}

ValueCells::Reading combined(ValueFunction function, ValueCells::Reading a, ValueCells::Reading b) {
  if (a.weight == 0) return b;
  if (b.weight == 0) return a;
  switch (function) {
    case ValueFunction::rate:
      return {a.value + b.value, 1};
    case ValueFunction::avg:
      return {(a.value * a.weight + b.value * b.weight) / (a.weight + b.weight), a.weight + b.weight};
    case ValueFunction::min:
      return {std::min(a.value, b.value), 1};
    case ValueFunction::last:
    case ValueFunction::max:
    case ValueFunction::count:
      return {std::max(a.value, b.value), 1};
  }
  return a;
}

}  // namespace weir::flow
