#include "engine/host_adapters.h"

#include "wire/field.h"

namespace weir::engine {

bool readAdapters(const wire::Sample& sample, std::vector<std::uint64_t>& macs) {
  wire::RecordReader records = sample.records;
  for (wire::Record record; records.next(record);) {
    if (record.tag != wire::tag(0, 2001)) continue;
    wire::XdrReader in(record.data);
    wire::FieldValue field;
    field.type = wire::FieldType::adapters;
    wire::readField(in, field);
    macs.clear();
    wire::AdapterReader adapters(field);
    for (wire::AdapterReader::Adapter adapter; adapters.next(adapter);) {
      for (std::size_t i = 0; i < adapter.size() && macs.size() < kMaxMacsOfSource; ++i) {
        if (const std::uint64_t mac = loadBe48(adapter.mac(i).data()); mac != 0) macs.push_back(mac);
      }
    }
    return true;
  }
  return false;
}

}  // namespace weir::engine
