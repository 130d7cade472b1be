#pragma once
#include <memory>
#include <string>

#include "base/error.h"
#include "config/settings.h"
#include "engine/make_engine.h"

namespace weir::app {

/// The engine's settings out of the properties'.
[[nodiscard]] engine::Settings engineSettings(const config::EngineSettings& settings);

/// Loads a definitions file into an engine. The error names file, line, definition and
/// attribute.
[[nodiscard]] Expected<engine::Engine::Hints> loadDefinitions(engine::OwnedEngine& engine, const std::string& path);

/// Logs the warnings of properties and answers false after logging what is fatal.
[[nodiscard]] bool propertiesAreUsable(const config::Properties& properties);

}  // namespace weir::app
