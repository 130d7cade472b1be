#include "flow/sample_reader.h"

#include <algorithm>

#include "wire/record_table.h"

namespace weir::flow {

void SampleReader::begin(const wire::Sample& sample, const AgentId& agent) {
  fields_.sample = &sample;
  fields_.agent = &agent;
  fields_.recordCount = 0;
  fields_.lookups = {};
  fields_.hasHeader = false;
  fields_.hasPacket = false;
  fields_.frameBytes = 0;
  fields_.scale = sample.samplingRate == 0 ? 1.0 : static_cast<double>(sample.samplingRate);
}

SampleFields& SampleReader::read(const wire::Sample& sample, const AgentId& agent, wire::FaultCounts& faults) {
  begin(sample, agent);
  packet_.clear();
  wire::RecordReader records = sample.records;
  wire::Record record;
  while (records.next(record)) {
    if (packet_.take(record, faults)) continue;
    if (!wire::countFaults(wire::RecordSpace::flow, record, faults)) keep(record);
  }
  if (records.fault() != wire::kNoFault) faults.add(records.fault());
  packet_.describe(fields_);
  return fields_;
}

/// Of several of a kind the first counts.
void SampleReader::keep(const wire::Record& record) {
  const std::span<const wire::Record> kept(fields_.records, fields_.recordCount);
  if (kept.size() == kMaxRecords) return;
  if (std::ranges::any_of(kept, [&](const wire::Record& other) { return other.tag == record.tag; })) return;
  fields_.records[fields_.recordCount++] = record;
}

SampleFields& SampleReader::readCustom(const wire::Sample& sample, const AgentId& agent) {
  begin(sample, agent);
  return fields_;
}

}  // namespace weir::flow
