#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_writer.h"

/// Counters and gauges of the program itself. Each is declared once, by a row in the table of its owner, a file
/// `figures.def` or `NAME_figures.def`:
///
///   WEIR_FIGURE(member, kind, "unit", "help", places ...)
///
/// The row makes the member of the owner's struct, a plain number that its owner writes; what an answer shows, its
/// description, docs/figures.md and the words of the status page come from the same row. `places` are members of
/// Figure, in the order of the struct; without any, the figure is counted and shown nowhere.
namespace weir {

enum class FigureKind : std::uint8_t {
  counter,  ///< counts from the start of the program and never falls
  gauge,    ///< what is now
};

/// `counter` or `gauge`.
[[nodiscard]] std::string_view kindName(FigureKind kind);

/// What it means for the telemetry if a figure of `drops` is above 0: the status page shows it so. none: the page shows
/// it for each agent only, since another figure of the list contains it.
enum class Severity : std::uint8_t { none, warn, bad };

/// The place of a figure in an answer.
struct FigurePlace {
  std::string_view name;          ///< of the member; several with a blank between are the same value; empty: not there
  unsigned position = kAnyPlace;  ///< 1 and up; figures of one position stand in the order of the tables

  static constexpr unsigned kAnyPlace = 1'000;  ///< behind those whose position clients have known for long
};

/// A row of a table.
struct Figure {
  std::string_view owner, name;  ///< name: of the member of the owner's struct
  FigureKind kind = FigureKind::counter;
  std::string_view unit;
  std::string_view help;  ///< reads well behind a number; no full stop
  FigurePlace health{};   ///< /health/json
  FigurePlace drops{};    ///< the object `drops` in it
  Severity severity = Severity::none;
  bool omittedAtZero = false;     ///< from answers
  std::string_view agents{};      ///< in `agentsWithFaults` of /health/json, where it is above 0
  FigurePlace analyzer{};         ///< /analyzer/json
  std::string_view prometheus{};  ///< names behind `sflow_analyzer_`, in the order of /analyzer/json
};

/// A Figure made of the arguments of a row, in a struct with a constant kOwner.
#define WEIR_FIGURE_ROW(member, figureKind, figureUnit, figureHelp, ...)                          \
  ::weir::Figure {                                                                                \
    .owner = kOwner, .name = #member, .kind = ::weir::FigureKind::figureKind, .unit = figureUnit, \
    .help = figureHelp __VA_OPT__(, ) __VA_ARGS__                                                 \
  }

/// A figure and what it was when it was read.
struct FigureReading {
  Figure figure;
  std::variant<std::uint64_t, double> value;
};

/// Appends all figures of an owner: a struct with each(self, visit), which calls visit(Figure, value) for each row.
template <class Owner>
void readFigures(const Owner& owner, std::vector<FigureReading>& out) {
  Owner::each(owner, [&](const Figure& figure, const auto& value) { out.push_back({figure, value}); });
}

/// All of them in the order of an answer, those that are not in it included. They stay the caller's.
[[nodiscard]] std::vector<const FigureReading*> inOrder(std::span<const FigureReading> figures,
                                                        FigurePlace Figure::* place);
/// Writes those that are in an answer as members.
void writeFigures(JsonWriter& json, std::span<const FigureReading> figures, FigurePlace Figure::* place);
/// The names of FigurePlace::name and Figure::prometheus.
[[nodiscard]] std::vector<std::string_view> figureNames(std::string_view names);

}  // namespace weir
