#include "base/figure.h"

#include <algorithm>

namespace weir {

std::string_view kindName(FigureKind kind) {
  return kind == FigureKind::counter ? "counter" : "gauge";
}

std::vector<const FigureReading*> inOrder(std::span<const FigureReading> figures, FigurePlace Figure::* place) {
  std::vector<const FigureReading*> order;
  for (const FigureReading& reading : figures) order.push_back(&reading);
  std::ranges::stable_sort(order, {}, [&](const FigureReading* reading) { return (reading->figure.*place).position; });
  return order;
}

void writeFigures(JsonWriter& json, std::span<const FigureReading> figures, FigurePlace Figure::* place) {
  for (const FigureReading* reading : inOrder(figures, place)) {
    std::visit(
        [&](auto value) {
          if (value == 0 && reading->figure.omittedAtZero) return;
          for (const std::string_view name : figureNames((reading->figure.*place).name)) json.member(name, value);
        },
        reading->value);
  }
}

std::vector<std::string_view> figureNames(std::string_view names) {
  std::vector<std::string_view> each;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    each.push_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return each;
}

}  // namespace weir
