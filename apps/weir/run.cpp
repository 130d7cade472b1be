#include <unistd.h>

#include <boost/json/value.hpp>
#include <climits>
#include <cstring>
#include <string>
#include <vector>

#include "api/server.h"
#include "base/log.h"
#include "commands.h"
#include "demo_source.h"
#include "json/lenient.h"
#include "setup.h"
#include "signals.h"

namespace weir::app {

namespace {

/// The names by which pages may reach this server: those of the machine, of its HTTP address, and of http.hosts.
std::vector<std::string> hostsOf(const config::EngineSettings& s) {
  std::vector<std::string> out = s.httpHosts;
  if (!s.httpHost.empty()) out.push_back(s.httpHost);
  char name[HOST_NAME_MAX + 1] = "";
  if (gethostname(name, sizeof name - 1) == 0 && name[0] != '\0') {
    out.emplace_back(name);
    out.emplace_back(name, std::strcspn(name, "."));
  }
  return out;
}

api::Options httpOptions(const config::EngineSettings& s, const config::Properties& properties) {
  api::Options out;
  out.server.hostname = s.httpHost;
  out.server.port = s.httpPort;
  out.server.log = s.httpLog;
  out.html = s.httpHtml;
  out.rest = s.httpRest;
  out.server.origins = s.httpOrigins;
  out.server.hosts = hostsOf(s);
  out.readOnly = s.httpReadOnly;
  out.strictHints = s.strictHints;
  out.redirect = properties.text("http.html.redirect");
  out.jsonIndent = s.jsonIndent;
  out.metricPrefix = properties.text("prometheus.metric.prefix");
  out.metricTypes = properties.yes("prometheus.type");
  out.version = kVersion;
  return out;
}

/// What the demo defines, so that the pages and the README's commands have something to show.
void defineDemo(engine::OwnedEngine& engine, const sim::FabricSimulation& fabric) {
  const std::string text = R"({"flows":{
      "pairs":{"keys":"ipsource,ipdestination","value":"bytes","n":20},
      "tcp":{"keys":"ipsource,ipdestination,tcpsourceport,tcpdestinationport","value":"bytes","log":true}},
    "thresholds":{"elephant":{"metric":"pairs","value":62500000,"byFlow":true,"timeout":2}},
    "topology":)" + fabric.topologyJson() +
                           "}";
  if (const auto parsed = json::parseLenient(text); !parsed) {
    log::error("demo definitions: " + parsed.error().text());
  } else if (const auto loaded = engine.loadDefinitions(*parsed); !loaded) {
    log::error("demo definitions: " + loaded.error().text());
  }
}

/// What says where sFlow comes from says nothing to the demo.
void warnOfDemo(const config::Properties& properties) {
  for (const char* name : {"sflow.file", "sflow.port", "sflow.address"}) {
    if (const auto* value = properties.find(name)) {
      log::warning(value->origin + ": " + name + ": has no effect with --demo, which makes its own telemetry");
    }
  }
}

}  // namespace

int runEngine(const config::CommandLine& line, const config::Properties& properties) {
  const Signals signals;  // before any thread, so that none of them gets a signal
  if (!propertiesAreUsable(properties)) return 1;
  const auto settings = config::settingsFrom(properties);
  if (!settings) {
    log::error(settings.error().text());
    return 1;
  }
  log::info(std::string("Starting weir ") + kVersion);

  engine::Settings engineOptions = engineSettings(*settings);
  std::unique_ptr<engine::DatagramSource> source;
  const sim::FabricSimulation* fabric = nullptr;
  if (line.demo) {
    warnOfDemo(properties);
    auto demo = std::make_unique<DemoSource>(1, systemNow());
    fabric = &demo->fabric();
    source = std::move(demo);
    engineOptions.demo = true;
    engineOptions.speed = 1.0;
  } else if (!settings->captureFile.empty()) {
    auto capture = engine::openCapture(settings->captureFile, settings->sflowPort);
    if (!capture) {
      log::error(capture.error().text());
      return 1;
    }
    source = std::move(*capture);
  }
  const bool listens = source == nullptr;
  const auto engine = engine::makeEngine(engineOptions, std::move(source));
  if (fabric != nullptr) defineDemo(*engine, *fabric);
  if (const auto loaded = engine->loadTables(); !loaded) {
    log::error(loaded.error().text());
    return 1;
  }
  if (!settings->defineFile.empty()) {
    if (const auto loaded = loadDefinitions(*engine, settings->defineFile); !loaded) {
      log::error(loaded.error().text());
      return 1;
    }
  }
  auto http = api::HttpServer::open(httpOptions(*settings, properties), *engine);
  if (!http) {
    log::error(http.error().text());
    return 1;
  }
  if (const auto started = engine->start(); !started) {
    log::error(started.error().text());
    return 1;
  }
  if (listens) log::info("Listening, sFlow port " + std::to_string(engine->sflowPort()));
  if (line.demo) {
    log::info("Demo, a simulated leaf and spine fabric");
  } else if (!settings->captureFile.empty())
    log::info("Replaying " + settings->captureFile);
  (*http)->start();
  log::info("Listening, HTTP port " + std::to_string((*http)->port()));
  for (const std::string& server : engine->nameServers()) log::info("DNS server " + server);
  signals.wait();
  log::info("Stopping");
  (*http)->stop();
  engine->stop();
  return 0;
}

}  // namespace weir::app
