#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "query/prometheus_text.h"

namespace weir::query {

struct DumpResult;

/// Writes the text of DumpResult::prometheusText() piece by piece, and holds only what that takes: numbers and labels.
class PrometheusWriter {
 public:
  PrometheusWriter(const DumpResult& dump, const ExportNames& exported);

  /// Of the whole text, at most.
  [[nodiscard]] std::size_t octets() const { return octets_; }
  /// By this object, about.
  [[nodiscard]] std::size_t heldOctets() const { return held_; }
  /// Appends whole lines, `about` octets of them. False: these were the last.
  bool write(std::string& out, std::size_t about);

 private:
  /// A number of one data source.
  struct Sample {
    std::uint32_t source;
    double number;
  };
  /// The numbers of one exported metric, in the order of data sources. Several names may look alike once they are
  /// sanitised; of those a data source shows the first.
  using Samples = std::vector<Sample>;

  [[nodiscard]] bool isLeftOut(std::string_view name) const;

  std::string prefix_;
  bool described_;
  std::map<std::string, Samples> metrics_;
  std::vector<std::string> labels_;  // by data source
  std::map<std::string, Samples>::const_iterator metric_;
  std::size_t sample_ = 0;  // of the metric: what comes next
  std::size_t octets_ = 0, held_ = 0;
};

}  // namespace weir::query
