#include <cstdio>

#include "base/log.h"
#include "commands.h"
#include "engine/datagram_source.h"
#include "setup.h"

namespace weir::app {

int runCheck(const config::CommandLine&, const config::Properties& properties) {
  bool ok = propertiesAreUsable(properties);
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
  if (ok) std::puts("The configuration is in order.");
  return ok ? 0 : 1;
}

}  // namespace weir::app
