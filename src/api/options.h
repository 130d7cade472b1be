#pragma once
#include <string>

#include "http/options.h"

namespace weir::api {

/// How the REST API is set up. A plain value, filled from the properties by apps (docs/properties.md).
struct Options {
  /// http.hostname, http.port, http.log, http.origins, and http.hosts with the names of this machine.
  http::ServerOptions server{.port = 8008};
  bool html = true;                            ///< http.html: the status page
  bool rest = true;                            ///< http.rest: off only together with html, which lives on it
  bool readOnly = false;                       ///< http.readonly: whatever changes something answers 403
  bool strictHints = false;                    ///< hints.strict: requests with hints are refused
  std::string redirect = "./html/index.html";  ///< http.html.redirect: where `/` leads
  unsigned jsonIndent = 0;                     ///< http.json.indent: blanks a level, 0 to 16; 0 is compact
  std::string metricPrefix = "sflow_";         ///< prometheus.metric.prefix
  bool metricTypes = true;                     ///< prometheus.type: # HELP and # TYPE lines before each metric
  std::string version = "0.1-1";               ///< what /version answers: major.minor-build
};

}  // namespace weir::api
