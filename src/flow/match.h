#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flow/expression.h"
#include "flow/regex.h"

namespace weir::flow {

/// One text on the right of a comparison and where it stands.
struct Right {
  std::string text;
  std::size_t position = 0;
};

/// What the values of an expression are compared with, translated for each form they may have: numbers with numbers,
/// octets with octets. Text is made only for what has no other way.
class Match {
 public:
  /// Equal to any of the texts. The text `null` is also true of no value at all.
  [[nodiscard]] static Match anyOf(const Forms& forms, const Node& left, const std::vector<Right>& texts);
  /// Matched whole by any of the patterns. The pattern `null` is also true of no value at all.
  [[nodiscard]] static Expected<Match> patterns(const Forms& forms, const Node& left,
                                                const std::vector<Right>& patterns);

  /// What a missing value gives.
  [[nodiscard]] bool absent() const { return absent_; }
  [[nodiscard]] bool test(const Forms& forms, const Value& value) const;

  struct PerForm {
    std::uint16_t form = 0;
    bool octets = false;                 ///< compare octets, else numbers
    bool byText = false;                 ///< make the text and compare or match that
    std::vector<std::uint64_t> numbers;  ///< sorted
    std::vector<std::string> octetTexts;
    std::vector<std::uint64_t> bitmap;  ///< numbers of a small domain, instead of `numbers`
  };
  [[nodiscard]] const std::vector<PerForm>& perForm() const { return perForm_; }
  /// Whether a pattern is tried on values, not only when the match was made.
  [[nodiscard]] bool triesPatterns() const;

 private:
  bool absent_ = false;
  std::vector<PerForm> perForm_;
  std::vector<std::string> texts_;
  std::vector<Regex> patterns_;
};

}  // namespace weir::flow
