#include "flow/sample_reader.h"

#include "wire/flow_records.h"
#include "wire/record_table.h"

namespace weir::flow {

void SampleReader::begin(const wire::Sample& sample, const IpAddress& agent) {
  fields_.sample = &sample;
  fields_.agent = &agent;
  fields_.recordCount = 0;
  fields_.lookups = {};
  fields_.hasHeader = false;
  fields_.hasPacket = false;
  fields_.frameBytes = 0;
  fields_.scale = sample.samplingRate == 0 ? 1.0 : static_cast<double>(sample.samplingRate);
}

SampleFields& SampleReader::read(const wire::Sample& sample, const IpAddress& agent, wire::FaultCounts& faults) {
  begin(sample, agent);
  wire::SampledHeader header;
  wire::SampledEthernet ethernet;
  wire::SampledIpv4 ipv4;
  wire::SampledIpv6 ipv6;
  bool hasHeader = false, hasEthernet = false, hasIpv4 = false, hasIpv6 = false;
  const auto take = [&](wire::Fault fault, bool& has) {
    if (fault == wire::kNoFault) {
      has = true;
    } else {
      faults.add(fault);
    }
  };
  wire::RecordReader records = sample.records;
  wire::Record record;
  while (records.next(record)) {
    switch (record.tag) {
      case wire::tag(0, 1):
        if (!hasHeader) take(wire::parseSampledHeader(record, header), hasHeader);
        break;
      case wire::tag(0, 2):
        take(wire::parseSampledEthernet(record, ethernet), hasEthernet);
        break;
      case wire::tag(0, 3):
        take(wire::parseSampledIpv4(record, ipv4), hasIpv4);
        break;
      case wire::tag(0, 4):
        take(wire::parseSampledIpv6(record, ipv6), hasIpv6);
        break;
      default:
        wire::countFaults(wire::RecordSpace::flow, record, faults);
        if (fields_.recordCount < kMaxRecords) fields_.records[fields_.recordCount++] = record;
    }
  }
  if (records.fault() != wire::kNoFault) faults.add(records.fault());

  fields_.hasHeader = hasHeader;
  fields_.hasPacket = hasHeader || hasEthernet || hasIpv4 || hasIpv6;
  if (hasHeader) {
    decode::decodeHeader(header.protocol, header.frameLength, header.stripped, header.header, fields_.packet);
    fields_.frameBytes = header.frameLength;
  } else if (fields_.hasPacket) {
    const Bytes bytes = hasIpv4 ? decode::synthesizeIpv4(ipv4.srcIp, ipv4.dstIp, ipv4.protocol, ipv4.srcPort,
                                                         ipv4.dstPort, ipv4.tcpFlags, ipv4.tos, ipv4.length, synthetic_)
                        : hasIpv6
                            ? decode::synthesizeIpv6(ipv6.srcIp, ipv6.dstIp, ipv6.protocol, ipv6.srcPort, ipv6.dstPort,
                                                     ipv6.tcpFlags, ipv6.priority, ipv6.length, synthetic_)
                            : decode::synthesizeEthernet(ethernet.srcMac, ethernet.dstMac, ethernet.type, synthetic_);
    const std::uint32_t length = hasEthernet ? ethernet.length : hasIpv4 ? ipv4.length : ipv6.length;
    decode::decodeHeader(hasIpv4 ? 11 : hasIpv6 ? 12 : 1, length, 0, bytes, fields_.packet);
    fields_.frameBytes = length;
  }
  return fields_;
}

SampleFields& SampleReader::readCustom(const wire::Sample& sample, const IpAddress& agent) {
  begin(sample, agent);
  return fields_;
}

}  // namespace weir::flow
