#include "setup.h"

#include <boost/json/value.hpp>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/log.h"
#include "commands.h"
#include "json/lenient.h"

namespace weir::app {

namespace {

Expected<std::string> readFile(const std::string& path) {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) return fail("cannot be read: " + std::string(std::strerror(errno)), path);
  std::string text;
  char buffer[65536];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, n);
    if (text.size() > kMost) return fail("larger than 64 MiB", path);
  }
  if (std::ferror(file.get()) != 0) return fail("cannot be read: " + std::string(std::strerror(errno)), path);
  return text;
}

}  // namespace

engine::Settings engineSettings(const config::EngineSettings& s) {
  engine::Settings out;
  out.shards = s.shards;
  out.address = s.sflowAddress;
  out.port = s.sflowPort;
  out.receiveBufferBytes = s.receiveBufferBytes;
  out.captureFile = s.captureFile;
  out.live = s.captureFile.empty();
  if (std::isinf(s.replaySpeed)) {
    out.speed.reset();
  } else {
    out.speed = s.replaySpeed;
  }
  out.loop = s.replayLoop;
  out.countryFiles = s.countryFiles;
  out.asnFiles = s.asnFiles;
  out.vendorFile = s.vendorFile;
  out.dnsServers = s.dnsServers;
  out.strict = s.strictHints;
  out.eventsKept = s.eventsKept;
  out.flowsKept = s.flowsKept;
  out.version = kVersion;
  return out;
}

Expected<engine::Engine::Hints> loadDefinitions(engine::OwnedEngine& engine, const std::string& path) {
  const auto text = readFile(path);
  if (!text) return std::unexpected(text.error());
  const auto parsed = json::parseLenient(*text);
  auto loaded = parsed ? engine.loadDefinitions(*parsed) : std::unexpected(parsed.error());
  if (loaded) return loaded;
  Error error = loaded.error();
  std::string where = path;
  if (!parsed) {
    const json::Place place = json::placeOf(*text, error.position.value_or(0));
    error.position = place.character;
    where += ":" + std::to_string(place.line);
  } else {
    where += ":" + std::to_string(json::placeOfMember(*text, error.attribute).line);
  }
  error.attribute = error.attribute.empty() ? where : where + ": " + error.attribute;
  return std::unexpected(std::move(error));
}

bool propertiesAreUsable(const config::Properties& properties) {
  bool usable = true;
  for (const config::Problem& problem : properties.check()) {
    if (problem.fatal) {
      log::error(problem.text);
      usable = false;
    } else {
      log::warning(problem.text);
    }
  }
  return usable;
}

}  // namespace weir::app
