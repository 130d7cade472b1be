#include "wire/datagram.h"
#include "wire/xdr.h"

// Versions 2 and 4 (RFC 3176 and its successor draft). Nothing in them carries a length, so the end of a record is
// found by walking its structure, and behind a type that is not known nothing can be found any more.
namespace weir::wire {

namespace {

enum class Outcome { read, unknownType, outOfBytes };

constexpr std::size_t kIfCountersSize = 88;
constexpr std::size_t kEthernetCountersSize = 52;
constexpr std::size_t kTokenRingCountersSize = 72;
constexpr std::size_t kVgCountersSize = 80;
constexpr std::size_t kVlanCountersSize = 28;

struct Block {
  std::uint32_t tag = 0;
  std::size_t size = 0;
};

/// Block `index` of a counters sample, size 0 behind the last one. The types 4 to 7 are not the version 5 formats.
Block counterBlock(std::uint32_t countersType, std::uint32_t index) {
  constexpr Block generic{tag(0, 1), kIfCountersSize};
  if (countersType == 7) return index == 0 ? Block{tag(0, 5), kVlanCountersSize} : Block{};
  if (countersType == 0 || countersType > 7) return {};
  if (index == 0) return generic;
  if (index > 1) return {};
  switch (countersType) {
    case 2:
      return {tag(0, 2), kEthernetCountersSize};
    case 3:
      return {tag(0, 3), kTokenRingCountersSize};
    case 5:
      return {tag(0, 4), kVgCountersSize};
    default:
      return {};
  }
}

void skipCounted(XdrReader& in) {
  in.fixed(std::size_t{4} * in.count(4));
}

void skipAsPath(XdrReader& in) {
  for (std::uint32_t segments = in.count(8); segments != 0 && in.ok(); --segments) {
    in.u32();
    skipCounted(in);
  }
}

void skipRouter(XdrReader& in) {
  const std::uint32_t addressType = in.u32();
  if (addressType > 2) return in.fail();
  in.fixed(addressType == 1 ? 4 : addressType == 2 ? 16 : 0);
  in.fixed(8);
}

void skipGateway(XdrReader& in, Dialect dialect) {
  in.fixed(12);
  if (dialect == Dialect::v2) return skipCounted(in);
  skipAsPath(in);
  skipCounted(in);
  in.fixed(4);
}

/// Moves behind the packet data of that type; its version 5 tag, 0 for an unknown type.
std::uint32_t skipPacketData(XdrReader& in, std::uint32_t type) {
  switch (type) {
    case 1:
      in.fixed(8);
      in.opaque();
      return tag(0, 1);
    case 2:
      in.fixed(32);
      return tag(0, 3);
    case 3:
      in.fixed(56);
      return tag(0, 4);
    default:
      return 0;
  }
}

/// Moves behind the extended data of that type; its version 5 tag, 0 for an unknown type.
std::uint32_t skipExtended(XdrReader& in, std::uint32_t type, Dialect dialect) {
  switch (type) {
    case 1:
      in.fixed(16);
      break;
    case 2:
      skipRouter(in);
      break;
    case 3:
      skipGateway(in, dialect);
      break;
    case 4:
      in.opaque();
      in.opaque();
      break;
    case 5:
      in.fixed(4);
      in.opaque();
      break;
    default:
      return 0;
  }
  return tag(0, 1000 + type);
}

/// Reads one record of a flow sample: the packet data or an extension.
Outcome readFlowRecord(XdrReader& in, Dialect dialect, bool packetData, Record& record) {
  const std::uint32_t type = in.u32();
  if (!in.ok()) return Outcome::outOfBytes;
  const Bytes rest = in.rest();
  record.dialect = dialect;
  record.tag = packetData ? skipPacketData(in, type) : skipExtended(in, type, dialect);
  if (record.tag == 0) return Outcome::unknownType;
  if (!in.ok()) return Outcome::outOfBytes;
  record.data = rest.first(rest.size() - in.left());
  return Outcome::read;
}

/// Walks the records of a flow sample; how many could be read, and how the walk ended.
Outcome walkFlowRecords(XdrReader& in, Dialect dialect, std::uint32_t& announced, std::uint32_t& complete) {
  Record record;
  announced = 1;
  complete = 0;
  if (const Outcome outcome = readFlowRecord(in, dialect, true, record); outcome != Outcome::read) return outcome;
  complete = 1;
  const std::uint32_t extensions = in.u32();
  if (!in.ok()) return Outcome::outOfBytes;
  announced += extensions;
  for (std::uint32_t i = 0; i < extensions; ++i) {
    if (const Outcome outcome = readFlowRecord(in, dialect, false, record); outcome != Outcome::read) return outcome;
    ++complete;
  }
  return Outcome::read;
}

Outcome walkCounterBlocks(XdrReader& in, std::uint32_t countersType, std::uint32_t& announced,
                          std::uint32_t& complete) {
  complete = 0;
  for (announced = 0; counterBlock(countersType, announced).size != 0;) ++announced;
  if (announced == 0) return Outcome::unknownType;
  for (; complete < announced; ++complete) {
    in.fixed(counterBlock(countersType, complete).size);
    if (!in.ok()) return Outcome::outOfBytes;
  }
  return Outcome::read;
}

Interface legacyOutput(std::uint32_t v) {
  constexpr std::uint32_t kSeveral = 0x80000000;
  return (v & kSeveral) != 0 ? Interface{2, v & ~kSeveral} : Interface{0, v};
}

}  // namespace

bool RecordReader::nextLegacy(Record& record) {
  if (count_ == 0) return false;
  XdrReader in(Bytes(at_, left_));
  if (legacyCounters_ != 0) {
    const Block block = counterBlock(legacyCounters_, legacyStep_);
    record = {block.tag, dialect_, in.fixed(block.size)};
  } else {
    if (legacyStep_ == 1) in.u32();  // the count of extensions stands between the packet data and the first of them
    readFlowRecord(in, dialect_, legacyStep_ == 0, record);
  }
  // The sample was walked before this reader was made: everything fits.
  at_ += left_ - in.left();
  left_ = in.left();
  if (legacyStep_ < 2) ++legacyStep_;
  --count_;
  return true;
}

bool DatagramReader::nextLegacy(Sample& sample) {
  if (samplesLeft_ == 0) return false;
  XdrReader in(Bytes(at_, left_));
  const auto lose = [&](Fault fault) {
    faults_.add(fault);
    samplesLeft_ = 0;
  };
  const std::uint32_t type = in.u32();
  if (!in.ok()) return lose(Fault::samplesMissing), false;
  if (type != 1 && type != 2) return lose(Fault::legacyTag), false;

  const Bytes body = in.rest();
  const Dialect dialect = header_.version == 2 ? Dialect::v2 : Dialect::v4;
  const bool flow = type == 1;
  sample.kind = flow ? SampleKind::flow : SampleKind::counters;
  sample.expanded = false;
  sample.tag = tag(0, type);
  sample.sequence = in.u32();
  const std::uint32_t source = in.u32();
  sample.source = {source >> 24, source & 0xFFFFFF};
  std::uint32_t countersType = 0;
  if (flow) {
    sample.samplingRate = in.u32();
    sample.samplePool = in.u32();
    sample.drops = in.u32();
    sample.input = {0, in.u32()};
    sample.output = legacyOutput(in.u32());
  } else {
    in.u32();  // sampling_interval
    countersType = in.u32();
  }
  if (!in.ok()) return lose(Fault::sampleWindow), false;

  const Bytes window = in.rest();
  std::uint32_t complete = 0;
  const Outcome outcome = flow ? walkFlowRecords(in, dialect, sample.recordCount, complete)
                               : walkCounterBlocks(in, countersType, sample.recordCount, complete);
  sample.body = body.first(body.size() - in.left());
  sample.records = RecordReader(window, complete);
  sample.records.dialect_ = dialect;
  sample.records.legacyCounters_ = countersType;

  at_ = body.data() + sample.body.size();
  left_ = in.left();
  --samplesLeft_;
  if (outcome == Outcome::unknownType) lose(Fault::legacyTag);
  if (outcome == Outcome::outOfBytes) lose(Fault::sampleWindow);
  return true;
}

}  // namespace weir::wire
