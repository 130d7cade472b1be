#include "base/log.h"
#include "commands.h"
#include "engine/datagram_source.h"
#include "line_output.h"
#include "setup.h"

namespace weir::app {

namespace {

/// Loads what the start would load; false: something is wrong with it.
bool loadsAll(const config::EngineSettings& settings) {
  engine::Settings options = engineSettings(settings);
  options.live = false;
  const auto engine = engine::makeEngine(options);
  bool ok = true;
  if (const auto loaded = engine->loadTables(); !loaded) {
    log::error(loaded.error().text());
    ok = false;
  }
  if (settings.defineFile.empty()) return ok;
  const auto hints = loadDefinitions(*engine, settings.defineFile);
  if (!hints) log::error(hints.error().text());
  return ok && hints && hints->empty();
}

}  // namespace

int runCheck(const config::CommandLine&, const config::Properties& properties) {
  bool ok = propertiesAreUsable(properties);
  for (const config::Problem& problem : properties.check()) ok = ok && !problem.doubtful;
  const auto settings = config::settingsFrom(properties);
  if (!settings) return 1;  // propertiesAreUsable has said why
  ok = loadsAll(*settings) && ok;
  if (!settings->captureFile.empty()) {
    if (const auto capture = engine::openCapture(settings->captureFile, settings->sflowPort); !capture) {
      log::error(capture.error().text());
      ok = false;
    }
  }
  if (!ok) return 1;
  LineOutput out;
  out.line() = log::problemsTold() == 0 ? "The configuration is in order."
                                        : "The configuration can be used, with the warnings above.";
  out.end();
  return out.finish();
}

}  // namespace weir::app
