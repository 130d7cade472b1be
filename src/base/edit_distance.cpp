#include "base/edit_distance.h"

#include <algorithm>
#include <string>
#include <vector>

namespace weir {

namespace {

std::string lowerCaseWord(std::string_view word) {
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

}  // namespace

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1] ? 1 : 0)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

std::string_view nearestName(std::string_view word, std::span<const std::string_view> names) {
  if (word.size() > kMostOfName) return {};
  const std::string wanted = lowerCaseWord(word);
  std::string_view best;
  std::size_t least = (word.size() < 8 ? 1U : word.size() < 12 ? 2U : 3U) + 1;
  for (const std::string_view name : names) {
    if (name.size() >= wanted.size() + least || wanted.size() >= name.size() + least) continue;
    const std::size_t distance = editDistance(wanted, lowerCaseWord(name));
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace weir
