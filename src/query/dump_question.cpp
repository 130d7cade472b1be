#include "query/dump_question.h"

#include <utility>

namespace weir::query {

void DumpResult::appendJson(std::string& out) const {
  RecordWriter writer(records.names, asked);
  std::size_t octets = out.size() + 2;
  for (const SourceRecords& source : records.sources) octets += writer.sizeOf(source);
  out.reserve(octets);
  out += '[';
  bool first = true;
  for (const SourceRecords& source : records.sources) {
    if (source.records.empty()) continue;
    if (!std::exchange(first, false)) out += ',';
    writer.write(source, out);
  }
  out += ']';
}

}  // namespace weir::query
