#include "base/log.h"
#include "commands.h"
#include "engine/datagram_source.h"
#include "line_output.h"
#include "setup.h"

namespace weir::app {

int runCheck(const config::CommandLine&, const config::Properties& properties) {
  bool ok = propertiesAreUsable(properties);
  for (const config::Problem& problem : properties.check()) ok = ok && !problem.doubtful;
  const auto settings = config::settingsFrom(properties);
  if (!settings) return 1;  // propertiesAreUsable has said why
  if (!settings->defineFile.empty()) {
    engine::Settings options = engineSettings(*settings);
    options.live = false;
    const auto engine = engine::makeEngine(options);
    if (const auto loaded = loadDefinitions(*engine, settings->defineFile); !loaded) {
      log::error(loaded.error().text());
      ok = false;
    }
  }
  if (!settings->captureFile.empty()) {
    if (const auto capture = engine::openCapture(settings->captureFile, settings->sflowPort); !capture) {
      log::error(capture.error().text());
      ok = false;
    }
  }
  if (!ok) return 1;
  LineOutput out;
  out.line() = "The configuration is in order.";
  out.end();
  return out.finish();
}

}  // namespace weir::app
