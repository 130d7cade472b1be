#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/log.h"
#include "base/utf8.h"
#include "commands.h"
#include "expectations.h"
#include "line_output.h"
#include "setup.h"

namespace weir::app {

namespace {

template <class Record>
void printRecord(LineOutput& out, const char* kind, const Record& record) {
  JsonWriter json(out.line());
  record.write(json.beginObject().key(kind));
  json.endObject();
  out.end();
}

/// Text as JSON may hold it: octets that are not UTF-8 become U+FFFD.
boost::json::string textOf(std::string_view text) {
  boost::json::string out;
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  for (const auto* end = at + text.size(); at < end;) {
    const std::size_t octets = utf8Length(at, end);
    out.append(octets == 0 ? "\xEF\xBF\xBD" : std::string_view(reinterpret_cast<const char*>(at), octets));
    at += std::max<std::size_t>(octets, 1);
  }
  return out;
}

/// Whole numbers stay whole.
boost::json::value numberOf(double value) {
  constexpr double kWhole = 9.0e15;
  if (value == std::floor(value) && std::fabs(value) < kWhole) return static_cast<std::int64_t>(value);
  return value;
}

boost::json::array topKeysOf(const std::vector<query::TopKey>& keys, Nanos now) {
  boost::json::array out;
  for (const query::TopKey& key : keys) {
    boost::json::object entry{
        {"key", textOf(key.key)}, {"lastUpdate", query::ageMs(now, key.updated)}, {"value", numberOf(key.value)}};
    if (!key.values.empty()) {
      boost::json::array& values = entry["values"].emplace_array();
      for (const double value : key.values) values.push_back(numberOf(value));
    }
    out.push_back(std::move(entry));
  }
  return out;
}

/// A record as /dump has it.
boost::json::object metricRecord(const query::DumpResult& dump, const query::SourceRecords& source,
                                 const query::Record& record) {
  boost::json::object out{{"agent", source.key.agent.text()},
                          {"dataSource", textOf(query::sourceText(source.key))},
                          {"lastUpdate", query::ageMs(dump.asked, record.updated)},
                          {"metricName", textOf(dump.records.names.list()[record.name])}};
  if (const std::string* text = record.text()) out["metricValue"] = textOf(*text);
  if (const double* number = record.number()) out["metricValue"] = numberOf(*number);
  if (!record.topKeys.empty()) out["topKeys"] = topKeysOf(record.topKeys, dump.asked);
  return out;
}

/// The final metric store, a line for each value, in the order of /dump.
bool printMetrics(LineOutput& out, engine::Engine& engine) {
  std::promise<query::Outcome<query::DumpResult>> promise;
  engine.ask(query::DumpQuestion{"ALL", "ALL"}, [&](auto outcome) { promise.set_value(std::move(outcome)); });
  const auto outcome = promise.get_future().get();
  if (!outcome) {
    log::error("the metrics cannot be shown: " + outcome.error().error.text());
    return false;
  }
  const query::DumpResult& dump = *outcome;
  for (const query::SourceRecords& source : dump.records.sources) {
    for (const query::Record& record : source.records) {
      out.line() += "{\"metric\":" + boost::json::serialize(metricRecord(dump, source, record)) + "}";
      out.end();
    }
  }
  return true;
}

/// The status of a replay that ran to its end: 3 where an expectation is not met, 1 where --strict finds warnings.
int judge(const Expectations& expectations, bool strict) {
  constexpr int kNotExpected = 3;
  const bool warned = strict && log::problemsTold() != 0;
  if (warned) log::error("--strict: there are warnings");
  const std::vector<std::string> failures = expectations.failures();
  for (const std::string& failure : failures) log::error(failure);
  return warned ? 1 : failures.empty() ? 0 : kNotExpected;
}

}  // namespace

int runReplay(const config::CommandLine& line, const config::Properties& properties) {
  if (!propertiesAreUsable(properties)) return 1;
  const auto settings = config::settingsFrom(properties);
  if (!settings) {
    log::error(settings.error().text());
    return 1;
  }
  auto source = engine::openCapture(line.file, settings->sflowPort);
  if (!source) {
    log::error(source.error().text());
    return 1;
  }
  if (const auto begun = (*source)->begin(); !begun) {
    log::error(begun.error().text());
    return 1;
  }
  const engine::DatagramSource& capture = **source;  // the engine's from now on
  engine::Settings options = engineSettings(*settings);
  options.live = false;
  options.speed.reset();
  options.loop = false;
  options.strict = options.strict || line.strict;
  options.exportFlows = false;  // definitions are tested; collectors must not receive records
  const auto engine = engine::makeEngine(options, std::move(*source));
  if (!line.defineFile.empty() && !settings->defineFile.empty())
    log::warning("define.file: " + settings->defineFile + " is not read, since --define names " + line.defineFile);
  if (const auto loaded = engine->loadTables(); !loaded) {
    log::error(loaded.error().text());
    return 1;
  }
  const std::string& definitions = line.defineFile.empty() ? settings->defineFile : line.defineFile;
  if (!definitions.empty()) {
    if (const auto loaded = loadDefinitions(*engine, definitions); !loaded) {
      log::error(loaded.error().text());
      return 1;
    }
  }
  auto expectations = Expectations::of(line.expected, *engine);
  if (!expectations) {
    log::error(expectations.error().text());
    return 1;
  }
  LineOutput out;  // the listener's until the replay is over, and so are the expectations
  bool told = line.dump || !line.expected.empty();
  auto records = engine->subscribe({.name = "replay",
                                    .events = true,
                                    .flowRecords = true,
                                    .inReplay = engine::SubscriptionOptions::InReplay::waits});
  records.listen([&](const engine::News& news) {
    told = true;
    expectations->count(news);
    if (const auto* event = std::get_if<std::shared_ptr<const event::Event>>(&news)) printRecord(out, "event", **event);
    if (const auto* flow = std::get_if<std::shared_ptr<const event::FlowRecord>>(&news)) {
      printRecord(out, "flow", **flow);
    }
  });
  if (const auto started = engine->start(); !started) {
    log::error(started.error().text());
    return 1;
  }
  engine->waitForReplay();
  const bool refused = capture.report().refused;
  const bool ok = !line.dump || printMetrics(out, *engine);
  engine->stop();
  if (!told && !refused) {
    log::info(
        "Nothing to print: no threshold was crossed, and no flow with log:true ended; --dump prints metrics as they "
        "are at the end");
  }
  const int written = out.finish();
  if (!ok || refused || written != 0) return 1;
  return judge(*expectations, line.strict);
}

}  // namespace weir::app
