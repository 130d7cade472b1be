#include "query/dump_question.h"

namespace weir::query {

void DumpResult::writeJson(JsonWriter& json) const {
  std::string out;
  RecordWriter writer(out, records.names, asked);
  std::size_t octets = 2;
  for (const SourceRecords& source : records.sources) octets += writer.sizeOf(source);
  json.reserve(octets);
  json.beginArray();
  for (const SourceRecords& source : records.sources) {
    out.clear();
    if (writer.write(source)) json.raw(out);
  }
  json.endArray();
}

}  // namespace weir::query
