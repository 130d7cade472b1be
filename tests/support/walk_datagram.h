#pragma once
#include <cstdint>

#include "wire/flow_records.h"
#include "wire/record_table.h"
#include "wire/rt.h"

namespace weir::test {

/// What a walk over every sample, record and field of a datagram met.
struct WalkTotals {
  bool opened = false;
  unsigned samples = 0;
  unsigned records = 0;
  unsigned unknownRecords = 0;
  unsigned fields = 0;
  wire::FaultCounts faults;
  std::uint64_t checksum = 0;  ///< of every octet delivered, so that each is read
};

namespace detail {

inline void touch(WalkTotals& totals, Bytes bytes) {
  for (const std::uint8_t octet : bytes) totals.checksum = totals.checksum * 31 + octet;
}

inline void walkRecords(WalkTotals& totals, wire::RecordSpace space, wire::RecordReader records, int depth);

inline void touchField(WalkTotals& totals, const wire::FieldValue& value, int depth) {
  ++totals.fields;
  totals.checksum += value.number;
  touch(totals, value.bytes);
  if (value.type == wire::FieldType::aspath) {
    wire::AsPathReader path(static_cast<std::uint32_t>(value.number), value.bytes);
    for (wire::AsPathReader::Segment segment; path.next(segment);) touch(totals, segment.asNumbers);
  } else if (value.type == wire::FieldType::adapters) {
    wire::AdapterReader adapters(value);
    for (wire::AdapterReader::Adapter adapter; adapters.next(adapter);)
      for (std::size_t i = 0; i < adapter.size(); ++i) touch(totals, adapter.mac(i));
  } else if (value.type == wire::FieldType::pdus && depth < 2) {
    wire::PduReader pdus(value);
    for (wire::RecordReader records; pdus.next(records);)
      walkRecords(totals, wire::RecordSpace::flow, records, depth + 1);
  }
}

inline void touchViews(WalkTotals& totals, const wire::Record& record) {
  wire::SampledHeader header;
  if (record.tag == wire::tag(0, 1) && parseSampledHeader(record, header) == wire::kNoFault)
    touch(totals, header.header);
  wire::SampledEthernet ethernet;
  if (record.tag == wire::tag(0, 2) && parseSampledEthernet(record, ethernet) == wire::kNoFault)
    touch(totals, Bytes(ethernet.srcMac, 16));
  wire::SampledIpv4 ipv4;
  if (record.tag == wire::tag(0, 3) && parseSampledIpv4(record, ipv4) == wire::kNoFault)
    touch(totals, Bytes(ipv4.srcIp, 8));
  wire::SampledIpv6 ipv6;
  if (record.tag == wire::tag(0, 4) && parseSampledIpv6(record, ipv6) == wire::kNoFault)
    touch(totals, Bytes(ipv6.srcIp, 32));
  wire::ExtendedSwitch vlan;
  if (record.tag == wire::tag(0, 1001) && parseExtendedSwitch(record, vlan) == wire::kNoFault)
    totals.checksum += vlan.srcVlan;
  wire::ExtendedRouter router;
  if (record.tag == wire::tag(0, 1002) && parseExtendedRouter(record, router) == wire::kNoFault)
    totals.checksum += router.srcMaskLen;
  wire::ExtendedGateway gateway;
  if (record.tag == wire::tag(0, 1003) && parseExtendedGateway(record, gateway) == wire::kNoFault) {
    for (std::size_t i = 0; i < gateway.communityCount(); ++i) totals.checksum += gateway.community(i);
    for (wire::AsPathReader::Segment segment; gateway.path.next(segment);) touch(totals, segment.asNumbers);
  }
}

inline void walkRecords(WalkTotals& totals, wire::RecordSpace space, wire::RecordReader records, int depth) {
  for (wire::Record record; records.next(record);) {
    ++totals.records;
    touch(totals, record.data);
    const wire::RecordSpec* spec = recordSpec(space, record);
    if (spec == nullptr) {
      ++totals.unknownRecords;
      continue;
    }
    const wire::Fault fault =
        forEachField(*spec, record, [&](const wire::FieldValue& value) { touchField(totals, value, depth); });
    if (fault != wire::kNoFault) totals.faults.add(fault);
    if (space == wire::RecordSpace::flow) touchViews(totals, record);
  }
  if (records.fault() != wire::kNoFault) totals.faults.add(records.fault());
}

}  // namespace detail

/// Reads everything that can be read of a datagram. Allocates nothing.
inline WalkTotals walkDatagram(Bytes datagram) {
  WalkTotals totals;
  auto reader = wire::DatagramReader::open(datagram);
  if (!reader) {
    totals.faults.add(reader.error());
    return totals;
  }
  totals.opened = true;
  for (wire::Sample sample; reader->next(sample);) {
    ++totals.samples;
    detail::touch(totals, sample.body);
    if (sample.kind == wire::SampleKind::rtMetric || sample.kind == wire::SampleKind::rtFlow) {
      auto fields = wire::RtReader::open(sample);
      if (!fields) continue;
      for (wire::RtField field; fields->next(field);) detail::touchField(totals, field.value, 0);
      if (fields->fault() != wire::kNoFault) totals.faults.add(fields->fault());
    }
    detail::walkRecords(totals, recordSpace(sample.kind), sample.records, 0);
  }
  detail::touch(totals, reader->partial());
  for (std::size_t i = 0; i < totals.faults.of.size(); ++i) totals.faults.of[i] += reader->faults().of[i];
  return totals;
}

}  // namespace weir::test
