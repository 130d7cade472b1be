#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/metric_id.h"
#include "wire/record_table.h"

/// What is known of every metric of counter records: a table made from metrics.def and the record table of the wire
/// room.
namespace weir::model {

/// How a field becomes a metric.
enum class MetricKind : std::uint8_t {
  rate,         ///< counter: difference per second; all ones is a counter the agent does not have
  gauge,        ///< u32, u64: as sent times scale; all ones is unknown
  signedGauge,  ///< i32 times scale; ±2147483647 is unknown
  loadGauge,    ///< f32; negative is unknown
  percentage,   ///< i32 in hundredths of a percent; negative is unknown; at most 100
  cpuShare,     ///< u32 ms counter: its part of the sum of all cpuShare fields of the record, in percent
  cpuPart,      ///< as cpuShare, but already contained in another one and not in the sum
  numberText,   ///< u32 shown as text (ifindex)
  hexText,      ///< u64 shown as 16 hex digits (of_dpid)
  octets,       ///< op4: four numbers, one for each name
  mac,          ///< 12 hex digits
  uuid,         ///< 8-4-4-4-12 hex digits; zero is unknown
  text,         ///< str; empty is unknown
  ifType,       ///< names of enumerations; a number without a name is shown as digits
  ifDirection,
  ifStatus,  ///< two names: bit 0 admin, bit 1 oper, `up` or `down`
  machineType,
  osName,
  virState,
  instance,  ///< the number of the element in a list, or of the record among its like; no metric itself
};
[[nodiscard]] constexpr bool isCounter(MetricKind kind) {
  return kind == MetricKind::rate || kind == MetricKind::cpuShare || kind == MetricKind::cpuPart;
}
[[nodiscard]] constexpr bool isTextKind(MetricKind kind) {
  return kind >= MetricKind::numberText && kind < MetricKind::instance && kind != MetricKind::octets;
}

/// Elements of lists (lanes, queues) have an own metric up to this number of elements; further ones are ignored.
inline constexpr unsigned kMaxInstances = 17;

/// How much a counter can grow in a second: factor × Σ metrics, or the factor alone.
struct LimitSpec {
  std::vector<MetricId> metrics;  ///< of the same data source; empty: a number
  double factor = 1;
  bool speed = false;     ///< the metric is a speed, which may be unknown or wrong
  bool counters = false;  ///< the metrics are rates: what they count grew as much
};

/// Layouts of records at most; asserted where the table is made.
inline constexpr std::size_t kMaxLayouts = 256;

/// One stored value of a record: a slot of 8 octets in the state.
struct SlotSpec {
  std::uint16_t field = 0;  ///< position of the field in the record
  MetricKind kind = MetricKind::gauge;
  bool wide = false;           ///< counters: u64, else u32
  std::uint16_t previous = 0;  ///< counters: octet offset of the previous raw value behind the slots
  double scale = 1;
  std::string_view unit;          ///< of the value shown; empty: a text
  std::vector<MetricId> ids;      ///< of instance 0; several: aliases or parts, see MetricKind
  std::vector<LimitSpec> limits;  ///< counters of 32 bits: all that are known hold
};

/// Layout of the state of one record (or of one element of a list in a record), and its metrics.
struct RecordLayout {
  std::string_view name;
  std::vector<SlotSpec> slots;
  std::uint16_t words = 0;    ///< 8-octet words for slots and previous values
  MetricId stride = 0;        ///< added to a slot's ids for each instance
  bool wideCounters = false;  ///< has a u64 counter: a step back of it is a reset
  bool counters = false;
  bool shares = false;                                       ///< has counters that are shown as parts of their sum
  int instanceField = -1;                                    ///< field with the instance number
  wire::RecordSeveral several = wire::RecordSeveral::first;  ///< what a second record of the kind in a sample means
  std::vector<std::uint16_t> derived;                        ///< derived metrics whose first term is of this record
  std::vector<std::int16_t> slotOfField;                     ///< -1: none
  std::vector<std::int16_t> elementOfField;                  ///< layout of the elements of a list field, -1: none
};

/// A metric computed from others: scale × Σ terms / Σ divisors.
struct DerivedSpec {
  struct Term {
    MetricId id = kNoMetric;  ///< kNoMetric: a number
    double factor = 1;
    bool optional = false;
    bool speed = false;  ///< 2^32-1 is unknown
    bool atLeastOne = false;
  };
  MetricId id = kNoMetric;
  double scale = 1;
  std::vector<Term> terms, divisors;
  std::string_view unit;
};

/// Texts made out of vir_host_name (docs/metrics.md).
enum class NameText : std::uint8_t { k8sNamespace, k8sName, swarmName, systemdService, dockerName };

/// Where the values of a metric stand: one place for most, two where two records carry it.
struct MetricPlace {
  std::uint16_t layout = 0;
  std::uint16_t slot = 0;
  std::uint8_t part = 0;  ///< which of the slot's names
  std::uint8_t instance = 0;
};

/// Immutable after its making. Thread: any.
class MetricTable {
 public:
  [[nodiscard]] const std::vector<RecordLayout>& layouts() const { return layouts_; }
  /// Layout of a record sent by a data source of this class; nullptr: it has no metrics.
  [[nodiscard]] const RecordLayout* layout(std::uint32_t tag, std::uint32_t sourceClass) const;
  [[nodiscard]] std::uint16_t index(const RecordLayout& layout) const {
    return static_cast<std::uint16_t>(&layout - layouts_.data());
  }

  /// Number of metrics: identifiers are 0 … size() - 1.
  [[nodiscard]] MetricId size() const { return static_cast<MetricId>(names_.size()); }
  [[nodiscard]] std::string_view name(MetricId id) const { return names_[id]; }
  /// kNoMetric if the table has no such name.
  [[nodiscard]] MetricId find(std::string_view name) const;
  [[nodiscard]] std::span<const MetricPlace> places(MetricId id) const { return places_[id]; }

  /// What its numbers count or measure: `bytes/s`, `percent`. Empty: a text.
  [[nodiscard]] std::string_view unit(MetricId id) const;

  [[nodiscard]] const std::vector<DerivedSpec>& derived() const { return derived_; }
  /// nullptr for a metric that is not derived.
  [[nodiscard]] const DerivedSpec* derivedOf(MetricId id) const {
    return derivedOf_[id] < 0 ? nullptr : &derived_[static_cast<std::size_t>(derivedOf_[id])];
  }
  [[nodiscard]] MetricId nameText(NameText kind) const { return firstNameText_ + static_cast<MetricId>(kind); }
  [[nodiscard]] bool isNameText(MetricId id) const { return id >= firstNameText_ && id < firstNameText_ + 5; }
  [[nodiscard]] std::uint16_t logicalHostLayout() const { return logicalHost_; }

 private:
  friend const MetricTable& metricTable();
  MetricTable();
  MetricId intern(const std::string& name);
  void addLayouts();
  void addDerived();
  void addLimits();
  [[nodiscard]] LimitSpec limit(std::string_view text) const;

  struct TagEntry {
    std::uint32_t tag;
    std::int16_t physical, logical;
  };
  std::vector<TagEntry> tags_;  // sorted by tag
  std::vector<RecordLayout> layouts_;
  std::vector<std::string_view> names_;
  std::vector<MetricId> byName_;  // sorted by name
  std::vector<std::vector<MetricPlace>> places_;
  std::vector<std::int16_t> derivedOf_;
  std::vector<DerivedSpec> derived_;
  std::vector<std::string> storage_;
  MetricId firstNameText_ = 0;
  std::uint16_t logicalHost_ = 0;
};

/// The one table.
[[nodiscard]] const MetricTable& metricTable();

}  // namespace weir::model
