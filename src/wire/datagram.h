#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"

/// sFlow datagrams exactly as on the wire (sFlow version 5, sflow.org, and versions 2 and 4 of RFC 3176).
/// Reading copies nothing and allocates nothing: every span points into the datagram given to open().
namespace weir::wire {

/// data_format: enterprise in the high 20 bits, format in the low 12. Sample types, flow records and counter records
/// are three separate name spaces.
[[nodiscard]] constexpr std::uint32_t tag(std::uint32_t enterprise, std::uint32_t format) {
  return enterprise << 12 | format;
}

/// Everything that can be wrong with received bytes (faults.def).
enum class Fault : std::uint8_t {
#define WEIR_FAULT(name, unit, help) name,
#include "wire/faults.def"
  count
};
/// What functions that answer a Fault answer when nothing is wrong.
inline constexpr Fault kNoFault = Fault::count;
/// Its row in faults.def; empty for kNoFault.
struct FaultText {
  std::string_view name;        ///< of the enumerator
  std::string_view unit, help;  ///< what is counted, and what N of them mean
};
[[nodiscard]] FaultText faultText(Fault fault);
[[nodiscard]] inline std::string_view faultName(Fault fault) {
  return faultText(fault).name;
}

/// How often each fault was met.
struct FaultCounts {
  std::array<std::uint32_t, static_cast<std::size_t>(Fault::count)> of{};
  void add(Fault f) { ++of[static_cast<std::size_t>(f)]; }
  [[nodiscard]] bool any() const {
    for (auto n : of)
      if (n != 0) return true;
    return false;
  }
};

struct DatagramHeader {
  std::uint32_t version = 0;
  IpAddress agent;  ///< family none for address type 0: identity is then the sender's address
  std::uint32_t subAgent = 0;
  std::uint32_t sequence = 0;
  std::uint32_t uptimeMs = 0;
  std::uint32_t sampleCount = 0;  ///< as announced
};

/// sFlowDataSource: class 0 interface, 1 VLAN, 2 physical entity, 3 logical entity; index inside the class.
struct DataSource {
  std::uint32_t cls = 0;
  std::uint32_t index = 0;
  [[nodiscard]] std::uint64_t key() const { return static_cast<std::uint64_t>(cls) << 32 | index; }
  friend auto operator<=>(const DataSource&, const DataSource&) = default;
};

/// format 0: ifIndex (0 unknown, 0x3FFFFFFF none), 1: discarded with reason `value`, 2: `value` interfaces.
/// 0xFFFFFFFF in the expanded form is read as 0x3FFFFFFF.
struct Interface {
  std::uint32_t format = 0;
  std::uint32_t value = 0;
};
inline constexpr std::uint32_t kNoInterface = 0x3FFFFFFF;

enum class SampleKind : std::uint8_t { flow, counters, discard, rtMetric, rtFlow, unknown };

/// Where a record's bytes follow version 5 or an older layout of the same record.
enum class Dialect : std::uint8_t { v5, v4, v2 };

/// One flow or counter record. In dialects v2 and v4 `tag` is the version 5 tag of the same record, and the layout of
/// 0:1 (no `stripped`), 0:1003 (no nexthop), 0:1004 (no charsets) and 0:1005 (no host) differs.
struct Record {
  std::uint32_t tag = 0;
  Dialect dialect = Dialect::v5;
  Bytes data;  ///< the record's window, XDR padding of the TLV included as far as its length says
};

/// Walks the records of one sample. A plain value; copy it to walk twice.
class RecordReader {
 public:
  RecordReader() = default;
  /// Version 5: `announced` TLVs in `window`.
  RecordReader(Bytes window, std::uint32_t announced) : at_(window.data()), left_(window.size()), count_(announced) {}

  /// The next record, false at the end. After the end, fault() says whether the records ended as announced.
  bool next(Record& record) {
    if (dialect_ != Dialect::v5) return nextLegacy(record);
    if (count_ == 0) return false;
    if (left_ < 8) {
      fault_ = Fault::recordsMissing;
      count_ = 0;
      return false;
    }
    record.tag = loadBe32(at_);
    record.dialect = Dialect::v5;
    const std::size_t length = loadBe32(at_ + 4);
    if (length > left_ - 8) {
      fault_ = Fault::recordWindow;
      count_ = 0;
      return false;
    }
    record.data = Bytes(at_ + 8, length);
    // The next TLV begins on a multiple of 4; the last one of a datagram may lack its padding.
    std::size_t step = 8 + ((length + 3) & ~std::size_t{3});
    if (step > left_) step = left_;
    at_ += step;
    left_ -= step;
    --count_;
    return true;
  }

  /// kNoFault when nothing is wrong.
  [[nodiscard]] Fault fault() const { return fault_; }
  /// Records not read yet, as announced.
  [[nodiscard]] std::uint32_t remaining() const { return count_; }

 private:
  friend class DatagramReader;
  bool nextLegacy(Record& record);  // legacy.cpp
  // In place: a reader that is built and then copied costs more than the walk of a sample.
  void start(const std::uint8_t* at, std::size_t left, std::uint32_t announced) {
    at_ = at;
    left_ = left;
    count_ = announced;
    fault_ = kNoFault;
    dialect_ = Dialect::v5;
  }

  const std::uint8_t* at_ = nullptr;
  std::size_t left_ = 0;
  std::uint32_t count_ = 0;
  Fault fault_ = kNoFault;
  Dialect dialect_ = Dialect::v5;
  std::uint8_t legacyStep_ = 0;       // legacy: records read so far, at most 2
  std::uint32_t legacyCounters_ = 0;  // legacy: counters_type of a counters sample, 0 in a flow sample
};

/// One sample. Which members mean something depends on `kind`.
struct Sample {
  SampleKind kind = SampleKind::unknown;
  bool expanded = false;
  std::uint32_t tag = 0;       ///< version 5 tag; legacy samples carry 0:1 and 0:2
  Bytes body;                  ///< the sample's window after its tag and length; legacy: from its sequence number on
                               ///< as far as it could be read (counters: interval at octet 8, counters_type at 12)
  std::uint32_t sequence = 0;  ///< flow, counters, discard
  DataSource source;           ///< flow, counters, discard
  std::uint32_t samplingRate = 0;  ///< flow, rtFlow: 1 in N; 0 undefined
  std::uint32_t samplePool = 0;    ///< flow, rtFlow: cumulative
  std::uint32_t drops = 0;         ///< flow, discard: cumulative
  Interface input, output;         ///< flow; discard has plain ifIndexes
  std::uint32_t reason = 0;        ///< discard: wire/discard_reason.h
  std::uint32_t recordCount = 0;   ///< as announced
  RecordReader records;            ///< flow, counters, discard; empty in the others
};

/// Walks the samples of one datagram. A bad sample costs that sample, a lying sample length the rest of the datagram;
/// what was read before stays read. The bytes must outlive the reader.
class DatagramReader {
 public:
  /// Reads the header. Faults: notSflow, unsupportedVersion, addressType.
  [[nodiscard]] static std::expected<DatagramReader, Fault> open(Bytes datagram);

  [[nodiscard]] const DatagramHeader& header() const { return header_; }

  /// The next sample, false at the end. Samples of unknown type are delivered with kind unknown.
  bool next(Sample& sample) {
    if (header_.version != 5) return nextLegacy(sample);
    while (samplesLeft_ != 0) {
      if (left_ < 8) {
        faults_.add(Fault::samplesMissing);
        samplesLeft_ = 0;
        return false;
      }
      const std::uint32_t tag = loadBe32(at_);
      const std::size_t length = loadBe32(at_ + 4);
      if (length > left_ - 8) {
        faults_.add(Fault::sampleWindow);
        samplesLeft_ = 0;
        partial_ = Bytes(at_, left_);
        return false;
      }
      const Bytes body(at_ + 8, length);
      std::size_t step = 8 + ((length + 3) & ~std::size_t{3});
      if (step > left_) step = left_;
      at_ += step;
      left_ -= step;
      --samplesLeft_;
      if (parse(tag, body, sample)) return true;
      faults_.add(Fault::sampleShort);
    }
    return false;
  }

  /// Faults of the datagram and its samples met so far; those of records are in each RecordReader.
  [[nodiscard]] const FaultCounts& faults() const { return faults_; }
  /// After a sampleWindow fault: the bytes from that sample's tag to the end of the datagram; else empty.
  [[nodiscard]] Bytes partial() const { return partial_; }

 private:
  static bool parse(std::uint32_t tag, Bytes body, Sample& sample);
  static bool parseRtFlow(Sample& sample);
  bool nextLegacy(Sample& sample);  // legacy.cpp

  DatagramHeader header_;
  const std::uint8_t* at_ = nullptr;
  std::size_t left_ = 0;
  std::uint32_t samplesLeft_ = 0;
  FaultCounts faults_;
  Bytes partial_;
};

inline bool DatagramReader::parse(std::uint32_t tag, Bytes body, Sample& s) {
  const std::uint8_t* p = body.data();
  s.tag = tag;
  s.body = body;
  const auto compactInterface = [](std::uint32_t v) { return Interface{v >> 30, v & 0x3FFFFFFF}; };
  const auto expandedInterface = [](const std::uint8_t* q) {
    Interface i{loadBe32(q), loadBe32(q + 4)};
    if (i.format == 0 && i.value == 0xFFFFFFFF) i.value = kNoInterface;
    return i;
  };
  const auto compactSource = [](std::uint32_t v) { return DataSource{v >> 24, v & 0xFFFFFF}; };
  const auto records = [&](std::size_t fixed) {
    s.recordCount = loadBe32(p + fixed - 4);
    s.records.start(p + fixed, body.size() - fixed, s.recordCount);
  };
  switch (tag) {
    case wire::tag(0, 1):
      if (body.size() < 32) return false;
      s.kind = SampleKind::flow;
      s.expanded = false;
      s.sequence = loadBe32(p);
      s.source = compactSource(loadBe32(p + 4));
      s.samplingRate = loadBe32(p + 8);
      s.samplePool = loadBe32(p + 12);
      s.drops = loadBe32(p + 16);
      s.input = compactInterface(loadBe32(p + 20));
      s.output = compactInterface(loadBe32(p + 24));
      records(32);
      return true;
    case wire::tag(0, 3):
      if (body.size() < 44) return false;
      s.kind = SampleKind::flow;
      s.expanded = true;
      s.sequence = loadBe32(p);
      s.source = {loadBe32(p + 4), loadBe32(p + 8)};
      s.samplingRate = loadBe32(p + 12);
      s.samplePool = loadBe32(p + 16);
      s.drops = loadBe32(p + 20);
      s.input = expandedInterface(p + 24);
      s.output = expandedInterface(p + 32);
      records(44);
      return true;
    case wire::tag(0, 2):
      if (body.size() < 12) return false;
      s.kind = SampleKind::counters;
      s.expanded = false;
      s.sequence = loadBe32(p);
      s.source = compactSource(loadBe32(p + 4));
      records(12);
      return true;
    case wire::tag(0, 4):
      if (body.size() < 16) return false;
      s.kind = SampleKind::counters;
      s.expanded = true;
      s.sequence = loadBe32(p);
      s.source = {loadBe32(p + 4), loadBe32(p + 8)};
      records(16);
      return true;
    case wire::tag(0, 5):
      if (body.size() < 32) return false;
      s.kind = SampleKind::discard;
      s.expanded = true;
      s.sequence = loadBe32(p);
      s.source = {loadBe32(p + 4), loadBe32(p + 8)};
      s.drops = loadBe32(p + 12);
      s.input = {0, loadBe32(p + 16)};
      s.output = {0, loadBe32(p + 20)};
      s.reason = loadBe32(p + 24);
      s.samplingRate = 1;
      records(32);
      return true;
    case wire::tag(4300, 1002):
      s.kind = SampleKind::rtMetric;
      s.records.start(nullptr, 0, 0);
      return true;
    case wire::tag(4300, 1003):
      s.kind = SampleKind::rtFlow;
      s.records.start(nullptr, 0, 0);
      return parseRtFlow(s);
    default:
      s.kind = SampleKind::unknown;
      s.records.start(nullptr, 0, 0);
      return true;
  }
}

}  // namespace weir::wire
