#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "flow/sample_fields.h"
#include "flow/value_cells.h"

namespace boost::json {
class value;
}

namespace weir::flow {

class SharedFields;
struct DirectKey;
struct LookupName;

/// Where a definition's caches live (docs/flow-definitions.md, aggMode). dataSource: one cache per agent and data
/// source (the default).
enum class CacheScope : std::uint8_t { dataSource, agent, edge };

/// A flow definition as a user wrote it, defaults filled in and numbers clamped (docs/flow-definitions.md). A value.
struct Definition {
  std::vector<std::string> keys;  ///< none: one flow whose key is the empty text
  std::string keysText;           ///< comma list, as GET shows it
  std::string value;              ///< required
  std::vector<std::string> values;
  std::string filter;  ///< empty: none
  unsigned n = 5;      ///< 5 … 1000
  double t = 2;        ///< smoothing time constant in seconds, 0.2 … 600
  std::string fs = ",";
  bool log = false;
  bool flowStart = false;
  double activeTimeout = 60;  ///< seconds
  bool dropped = false;
  std::vector<std::string> ipfixCollectors;
  std::string aggMode;  ///< as given; empty: per data source
  CacheScope scope = CacheScope::dataSource;

  /// Lenient in form (strings for numbers, lists as text or array, unknown members ignored), strict in meaning: the
  /// error names the attribute and the character in it.
  [[nodiscard]] static Expected<Definition> fromJson(const boost::json::value& body);
  /// The object that GET /flow/{name}/json answers.
  void writeJson(JsonWriter& json) const;

  friend bool operator==(const Definition&, const Definition&) = default;
};

/// A definition compiled to a filter program, key extractors and value extractors. Immutable: shared by all shards.
/// Thread: evaluate() from any thread at once; it neither allocates nor makes text.
class CompiledDefinition {
 public:
  virtual ~CompiledDefinition() = default;
  /// Parses keys, value, values and filter. Errors name attribute and position (of `keys`: in the comma list).
  [[nodiscard]] static Expected<std::shared_ptr<const CompiledDefinition>> compile(std::string name,
                                                                                   Definition definition);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Definition& definition() const { return definition_; }
  /// The tables that it looks things up in; SampleFields::lookups brings them in this order.
  [[nodiscard]] virtual const std::vector<LookupName>& lookups() const = 0;
  /// Bytes of a key: fixed, a multiple of 8, 0 for a definition without keys, at most kMaxKeySize.
  [[nodiscard]] unsigned keySize() const { return keySize_; }
  static constexpr unsigned kMaxKeySize = 256;
  static constexpr unsigned kMaxCells = 32;

  /// Filter, key and value of one sample. False: the sample is not counted (filter false, or a key without a value).
  /// `key` receives keySize() bytes, the same bytes for the same key on every machine and run (padding zero).
  /// `amount` is already scaled by the sampling rate: what the sample adds to the weight of the flow (bytes, frames, …;
  /// where valueIsCell(), the frames that it stands for).
  /// Samples that the definition is not about (drop notifications, or with `dropped` all others) give false.
  [[nodiscard]] virtual bool evaluate(const SampleFields& sample, std::uint8_t* key, double& amount) const = 0;

  /// evaluate() as a lookup among fields that definitions share, in `fields`; nothing where it takes more than that.
  [[nodiscard]] virtual std::optional<DirectKey> direct(SharedFields& fields) const = 0;
  /// The filter alone.
  [[nodiscard]] virtual bool accepts(const SampleFields& sample) const = 0;
  /// Whether the filter tries regular expressions on samples, which may take long (patternEffort()).
  [[nodiscard]] virtual bool triesPatterns() const = 0;

  /// What flows keep beside their weight: the value, where it is not a rate (valueIsCell()), then the `values` in the
  /// order of the definition.
  [[nodiscard]] const ValueCells& cells() const { return cells_; }
  [[nodiscard]] bool valueIsCell() const { return valueIsCell_; }
  /// Index of the first of `values` among the cells.
  [[nodiscard]] std::size_t firstValue() const { return valueIsCell_ ? 1 : 0; }
  /// What one sample has for the cells: `out` receives cells().count() of them. Does not look at filter or keys.
  virtual void readCells(const SampleFields& sample, SampleValue* out) const = 0;

  /// Where the value of each key lies among the octets of a flow's key: a number is little-endian. Keys of IPFIX export
  /// have one form, so that is all there is to it; others may be tagged (Slot, flow/form.h).
  struct KeyPlace {
    std::uint16_t offset = 0, width = 0;
  };
  [[nodiscard]] virtual std::vector<KeyPlace> keyPlaces() const = 0;

  /// Appends the key parts joined by fs, as activeflows, topKeys and events show them.
  virtual void appendKeyText(std::string& out, const std::uint8_t* key) const = 0;
  /// Whether octets that came from elsewhere can be a key of this definition, so that appendKeyText() may show them.
  [[nodiscard]] virtual bool isKey(Bytes octets) const = 0;

  /// The compiled program, a line for each step, for /flow/validate and tests.
  [[nodiscard]] virtual std::string programText() const = 0;
  /// What is legal in keys, values and filter, but hardly meant.
  [[nodiscard]] virtual const std::vector<std::string>& hints() const = 0;
  /// Names in them that are no flow keys, shortened to 64 octets; the first 20.
  [[nodiscard]] virtual const std::vector<std::string>& unknownNames() const = 0;

 protected:
  std::string name_;
  Definition definition_;
  unsigned keySize_ = 0;
  ValueCells cells_;
  bool valueIsCell_ = false;
};

/// The flow keys seen in samples, with the time of the last sighting: GET /flowkeys/json. One per shard; a bit set is
/// kept per stack of layers and made anew at most once a second, so that noting a sample costs a few nanoseconds.
/// Thread: the shard's.
class KeysSeen {
 public:
  KeysSeen();
  ~KeysSeen();
  KeysSeen(const KeysSeen&) = delete;
  KeysSeen& operator=(const KeysSeen&) = delete;
  void note(const SampleFields& sample, Nanos now);
  /// (key name, time last seen), sorted by name. `.1` forms included.
  [[nodiscard]] std::vector<std::pair<std::string, Nanos>> list() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::flow
