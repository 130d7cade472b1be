#include "api/figures.h"

#include <algorithm>
#include <deque>
#include <string_view>

#include "base/json_writer.h"
#include "http/figures.h"
#include "query/agent_figures.h"
#include "query/analyzer_question.h"
#include "query/prometheus_text.h"

namespace weir::api {

namespace {

constexpr std::string_view kHead = R"(# Figures

<!-- Made by figuresMarkdown() from the tables of figures (src/base/figure.h); a test compares (WEIR_UPDATE_DOCS=1 writes
it anew). -->

What weir counts and measures of itself. A counter counts from the start of the program and never falls; a gauge is what is
now. `/analyzer/json` and `/prometheus/analyzer/txt` have the names of sFlow-RT where it has the figure. `/health/json` tells
what was lost or refused, and why: `drops.kernel` is the member `kernel` of its object `drops`. `agentsWithFaults` there has
the figures of single agents that are above 0. In `drops`, faults of datagrams are left out at 0.

`/figures/json` has this table as JSON. What weir knows of single agents, listeners and thresholds is in
[the REST API](rest.md#records).
)";

void writeNames(JsonWriter& json, std::string_view member, std::string_view prefix, std::string_view names) {
  if (names.empty()) return;
  json.key(member).beginArray();
  for (const std::string_view name : figureNames(names)) json.string(std::string(prefix).append(name));
  json.endArray();
}

void writeName(JsonWriter& json, std::string_view member, std::string_view name) {
  if (!name.empty()) json.member(member, name);
}

/// Adds a cell with several names to a row of a table.
void appendNames(std::string& out, std::string_view prefix, std::string_view names) {
  std::string_view between = " ";
  for (const std::string_view name : figureNames(names)) {
    out.append(between).append("`").append(prefix).append(name).append("`");
    between = ", ";
  }
}

std::string capitalised(std::string_view text) {
  std::string out(text);
  if (out.front() >= 'a' && out.front() <= 'z') out.front() = static_cast<char>(out.front() - 'a' + 'A');
  return out;
}

std::string sentence(const Figure& figure) {
  return capitalised(figure.help) + ".";
}

MemberDoc memberOf(std::string_view name, const FigureReading& reading, bool required) {
  static std::deque<std::string> sentences;  // members refer to them; they are made once (records.cpp)
  const std::string_view type = std::holds_alternative<double>(reading.value) ? "number" : "count";
  return {name, type, sentences.emplace_back(sentence(reading.figure)), required};
}

}  // namespace

std::vector<FigureReading> declaredFigures() {
  std::vector<FigureReading> all = query::AnalyzerResult{}.figures();
  readFigures(http::Figures{}, all);
  // The faults of datagrams are the same at a shard and at an agent.
  std::vector<FigureReading> ofAgents;
  readFigures(query::AgentFigures{}, ofAgents);
  for (const FigureReading& reading : ofAgents) {
    const bool isKnown = std::ranges::any_of(all, [&](const FigureReading& other) {
      return other.figure.owner == reading.figure.owner && other.figure.name == reading.figure.name;
    });
    if (!isKnown) all.push_back(reading);
  }
  return all;
}

std::vector<MemberDoc> figureMembers(FigurePlace Figure::* place) {
  std::vector<MemberDoc> members;
  const std::vector<FigureReading> figures = declaredFigures();
  for (const FigureReading* reading : inOrder(figures, place)) {
    for (const std::string_view name : figureNames((reading->figure.*place).name)) {
      members.push_back(memberOf(name, *reading, !reading->figure.omittedAtZero));
    }
  }
  return members;
}

std::vector<MemberDoc> agentFigureMembers() {
  std::vector<MemberDoc> members;
  for (const FigureReading& reading : declaredFigures()) {
    if (!reading.figure.agents.empty()) members.push_back(memberOf(reading.figure.agents, reading, false));
  }
  return members;
}

std::string figuresJson() {
  std::string out;
  JsonWriter json(out);
  json.beginArray();
  for (const auto& [figure, value] : declaredFigures()) {
    json.beginObject().member("owner", figure.owner).member("name", figure.name);
    json.member("kind", kindName(figure.kind)).member("unit", figure.unit).member("help", figure.help);
    writeNames(json, "analyzer", "", figure.analyzer.name);
    writeNames(json, "prometheus", query::kAnalyzerPrefix, figure.prometheus);
    writeName(json, "health", figure.health.name);
    writeName(json, "drops", figure.drops.name);
    writeName(json, "agentsWithFaults", figure.agents);
    if (figure.severity != Severity::none) json.member("severity", figure.severity == Severity::bad ? "bad" : "warn");
    json.endObject();
  }
  json.endArray();
  return out;
}

std::string figuresMarkdown() {
  std::string out(kHead);
  std::string_view owner;
  for (const auto& [figure, value] : declaredFigures()) {
    if (figure.owner != owner) {
      owner = figure.owner;
      out.append("\n## ").append(capitalised(owner)).append("\n\n");
      out +=
          "| figure | kind | unit | | `/analyzer/json` | `/health/json` | Prometheus "
          "|\n|---|---|---|---|---|---|---|\n";
    }
    out.append("| `").append(figure.name).append("` | ").append(kindName(figure.kind)).append(" | ");
    out.append(figure.unit).append(" | ").append(sentence(figure)).append(" |");
    appendNames(out, "", figure.analyzer.name);
    out += " |";
    std::string health(figure.health.name);
    if (!figure.drops.name.empty()) health.append(" drops.").append(figure.drops.name);
    if (!figure.agents.empty()) health.append(" agentsWithFaults.").append(figure.agents);
    appendNames(out, "", health.starts_with(' ') ? std::string_view(health).substr(1) : std::string_view(health));
    out += " |";
    appendNames(out, query::kAnalyzerPrefix, figure.prometheus);
    out += " |\n";
  }
  return out;
}

}  // namespace weir::api
