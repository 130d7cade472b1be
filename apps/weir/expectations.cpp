#include "expectations.h"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <variant>

namespace weir::app {

namespace {

using Wanted = config::Expectation;

/// As on the command line.
std::string optionOf(const Wanted& wanted) {
  if (wanted.count == 0) return "--expect-none " + wanted.name;
  return "--expect " + wanted.name + (wanted.count ? "=" + std::to_string(*wanted.count) : "");
}

}  // namespace

Expected<Expectations> Expectations::of(const std::vector<Wanted>& wanted, const engine::Engine& engine) {
  using Named = engine::Engine::Named;
  Expectations out;
  for (const Wanted& one : wanted) {
    const auto noThreshold = engine.hintsOnNames(Named::threshold, {one.name});
    if (!noThreshold.empty()) {
      const auto noRecords = engine.hintsOnNames(Named::loggedFlow, {one.name});
      const bool isFlow = engine.get(engine::Engine::Kind::flow, one.name).has_value();
      if (!noRecords.empty()) return fail(isFlow ? noRecords.front() : noThreshold.front(), optionOf(one));
    }
    out.all_.push_back({one, noThreshold.empty()});
  }
  return out;
}

void Expectations::count(const engine::News& news) {
  if (const auto* event = std::get_if<std::shared_ptr<const event::Event>>(&news)) ++events_[(*event)->name()];
  if (const auto* flow = std::get_if<std::shared_ptr<const event::FlowRecord>>(&news)) ++records_[(*flow)->name()];
}

std::vector<std::string> Expectations::failures() const {
  std::vector<std::string> out;
  for (const One& one : all_) {
    const auto& counted = one.ofEvents ? events_ : records_;
    const auto at = counted.find(one.wanted.name);
    const std::uint64_t count = at == counted.end() ? 0 : at->second;
    if (one.wanted.count ? count == *one.wanted.count : count != 0) continue;
    const char* const what = one.ofEvents ? "event" : "flow record";
    out.push_back(fmt::format("{}: {} {}{}", optionOf(one.wanted), count == 0 ? "no" : std::to_string(count), what,
                              count == 1 ? "" : "s"));
  }
  return out;
}

}  // namespace weir::app
