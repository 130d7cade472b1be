#include "query/dump_question.h"

#include <utility>

namespace weir::query {

void DumpResult::appendJson(std::string& out) const {
  out += '[';
  appendRecords(out);
  out += ']';
}

void DumpResult::appendRecords(std::string& out) const {
  RecordWriter writer(records.names, asked);
  std::size_t octets = out.size() + 1;
  for (const SourceRecords& source : records.sources) octets += writer.sizeOf(source);
  out.reserve(octets);
  bool first = true;
  for (const SourceRecords& source : records.sources) {
    if (source.records.empty()) continue;
    if (!std::exchange(first, false)) out += ',';
    writer.write(source, out);
  }
}

}  // namespace weir::query
