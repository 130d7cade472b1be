#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "model/metric_names.h"
#include "model/metric_table.h"
#include "model/metric_value.h"
#include "wire/datagram.h"
#include "wire/rt.h"

namespace weir::model {

/// What is known of a counter sample beside its bytes.
struct CounterContext {
  Nanos now = 0;               ///< time of the datagram, by the engine's clock
  std::uint32_t uptimeMs = 0;  ///< of the datagram
  std::uint32_t subAgent = 0;  ///< of the datagram
  bool discontinuity = false;  ///< the sender began anew (SequenceStep::restart): previous values mean nothing
};

/// What became of the records of a sample.
struct CounterResult {
  std::uint16_t applied = 0;
  std::uint16_t unknown = 0;  ///< records without metrics
};

/// The metrics of one data source of one agent: from its counter samples, or (a custom data source) from rtmetric
/// samples.
///
/// Rates are per second over the agent's uptime, or over the time of arrival where the uptime stood still. The first
/// sample, a restart, a step back of a 64-bit counter, a gap of more than kGapIntervals polling intervals, octets
/// beyond the interface's speed and a step back of a 32-bit counter that is no wrap (counter_wraps.h) yield no rate for
/// one interval. The caller leaves out samples that are stale by their sequence number (isStale).
///
/// One block of memory holds all values: per record a header, 8 octets per value and the previous raw counters; its
/// layout is that of MetricTable. Nothing is allocated once every record of the source has been seen.
/// Thread: its owner's only.
class CounterState {
 public:
  static constexpr double kGapIntervals = 5;
  static constexpr std::size_t kMaxCustom = 1024;     ///< custom metrics of one data source; further ones are refused
  static constexpr std::size_t kMaxTextLength = 255;  ///< longer texts are cut

  CounterState();
  CounterState(CounterState&&) noexcept;
  CounterState& operator=(CounterState&&) noexcept;
  ~CounterState();

  /// Applies a sample of kind counters. Faults of its records are added to `faults`. `sink` gets every numeric metric
  /// that the sample refreshed.
  CounterResult apply(const wire::Sample& sample, const CounterContext& context, wire::FaultCounts& faults,
                      MetricSink sink = {});
  /// Applies the fields of an rtmetric sample. Names are letters, digits, `-` and `_`, at most 64; others, and those
  /// that find no room, are ignored and counted by `names` or in customRefused().
  CounterResult applyRt(wire::RtReader& fields, MetricNames& names, const CounterContext& context,
                        wire::FaultCounts& faults, MetricSink sink = {});

  /// False: this source has no such metric, or no value of it at present.
  [[nodiscard]] bool value(MetricId id, MetricValue& out) const;
  /// Calls visit(MetricId, const MetricValue&) for every value, in the order in which records appeared and then of the
  /// table: the same for the same samples.
  template <class Visitor>
  void forEach(Visitor&& visit) const;

  /// Forgets what was not refreshed since now - maxAge. True: nothing is left.
  bool expire(Nanos now, Nanos maxAge = kMetricLifetime);
  [[nodiscard]] bool empty() const { return used_ == 0 && custom_ == nullptr; }
  /// Octets held, this object included.
  [[nodiscard]] std::size_t memory() const;
  [[nodiscard]] std::uint64_t customRefused() const;

 private:
  struct Block {
    std::uint16_t layout = 0;
    std::uint16_t instance = 0;
    std::uint32_t uptimeMs = 0;
    Nanos updated = 0;  // last sample
    Nanos counted = 0;  // last sample whose counters were taken
    std::uint32_t subAgent = 0;
    float interval = 0;        // seconds between samples, smoothed; 0 unknown
    std::uint32_t serial = 0;  // of the apply() that touched it
    bool hasPrevious = false;
    bool speedDoubtful = false;  // the last octet rates were beyond the interface speed
    bool speedWrong = false;     // they were so again: the reported speed is wrong
  };
  static constexpr std::size_t kHeaderWords = sizeof(Block) / 8;
  static_assert(sizeof(Block) % 8 == 0);
  struct Custom;

  [[nodiscard]] Block* find(std::uint16_t layout, unsigned instance) const;
  Block* findOrAdd(std::uint16_t layout, unsigned instance);
  [[nodiscard]] Block* at(std::size_t word) const { return reinterpret_cast<Block*>(words_.get() + word); }
  [[nodiscard]] static std::uint64_t* slots(const Block* block) {
    return reinterpret_cast<std::uint64_t*>(const_cast<Block*>(block)) + kHeaderWords;
  }
  [[nodiscard]] static std::uint8_t* previous(const Block* block, const RecordLayout& layout) {
    return reinterpret_cast<std::uint8_t*>(slots(block) + layout.slots.size());
  }
  [[nodiscard]] std::uint16_t wordOf(const Block* block) const {
    return static_cast<std::uint16_t>(reinterpret_cast<const std::uint64_t*>(block) - words_.get());
  }
  [[nodiscard]] static std::size_t wordsOf(const Block* block) {
    return kHeaderWords + metricTable().layouts()[block->layout].words;
  }

  struct RawRecord;
  struct Wraps;
  static bool isOfAnother(const wire::Sample& sample, const RecordLayout& layout, const RawRecord& raw);
  static bool steppedBack(const Block* block, const RecordLayout& layout, const RawRecord& raw);
  bool applyRecord(const RecordLayout& layout, const RawRecord& raw, unsigned instance, const CounterContext& context,
                   bool reset, Wraps& wraps);
  void applyLists(const RecordLayout& layout, const RawRecord& raw, const CounterContext& context, Wraps& wraps);
  void applyCounters(Block* block, const RecordLayout& layout, const RawRecord& raw, const CounterContext& context,
                     bool reset, Wraps& wraps);
  static void checkSpeed(Block* block, const RecordLayout& layout);
  bool limit(const LimitSpec& spec, Nanos now, double& out) const;
  void settle(const Wraps& wraps, Nanos now);
  static void makeShares(Block* block, bool known);
  void storeSlot(Block* block, std::size_t slot, const SlotSpec& spec, const wire::FieldValue& field);
  void storeText(std::uint64_t& slot, std::string_view text);
  void removeText(std::uint64_t slot);
  void emit(MetricSink sink) const;

  bool render(const Block* block, std::size_t slot, unsigned part, MetricValue& out) const;
  [[nodiscard]] bool term(MetricId id, double& number, Nanos& updated) const;
  bool derive(const DerivedSpec& spec, MetricValue& out) const;
  bool renderNameText(NameText kind, MetricValue& out) const;
  /// The place that has a value: of two records that carry a metric, the first in the table.
  [[nodiscard]] const Block* place(MetricId id, MetricValue& out) const;

  using Visit = void (*)(void*, MetricId, const MetricValue&);
  void visitAll(Visit visit, void* context) const;

  std::unique_ptr<std::uint64_t[]> words_;
  std::uint16_t used_ = 0, capacity_ = 0;  // in words
  std::uint32_t serial_ = 0;
  std::vector<std::string> texts_;  // text slots hold an index in here
  std::unique_ptr<Custom> custom_;
};

template <class Visitor>
void CounterState::forEach(Visitor&& visit) const {
  visitAll([](void* context, MetricId id,
              const MetricValue& value) { (*static_cast<std::remove_reference_t<Visitor>*>(context))(id, value); },
           const_cast<void*>(static_cast<const void*>(&visit)));
}

}  // namespace weir::model
