#include <algorithm>

#include "flow/definition.h"
#include "flow/filter.h"
#include "flow/key_program.h"
#include "flow/shared_fields.h"
#include "flow/syntax.h"
#include "flow/value_program.h"
#include "ipfix/collector.h"
#include "ipfix/elements.h"

namespace weir::flow {

namespace {

std::unexpected<Error> at(Error error, std::string_view attribute, std::string_view text) {
  error.attribute = attribute;
  if (error.position) error.position = characterPosition(text, *error.position);
  return std::unexpected(std::move(error));
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& each : list) out += (out.empty() ? "" : ",") + each;
  return out;
}

// Compiling looks at a text once for every level of brackets: this bounds what a hostile definition can cost.
constexpr std::size_t kMaxText = 262'144;

Expected<void> checkLength(const char* attribute, std::string_view text) {
  if (text.size() <= kMaxText) return {};
  return fail("expected at most 262144 characters", attribute, kMaxText);
}

/// What IPFIX export can carry (docs/flow-definitions.md, "IPFIX export").
Expected<void> checkIpfix(const Definition& d, const std::vector<Piece>& keys) {
  if (d.ipfixCollectors.empty()) return {};
  constexpr std::size_t kMostCollectors = 16;
  if (d.ipfixCollectors.size() > kMostCollectors) {
    return fail("expected at most " + std::to_string(kMostCollectors) + " collectors", "ipfixCollectors");
  }
  for (const std::string& text : d.ipfixCollectors) {
    if (const auto collector = ipfix::Collector::parse(text); !collector) {
      return fail(collector.error().message, "ipfixCollectors");
    }
  }
  for (const Piece& key : keys) {
    if (ipfix::findKeyElement(key.text) != nullptr) continue;
    return fail("expected a key that IPFIX export knows, which '" + std::string(key.text) + "' is not", "keys",
                key.position);
  }
  const auto isCount = [](std::string_view value) { return value == "bytes" || value == "frames"; };
  if (!isCount(d.value)) return fail("expected bytes or frames with ipfixCollectors", "value");
  if (!std::ranges::all_of(d.values, isCount)) return fail("expected bytes or frames with ipfixCollectors", "values");
  return {};
}

}  // namespace

/// The one implementation; a class of its own so that the header stays free of the language's parts.
class CompiledProgram final : public CompiledDefinition {
 public:
  [[nodiscard]] bool evaluate(const SampleFields& sample, std::uint8_t* key, double& amount) const override {
    const bool isDrop = sample.sample != nullptr && sample.sample->kind == wire::SampleKind::discard;
    if (isDrop != definition_.dropped) return false;
    return filter_.accepts(sample, forms_) && keys_.extract(sample, forms_, key) && weigh(sample, amount);
  }

  [[nodiscard]] bool accepts(const SampleFields& sample) const override { return filter_.accepts(sample, forms_); }
  [[nodiscard]] bool triesPatterns() const override { return filter_.triesPatterns(); }

  [[nodiscard]] std::optional<DirectKey> direct(SharedFields& fields) const override {
    const auto value = value_.direct();
    DirectKey direct;
    if (!value || !keys_.bind(fields, direct)) return std::nullopt;
    direct.value = *value;
    direct.filtered = !filter_.empty();
    return direct;
  }

  void readCells(const SampleFields& sample, SampleValue* out) const override {
    for (const ValueProgram& program : cellPrograms_) *out++ = program.read(sample, forms_);
  }

  [[nodiscard]] const std::vector<LookupName>& lookups() const override { return forms_.lookups(); }

  void appendKeyText(std::string& out, const std::uint8_t* key) const override {
    keys_.appendText(out, forms_, key, definition_.fs);
  }

  [[nodiscard]] bool isKey(Bytes octets) const override {
    return octets.size() == keySize_ && keys_.isKey(forms_, octets.data());
  }

  [[nodiscard]] std::vector<KeyPlace> keyPlaces() const override {
    std::vector<KeyPlace> places;
    places.reserve(keys_.slots().size());
    for (const Slot& slot : keys_.slots()) places.push_back({slot.offset, slot.width});
    return places;
  }

  [[nodiscard]] const std::vector<std::string>& hints() const override { return forms_.hints(); }
  [[nodiscard]] const std::vector<std::string>& unknownNames() const override { return forms_.unknownNames(); }
  [[nodiscard]] std::string programText() const override {
    std::string out;
    filter_.describe(out);
    keys_.describe(out);
    if (!valueIsCell_) value_.describe(out);
    for (const ValueProgram& program : cellPrograms_) program.describe(out);
    return out;
  }

  Expected<void> build(std::string name, Definition definition) {
    name_ = std::move(name);
    definition_ = std::move(definition);
    if (definition_.keysText.empty()) definition_.keysText = joined(definition_.keys);
    if (auto done = checkLength("keys", definition_.keysText); !done) return done;
    if (auto done = checkLength("filter", definition_.filter); !done) return done;
    if (auto done = buildKeys(); !done) return done;
    if (auto done = buildValues(); !done) return done;
    auto filter = Filter::compile(forms_, definition_.filter);
    if (!filter) return at(std::move(filter.error()), "filter", definition_.filter);
    filter_ = std::move(*filter);
    return {};
  }

 private:
  /// What the sample adds to the weight of its flow. False: it lacks the value.
  bool weigh(const SampleFields& sample, double& amount) const {
    if (valueIsCell_) {
      amount = sample.scale;
      return value_.read(sample, forms_).present;
    }
    if (!value_.number(sample, forms_, amount)) return false;
    amount *= sample.scale;
    return amount >= 0;  // a rate has no meaning below 0, and fields of applications may be anything
  }

  Expected<void> buildKeys() {
    const std::string& text = definition_.keysText;
    auto pieces = splitCommaList(text);
    if (!pieces) return at(std::move(pieces.error()), "keys", text);
    if (auto done = checkIpfix(definition_, *pieces); !done) return done;
    auto keys = KeyProgram::compile(forms_, *pieces, kMaxKeySize);
    if (!keys) return at(std::move(keys.error()), "keys", text);
    keys_ = std::move(*keys);
    keySize_ = keys_.size();
    definition_.keys.clear();
    for (const Piece& piece : *pieces) definition_.keys.emplace_back(piece.text);
    return {};
  }

  Expected<void> buildValues() {
    auto value = ValueProgram::compile(forms_, definition_.value, 0);
    if (!value) return at(std::move(value.error()), "value", definition_.value);
    value_ = std::move(*value);
    valueIsCell_ = value_.function() != ValueFunction::rate;
    if (valueIsCell_) cellPrograms_.push_back(value_);
    const std::string text = joined(definition_.values);
    std::size_t position = 0;
    for (const std::string& each : definition_.values) {
      if (cellPrograms_.size() >= kMaxCells) return fail("expected fewer values: at most 32", "values", position);
      auto extra = ValueProgram::compile(forms_, each, position);
      if (!extra) return at(std::move(extra.error()), "values", text);
      cellPrograms_.push_back(std::move(*extra));
      position += each.size() + 1;
    }
    std::vector<ValueFunction> functions;
    for (const ValueProgram& program : cellPrograms_) functions.push_back(program.function());
    cells_ = ValueCells(std::move(functions));
    return {};
  }

  Forms forms_;
  Filter filter_;
  KeyProgram keys_;
  ValueProgram value_;
  std::vector<ValueProgram> cellPrograms_;
};

Expected<std::shared_ptr<const CompiledDefinition>> CompiledDefinition::compile(std::string name,
                                                                                Definition definition) {
  auto program = std::make_shared<CompiledProgram>();
  auto done = program->build(std::move(name), std::move(definition));
  if (!done) return std::unexpected(std::move(done.error()));
  return program;
}

}  // namespace weir::flow
