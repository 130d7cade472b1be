#include "api/analyzer_text.h"

#include <vector>

#include "base/json_writer.h"
#include "query/prometheus_text.h"

namespace weir::api {

namespace {

std::vector<FigureReading> figuresOf(const query::AnalyzerResult& analyzer, const http::Figures& server) {
  std::vector<FigureReading> all = analyzer.figures();
  readFigures(server, all);
  return all;
}

}  // namespace

std::string analyzerJson(const query::AnalyzerResult& analyzer, const http::Figures& server) {
  std::string out;
  JsonWriter json(out);
  json.beginObject().member("version", analyzer.engine.version).member("updateAvailable", false);
  writeFigures(json, figuresOf(analyzer, server), &Figure::analyzer);
  json.endObject();
  return out;
}

std::string analyzerPrometheusText(const query::AnalyzerResult& analyzer, const http::Figures& server, bool described) {
  std::string out;
  const std::vector<FigureReading> all = figuresOf(analyzer, server);
  for (const FigureReading* reading : inOrder(all, &Figure::analyzer)) {
    const Figure& figure = reading->figure;
    for (const std::string_view behind : figureNames(figure.prometheus)) {
      const std::string name = std::string(query::kAnalyzerPrefix).append(behind);
      if (described) query::appendMetricHead(out, name, kindName(figure.kind), figure.help);
      out.append(name).append(" ");
      std::visit([&](auto value) { appendJsonNumber(out, static_cast<double>(value)); }, reading->value);
      out += '\n';
    }
  }
  return out;
}

std::string licenseJson(const query::AnalyzerResult& analyzer) {
  std::string out;
  JsonWriter json(out);
  json.beginObject();
  json.key("license").beginObject().member("type", "open source").member("license", "Apache-2.0");
  json.member("product", "weir").endObject();
  json.key("analyzer").beginObject().member("host", analyzer.engine.host);
  json.member("bps", analyzer.engine.sflowBitsPerSecond).endObject();
  json.endObject();
  return out;
}

}  // namespace weir::api
