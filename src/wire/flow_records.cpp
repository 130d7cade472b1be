#include "wire/flow_records.h"

namespace weir::wire {

namespace {

FieldValue read(XdrReader& in, FieldType type) {
  FieldValue value;
  value.type = type;
  readField(in, value);
  return value;
}

// First and last AS number of the path.
void setDestination(ExtendedGateway& gateway) {
  AsPathReader path = gateway.path;
  AsPathReader::Segment segment;
  bool first = true;
  while (path.next(segment)) {
    if (segment.size() == 0) continue;
    if (first) gateway.dstPeerAs = segment.at(0);
    first = false;
    gateway.dstAs = segment.at(segment.size() - 1);
  }
}

}  // namespace

Fault parseExtendedRouter(const Record& record, ExtendedRouter& out) {
  if (record.data.size() < 12) return Fault::recordShort;
  XdrReader in(record.data);
  out.nexthop = read(in, FieldType::addr).address();
  out.srcMaskLen = in.u32();
  out.dstMaskLen = in.u32();
  return in.ok() ? kNoFault : Fault::recordContent;
}

Fault parseExtendedGateway(const Record& record, ExtendedGateway& out) {
  // nexthop (version 5), three AS numbers, path count; communities count and localpref from version 4 on.
  static constexpr std::size_t kMinimum[] = {28, 24, 16};
  if (record.data.size() < kMinimum[static_cast<std::size_t>(record.dialect)]) return Fault::recordShort;
  XdrReader in(record.data);
  out = {};
  if (record.dialect == Dialect::v5) out.nexthop = read(in, FieldType::addr).address();
  out.as = in.u32();
  out.srcAs = in.u32();
  out.srcPeerAs = in.u32();
  if (record.dialect == Dialect::v2) {
    out.path = AsPathReader::flat(read(in, FieldType::u32s).bytes);
  } else {
    const FieldValue path = read(in, FieldType::aspath);
    out.path = AsPathReader(static_cast<std::uint32_t>(path.number), path.bytes);
    out.communities = read(in, FieldType::u32s).bytes;
    out.localpref = in.u32();
  }
  if (!in.ok()) return Fault::recordContent;
  setDestination(out);
  return kNoFault;
}

}  // namespace weir::wire
