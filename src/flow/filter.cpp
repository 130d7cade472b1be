#include "flow/filter.h"

#include <algorithm>
#include <cstring>

#include "flow/filter_parser.h"
#include "flow/foreign_words.h"

namespace weir::flow {

/// Turns the tree into steps. Negation costs nothing: it exchanges the two places to go to.
class FilterCompiler {
 public:
  FilterCompiler(Forms& forms, Filter& filter) : forms_(forms), filter_(filter) {}

  Expected<void> compile(const FilterTree& tree) {
    auto planned = plan(tree);
    if (!planned) return std::unexpected(std::move(planned.error()));
    emit(*planned, Filter::kAccept, Filter::kReject);
    return {};
  }

 private:
  using Op = Filter::Op;
  struct Plan {
    FilterTree::Kind kind = FilterTree::Kind::comparison;
    std::vector<Plan> children;
    Filter::Step step;
    bool negated = false;
    unsigned cost = 0;  ///< of the cheapest way to an answer
    std::size_t steps = 0;
  };

  Expected<Plan> plan(const FilterTree& tree) {
    if (tree.kind == FilterTree::Kind::comparison) return planComparison(tree);
    Plan result;
    result.kind = tree.kind;
    for (const FilterTree& child : tree.children) {
      auto planned = plan(child);
      if (!planned) return planned;
      result.cost += planned->cost;
      result.steps += planned->steps;
      result.children.push_back(std::move(*planned));
    }
    // Nothing has a side effect, so whatever is cheap may be asked first.
    std::stable_sort(result.children.begin(), result.children.end(),
                     [](const Plan& a, const Plan& b) { return a.cost < b.cost; });
    return result;
  }

  Expected<Plan> planComparison(const FilterTree& tree) {
    auto left = parseKey(forms_, tree.left.text, tree.left.position);
    if (!left) return std::unexpected(std::move(left.error()));
    Filter::Comparison comparison{std::move(*left), {}, {}};
    if (tree.pattern) {
      auto match = Match::patterns(forms_, comparison.left, tree.rights);
      if (!match) return std::unexpected(std::move(match.error()));
      comparison.match = std::move(*match);
    } else {
      comparison.match = Match::anyOf(forms_, comparison.left, tree.rights);
      hintOfValues(comparison.left, tree.rights);
    }
    comparison.text = std::string(tree.left.text) + (tree.pattern ? " ~ " : " = ");
    for (std::size_t i = 0; i < tree.rights.size(); ++i) {
      if (i != 0) comparison.text += ",";
      comparison.text += tree.rights[i].text;
    }
    Plan result;
    result.negated = tree.negated;
    result.steps = 1;
    choose(comparison, result);
    result.step.comparison = static_cast<std::uint32_t>(filter_.comparisons_.size());
    filter_.comparisons_.push_back(std::move(comparison));
    return result;
  }

  /// Texts that the left side never shows, as its values look otherwise.
  void hintOfValues(const Node& left, const std::vector<Right>& rights) {
    if (left.forms.empty()) return;
    for (const Right& right : rights) {
      if (!forms_.hasRoomForHints()) return;
      const bool fits = right.text == "null" || std::ranges::any_of(left.forms, [&](const FormUse& use) {
                          const Form& form = forms_.at(use.form);
                          return form.type == Type::joined || parseWritten(form, right.text, true).has_value();
                        });
      if (fits) continue;
      const Form& form = forms_.at(left.forms.front().form);
      std::string hint =
          "\"" + right.text + "\" is not a value of " + left.text + " (" + std::string(typeName(form.type));
      const FlowKeyEntry* entry = findFlowKey(left.text.substr(0, left.text.find('.')));
      if (entry != nullptr) hint += ", such as " + std::string(entry->example);
      hint += ")";
      if (entry != nullptr && (entry->name.ends_with("ipprotocol") || entry->name.ends_with("ip6nexthdr"))) {
        if (const auto number = protocolNumber(right.text); !number.empty()) hint.append("; it is ").append(number);
      }
      const bool isAddress = form.type == Type::ip4 || form.type == Type::ip6 || form.type == Type::address;
      if (isAddress && right.text.find('/') != std::string::npos) hint += "; for prefixes there are mask: and group:";
      for (const char* word : {" and ", " or "}) {
        if (right.text.find(word) != std::string::npos) hint += "; conditions are joined by & and |";
      }
      forms_.hint(std::move(hint));
    }
  }

  // The cheapest operation that decides the comparison.
  static void choose(const Filter::Comparison& comparison, Plan& plan) {
    const Node& left = comparison.left;
    const Match& match = comparison.match;
    Filter::Step& step = plan.step;
    step.leaf = left.leaf;
    std::memset(step.values, 0, sizeof step.values);
    step.op = Op::general;
    plan.cost = left.kind == Node::Kind::leaf ? 6 : 12;
    if (left.forms.empty()) {
      step.op = Op::constant;
      step.values[0] = match.absent();
      plan.cost = 0;
      return;
    }
    const bool byText =
        std::any_of(match.perForm().begin(), match.perForm().end(), [](const auto& f) { return f.byText; });
    if (byText) plan.cost += 20;
    const bool fits = std::any_of(match.perForm().begin(), match.perForm().end(), [](const auto& f) {
      return f.byText || !f.numbers.empty() || !f.octetTexts.empty() || !f.bitmap.empty();
    });
    if (!fits && !match.absent()) {
      step.op = Op::constant;
      plan.cost = 0;
      return;
    }
    if (left.kind != Node::Kind::leaf || match.perForm().size() != 1) return;
    if (!fits) {
      step.op = Op::absent;
      plan.cost = 1;
      return;
    }
    const Match::PerForm& per = match.perForm().front();
    if (byText || match.absent()) return;
    if (!per.bitmap.empty()) {
      step.op = Op::inBitmap;
      plan.cost = 3;
      return;
    }
    if (!per.octets && per.numbers.size() <= 4) {
      step.op = per.numbers.size() == 1 ? Op::equals : Op::isOneOf;
      step.count = static_cast<std::uint8_t>(per.numbers.size());
      std::copy(per.numbers.begin(), per.numbers.end(), step.values);
      plan.cost = left.leaf.source == Source::function ? 3 : 2;
    } else if (per.octets && per.octetTexts.size() == 1 && per.octetTexts[0].size() == left.leaf.size &&
               left.leaf.source != Source::function) {
      const std::string& octets = per.octetTexts[0];
      if (octets.size() != 4 && octets.size() != 6 && octets.size() != 16) return;
      step.op = octets.size() == 4 ? Op::octets4 : octets.size() == 6 ? Op::octets6 : Op::octets16;
      std::memcpy(step.octets, octets.data(), octets.size());
      plan.cost = 2;
    }
  }

  void emit(const Plan& plan, std::uint32_t onTrue, std::uint32_t onFalse) {
    if (plan.kind == FilterTree::Kind::comparison) {
      Filter::Step step = plan.step;
      step.onTrue = plan.negated ? onFalse : onTrue;
      step.onFalse = plan.negated ? onTrue : onFalse;
      filter_.steps_.push_back(step);
      return;
    }
    const bool all = plan.kind == FilterTree::Kind::all;
    for (std::size_t i = 0; i < plan.children.size(); ++i) {
      const Plan& child = plan.children[i];
      const bool last = i + 1 == plan.children.size();
      const auto next = static_cast<std::uint32_t>(filter_.steps_.size() + child.steps);
      if (all)
        emit(child, last ? onTrue : next, onFalse);
      else
        emit(child, onTrue, last ? onFalse : next);
    }
  }

  Forms& forms_;
  Filter& filter_;
};

Expected<Filter> Filter::compile(Forms& forms, std::string_view text) {
  Filter filter;
  if (withoutBlanks({text, 0}).text.empty()) return filter;
  auto tree = parseFilter(text);
  if (!tree) return std::unexpected(std::move(tree.error()));
  auto done = FilterCompiler(forms, filter).compile(*tree);
  if (!done) return std::unexpected(std::move(done.error()));
  return filter;
}

namespace {

// The frequent case without detours: a field of the first layer of its kind.
inline bool readFast(const Leaf& leaf, const SampleFields& sample, Scratch& scratch, Value& value) {
  if (leaf.source != Source::field || leaf.occurrence != 0 || !sample.hasPacket) {
    return readLeaf(leaf, sample, scratch, value);
  }
  const std::uint8_t index = sample.packet.firstOf[static_cast<std::size_t>(leaf.layer)];
  if (index == decode::kNoLayer) return false;
  const decode::LayerRef& layer = sample.packet.layers[index];
  if (leaf.at + unsigned{leaf.size} > layer.available) return false;
  value.data = sample.packet.bytes.data() + layer.offset + leaf.at;
  if (!leaf.octets) value.number = loadField(value.data, leaf.size) >> leaf.shift & leaf.mask;
  return true;
}

}  // namespace

bool Filter::triesPatterns() const {
  return std::ranges::any_of(comparisons_, [](const Comparison& c) { return c.match.triesPatterns(); });
}

bool Filter::run(const SampleFields& sample, const Forms& forms) const {
  Scratch scratch;
  std::uint32_t at = 0;
  do {
    const Step& step = steps_[at];
    at = holds(step, sample, forms, scratch) ? step.onTrue : step.onFalse;
  } while (at < kReject);
  return at == kAccept;
}

bool Filter::holds(const Step& step, const SampleFields& sample, const Forms& forms, Scratch& scratch) const {
  if (step.op == Op::constant) return step.values[0] != 0;
  scratch.reset();
  Value value;
  if (step.op == Op::general) {
    const Comparison& comparison = comparisons_[step.comparison];
    if (!comparison.left.evaluate(comparison.left, {sample, scratch, forms}, value)) return comparison.match.absent();
    return comparison.match.test(forms, value);
  }
  const bool present = readFast(step.leaf, sample, scratch, value);
  if (step.op == Op::absent) return !present;
  if (!present) return false;
  switch (step.op) {
    case Op::equals:
      return value.number == step.values[0];
    case Op::isOneOf:
      for (unsigned i = 0; i < step.count; ++i) {
        if (value.number == step.values[i]) return true;
      }
      return false;
    case Op::inBitmap: {
      const std::vector<std::uint64_t>& bitmap = comparisons_[step.comparison].match.perForm().front().bitmap;
      const std::size_t word = value.number / 64;
      return word < bitmap.size() && (bitmap[word] >> value.number % 64 & 1) != 0;
    }
    case Op::octets4:
      return std::memcmp(value.data, step.octets, 4) == 0;
    case Op::octets6:
      return std::memcmp(value.data, step.octets, 6) == 0;
    case Op::octets16:
      return std::memcmp(value.data, step.octets, 16) == 0;
    default:
      return false;
  }
}

void Filter::describe(std::string& out) const {
  static constexpr const char* kOps[] = {"constant", "absent", "number", "number", "bitmap",
                                         "octets",   "octets", "octets", "general"};
  static_assert(std::size(kOps) == static_cast<std::size_t>(Op::general) + 1);
  const auto place = [](std::uint32_t at) {
    return at == kAccept ? std::string("accept") : at == kReject ? std::string("reject") : std::to_string(at);
  };
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    out += "filter " + std::to_string(i) + ": " + kOps[static_cast<unsigned>(step.op)] + ' ' +
           comparisons_[step.comparison].text + " ? " + place(step.onTrue) + " : " + place(step.onFalse) + '\n';
  }
}

}  // namespace weir::flow
