#pragma once
#include "base/agent_id.h"
#include "flow/packet_records.h"
#include "flow/sample_fields.h"
#include "wire/datagram.h"

namespace weir::flow {

/// Reads a sample into what definitions look at: all of its records first, in whatever order they came. One for each
/// shard, used again for every sample, as the fields are large. No allocation. Thread: its owner's.
class SampleReader {
 public:
  /// The fields of a flow sample or drop notification; they point into its datagram, and are valid until the next call.
  /// Faults of its records are added to `faults`. `agent` must outlive the fields.
  SampleFields& read(const wire::Sample& sample, const AgentId& agent, wire::FaultCounts& faults);
  /// The fields of a custom flow sample (4300:1003), which has neither a packet nor records.
  SampleFields& readCustom(const wire::Sample& sample, const AgentId& agent);

 private:
  void begin(const wire::Sample& sample, const AgentId& agent);
  void keep(const wire::Record& record);

  SampleFields fields_;
  PacketRecords packet_;
};

}  // namespace weir::flow
