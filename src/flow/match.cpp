#include "flow/match.h"

#include <algorithm>
#include <cstring>

namespace weir::flow {

namespace {

// Numbers up to here are matched once, when the definition is compiled, and not for every sample.
constexpr std::uint64_t kSmallDomain = 1024;

std::uint64_t domainOf(const Form& form, std::uint16_t width) {
  switch (form.type) {
    case Type::boolean:
      return 2;
    case Type::bits:
      return form.digits < 11 ? std::uint64_t{1} << form.digits : 0;
    case Type::choice:
      return form.texts.size();
    case Type::number:
    case Type::name:
      return width == 1 ? 256 : 0;
    default:
      return 0;
  }
}

bool isNull(const Right& right) {
  return right.text == "null";
}

}  // namespace

Match Match::anyOf(const Forms& forms, const Node& left, const std::vector<Right>& texts) {
  Match match;
  match.absent_ = std::any_of(texts.begin(), texts.end(), isNull);
  for (const FormUse& use : left.forms) {
    const Form& form = forms.at(use.form);
    PerForm per;
    per.form = use.form;
    per.octets = isOctets(form.type);
    per.byText = form.type == Type::joined;
    for (const Right& right : texts) {
      const auto written = parseWritten(form, right.text, true);
      if (!written) continue;
      if (per.octets)
        per.octetTexts.push_back(written->octets);
      else
        per.numbers.push_back(written->number);
    }
    std::sort(per.numbers.begin(), per.numbers.end());
    std::sort(per.octetTexts.begin(), per.octetTexts.end());
    match.perForm_.push_back(std::move(per));
  }
  for (const Right& right : texts) match.texts_.push_back(right.text);
  return match;
}

Expected<Match> Match::patterns(const Forms& forms, const Node& left, const std::vector<Right>& patterns) {
  Match match;
  match.absent_ = std::any_of(patterns.begin(), patterns.end(), isNull);
  for (const Right& right : patterns) {
    auto regex = Regex::compile(right.text);
    if (!regex) {
      Error error = std::move(regex.error());
      error.position = right.position + error.position.value_or(0);
      return std::unexpected(std::move(error));
    }
    match.patterns_.push_back(std::move(*regex));
  }
  const auto matches = [&](const Value& value) {
    std::string& buffer = textBuffer(0);
    const std::string_view text = textOf(forms, value, buffer);
    return std::any_of(match.patterns_.begin(), match.patterns_.end(), [&](const Regex& r) { return r.matches(text); });
  };
  for (const FormUse& use : left.forms) {
    const Form& form = forms.at(use.form);
    PerForm per;
    per.form = use.form;
    const std::uint64_t domain = domainOf(form, use.width);
    if (domain == 0 || domain > kSmallDomain) {
      per.byText = true;
    } else {
      per.bitmap.resize((domain + 63) / 64);
      for (std::uint64_t n = 0; n < domain; ++n) {
        if (matches(Value{use.form, 0, n, nullptr})) per.bitmap[n / 64] |= std::uint64_t{1} << n % 64;
      }
    }
    match.perForm_.push_back(std::move(per));
  }
  return match;
}

bool Match::triesPatterns() const {
  return !patterns_.empty() && std::ranges::any_of(perForm_, &PerForm::byText);
}

bool Match::test(const Forms& forms, const Value& value) const {
  const PerForm* per = perForm_.data();
  const PerForm* const end = per + perForm_.size();
  while (per != end && per->form != value.form) ++per;
  if (per == end) return false;
  if (per->byText) {
    const std::string_view text = textOf(forms, value, textBuffer(0));
    if (!patterns_.empty()) {
      return std::any_of(patterns_.begin(), patterns_.end(), [&](const Regex& r) { return r.matches(text); });
    }
    return std::find(texts_.begin(), texts_.end(), text) != texts_.end();
  }
  if (!per->bitmap.empty()) {
    const std::size_t word = value.number / 64;
    return word < per->bitmap.size() && (per->bitmap[word] >> value.number % 64 & 1) != 0;
  }
  if (per->octets) {
    const std::string_view octets(reinterpret_cast<const char*>(value.data), value.size);
    return std::binary_search(per->octetTexts.begin(), per->octetTexts.end(), octets, std::less<>{});
  }
  return std::binary_search(per->numbers.begin(), per->numbers.end(), value.number);
}

}  // namespace weir::flow
