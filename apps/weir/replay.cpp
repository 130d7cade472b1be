#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <future>
#include <string>

#include "base/json_writer.h"
#include "base/log.h"
#include "commands.h"
#include "json/lenient.h"
#include "line_output.h"
#include "setup.h"

namespace weir::app {

namespace {

void printRecord(LineOutput& out, const engine::Output& output) {
  JsonWriter json(out.line());
  json.beginObject();
  std::visit(
      [&](const auto& record) {
        json.key(std::is_same_v<std::decay_t<decltype(record)>, event::Event> ? "event" : "flow");
        record.write(json);
      },
      output.record);
  json.endObject();
  out.end();
}

/// The final metric store, a line for each value, in the order of /dump.
bool printMetrics(LineOutput& out, engine::Engine& engine) {
  std::promise<engine::Answer> promise;
  engine.dump("ALL", "ALL", {}, [&](engine::Answer answer) { promise.set_value(std::move(answer)); });
  const engine::Answer answer = promise.get_future().get();
  const auto parsed = json::parseLenient(answer.json);
  if (answer.status != engine::Answer::Status::ok || !parsed || !parsed->is_array()) {
    log::error("the metrics cannot be shown: " + answer.error.text());
    return false;
  }
  for (const auto& metric : parsed->get_array()) {
    out.line() += "{\"metric\":" + boost::json::serialize(metric) + "}";
    out.end();
  }
  return true;
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
  options.exportFlows = false;  // definitions are tested; collectors must not receive records
  const auto engine = engine::makeEngine(options, std::move(*source));
  if (!line.defineFile.empty() && !settings->defineFile.empty())
    log::warning("define.file: " + settings->defineFile + " is not read, since --define names " + line.defineFile);
  const std::string& definitions = line.defineFile.empty() ? settings->defineFile : line.defineFile;
  if (!definitions.empty()) {
    if (const auto loaded = loadDefinitions(*engine, definitions); !loaded) {
      log::error(loaded.error().text());
      return 1;
    }
  }
  LineOutput out;
  bool told = line.dump;
  engine->onRecord([&](const engine::Output& output) {
    told = true;
    printRecord(out, output);
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
  return ok && !refused ? written : 1;
}

}  // namespace weir::app
