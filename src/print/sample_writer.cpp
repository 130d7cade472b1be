#include "print/sample_writer.h"

#include <string_view>

#include "print/record_writer.h"
#include "wire/discard_reason.h"
#include "wire/rt.h"
#include "wire/xdr.h"

namespace weir::print {

using wire::Fault;
using wire::SampleKind;

namespace {

constexpr std::uint32_t kFlow = wire::tag(0, 1), kCounters = wire::tag(0, 2), kFlowExpanded = wire::tag(0, 3),
                        kCountersExpanded = wire::tag(0, 4), kDiscard = wire::tag(0, 5);
constexpr std::size_t kRecordHeader = 8;

void writeFault(LineWriter& out, Fault fault) {
  if (fault != wire::kNoFault) out.member("fault", wire::faultName(fault));
}

/// An interface as its format says (sFlow version 5, interface and interface_expanded).
void writeInterface(LineWriter& out, std::string_view name, std::uint32_t format, std::uint32_t value) {
  out.key(name);
  out.quoted([&] {
    std::string& text = out.out();
    if (format == 1) text += "dropCode ";
    if (format == 2) text += "multiple ";
    if (format > 2) text.append("format=="), out.appendNumber(format), text.push_back(' ');
    out.appendNumber(value);
  });
}

/// The fixed part of a version 5 sample with its values as sent, which wire::Sample has no longer.
class FixedPart {
 public:
  FixedPart(std::uint32_t tag, Bytes body)
      : in_(body), expanded_(tag == kFlowExpanded || tag == kCountersExpanded || tag == kDiscard) {}

  void number(LineWriter& out, std::string_view name) { out.member(name, in_.u32()); }
  void source(LineWriter& out) {
    const std::uint32_t first = in_.u32();
    if (expanded_) return out.pairMember("sourceId", first, in_.u32());
    out.pairMember("sourceId", first >> 24, first & 0xFFFFFF);
  }
  void interface(LineWriter& out, std::string_view name) {
    const std::uint32_t first = in_.u32();
    if (expanded_) return writeInterface(out, name, first, in_.u32());
    writeInterface(out, name, first >> 30, first & 0x3FFFFFFF);
  }
  std::uint32_t u32() { return in_.u32(); }
  [[nodiscard]] Bytes rest() const { return in_.rest(); }

 private:
  wire::XdrReader in_;
  bool expanded_;
};

/// How long the fixed part of a sample is, its record count included; 0 for other tags.
std::size_t fixedSize(std::uint32_t tag) {
  switch (tag) {
    case kFlow:
    case kDiscard:
      return 32;
    case kCounters:
      return 12;
    case kFlowExpanded:
      return 44;
    case kCountersExpanded:
      return 16;
    default:
      return 0;
  }
}

std::string_view typeName(std::uint32_t tag) {
  switch (tag) {
    case kFlow:
    case kFlowExpanded:
      return "FLOWSAMPLE";
    case kCounters:
    case kCountersExpanded:
      return "COUNTERSSAMPLE";
    case kDiscard:
      return "DISCARD";
    default:
      return {};
  }
}

void writeDiscardReason(LineWriter& out, std::uint32_t code) {
  constexpr std::uint32_t kHostTosUnreachable = 12;  // spelled so by the reference
  std::string_view name = wire::discardReasonName(code);
  if (code == kHostTosUnreachable) name = "dst_host_tos_unreacheable";
  out.member("discardCode", code);
  out.member("discardReason", name.empty() ? std::string_view("NotFound") : name);
}

/// The records of a version 5 sample in `window`. One that runs out of it is shown as far as it goes. Answers what is
/// wrong with the sample: recordsMissing or nothing.
Fault writeRecords(LineWriter& out, RecordWriter& writer, Bytes window, std::uint32_t announced) {
  wire::RecordReader records(window, announced);
  wire::Record record;
  std::size_t next = 0;
  out.key("elements");
  out.beginArray();
  while (records.next(record)) {
    writer.write(record);
    next += kRecordHeader + wire::padded(record.data.size());
  }
  if (records.fault() == Fault::recordWindow) {
    record.tag = loadBe32(window.data() + next);
    record.data = window.subspan(next + kRecordHeader);
    writer.write(record, Fault::recordWindow);
  }
  out.endArray();
  return records.fault() == Fault::recordsMissing ? Fault::recordsMissing : wire::kNoFault;
}

/// The members of a version 5 flow, counters or discard sample behind its type. `body` may be cut short. Answers what
/// is wrong with it.
Fault writeBody(LineWriter& out, std::uint32_t tag, Bytes body, const DatagramMemory* memory) {
  if (body.size() < fixedSize(tag)) return Fault::sampleShort;
  FixedPart in(tag, body);
  in.number(out, "sampleSequenceNo");
  in.source(out);
  if (tag == kFlow || tag == kFlowExpanded) {
    in.number(out, "meanSkipCount");
    in.number(out, "samplePool");
    in.number(out, "dropEvents");
    in.interface(out, "inputPort");
    in.interface(out, "outputPort");
  } else if (tag == kDiscard) {
    in.number(out, "dropEvents");
    in.number(out, "inputPort");
    in.number(out, "outputPort");
    writeDiscardReason(out, in.u32());
  }
  const std::uint32_t announced = in.u32();
  const bool counters = tag == kCounters || tag == kCountersExpanded;
  RecordWriter writer(out, counters ? wire::RecordSpace::counter : wire::RecordSpace::flow,
                      tag == kDiscard ? std::string_view("discarded_") : std::string_view(), memory);
  return writeRecords(out, writer, in.rest(), announced);
}

/// Versions 2 and 4. Counters always come as two elements, generic and specific, either of which may be empty.
void writeLegacyBody(LineWriter& out, const wire::Sample& sample, const DatagramMemory* memory) {
  constexpr std::uint32_t kVlanCounters = 7;
  const bool counters = sample.kind == SampleKind::counters;
  out.member("sampleSequenceNo", sample.sequence);
  out.pairMember("sourceId", sample.source.cls, sample.source.index);
  const std::uint32_t countersType = counters && sample.body.size() >= 16 ? loadBe32(sample.body.data() + 12) : 0;
  if (counters && sample.body.size() >= 16) {
    out.member("statsSamplingInterval", loadBe32(sample.body.data() + 8));
    out.member("counterBlockVersion", countersType);
  }
  if (!counters) {
    out.member("meanSkipCount", sample.samplingRate);
    out.member("samplePool", sample.samplePool);
    out.member("dropEvents", sample.drops);
    writeInterface(out, "inputPort", sample.input.format, sample.input.value);
    writeInterface(out, "outputPort", sample.output.format, sample.output.value);
  }
  RecordWriter writer(out, counters ? wire::RecordSpace::counter : wire::RecordSpace::flow, {}, memory);
  wire::RecordReader records = sample.records;
  wire::Record record;
  const auto emptyElement = [&] { out.beginObject(), out.endObject(); };
  out.key("elements");
  out.beginArray();
  unsigned written = 0;
  if (countersType == kVlanCounters) emptyElement(), ++written;
  for (; records.next(record); ++written) writer.write(record);
  if (counters)
    for (; written < 2; ++written) emptyElement();
  out.endArray();
  writeFault(out, records.fault());
}

void writeRtValue(LineWriter& out, const wire::FieldValue& value) {
  switch (value.type) {
    case wire::FieldType::str:
      return out.text(value.text());
    case wire::FieldType::ip4:
    case wire::FieldType::ip6:
      return out.address(value.bytes);
    case wire::FieldType::f32:
    case wire::FieldType::f64:
      return out.quoted([&] { appendJsonNumber(out.out(), value.real); });
    case wire::FieldType::u32:
    case wire::FieldType::u64:
      return out.number(value.number);
    default:
      return out.hex(value.bytes);
  }
}

/// Real-time samples (4300:1002 and 4300:1003). No reference output has one: the names are the specification's.
void writeRealTime(LineWriter& out, const wire::Sample& sample) {
  const bool flow = sample.kind == SampleKind::rtFlow;
  out.member("sampleType", std::string_view(flow ? "RTFLOW" : "RTMETRIC"));
  auto reader = wire::RtReader::open(sample);
  if (!reader) return writeFault(out, reader.error());
  out.member("datasource_name", reader->dataSource());
  if (flow) {
    out.member("sampling_rate", reader->samplingRate());
    out.member("sample_pool", reader->samplePool());
  }
  out.key(flow ? "fields" : "metrics");
  out.beginArray();
  for (wire::RtField field; reader->next(field);) {
    out.beginObject();
    out.member("name", field.name);
    out.member("type", field.valueType);
    out.key("value");
    writeRtValue(out, field.value);
    out.endObject();
  }
  out.endArray();
  writeFault(out, reader->fault());
}

}  // namespace

void writeSample(LineWriter& out, const wire::Sample& sample, std::uint32_t version, const DatagramMemory* memory) {
  out.beginObject();
  out.pairMember("sampleType_tag", sample.tag >> 12, sample.tag & 0xFFF);
  switch (sample.kind) {
    case SampleKind::rtMetric:
    case SampleKind::rtFlow:
      writeRealTime(out, sample);
      break;
    case SampleKind::unknown:
      out.hexMember("data", sample.body);
      break;
    default:
      out.member("sampleType", typeName(sample.tag));
      if (version == 5)
        writeFault(out, writeBody(out, sample.tag, sample.body, memory));
      else
        writeLegacyBody(out, sample, memory);
  }
  out.endObject();
}

void writeCutSample(LineWriter& out, Bytes rest, const DatagramMemory* memory) {
  constexpr std::size_t kSampleHeader = 8;
  if (rest.size() < kSampleHeader) return;
  const std::uint32_t tag = loadBe32(rest.data());
  const Bytes body = rest.subspan(kSampleHeader);
  out.beginObject();
  out.pairMember("sampleType_tag", tag >> 12, tag & 0xFFF);
  if (typeName(tag).empty()) {
    out.hexMember("data", body);
  } else {
    out.member("sampleType", typeName(tag));
    writeBody(out, tag, body, memory);
  }
  writeFault(out, Fault::sampleWindow);
  out.endObject();
}

}  // namespace weir::print
