#include "wire/writer.h"

#include <algorithm>

#include "wire/rt.h"

namespace weir::wire {

namespace {

std::uint32_t compact(const DataSource& source) {
  return source.cls << 24 | (source.index & 0xFFFFFF);
}
std::uint32_t compact(const Interface& interface) {
  return interface.format << 30 | (interface.value & 0x3FFFFFFF);
}

Bytes octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

bool fitsCompact(const Sample& sample) {
  return sample.source.cls <= 0xFF && sample.source.index <= 0xFFFFFF && sample.input.format <= 3 &&
         sample.output.format <= 3 && sample.input.value <= 0x3FFFFFFF && sample.output.value <= 0x3FFFFFFF;
}

DatagramWriter::DatagramWriter(std::size_t limit) : buffer_(std::min(limit, kMaxDatagramSize)), out_(buffer_) {}

void DatagramWriter::begin(const DatagramHeader& header) {
  out_.rewind(0);
  out_.u32(5);
  FieldValue agent;
  agent.type = FieldType::addr;
  detail::toValue(header.agent, agent);
  writeField(out_, agent);
  out_.u32(header.subAgent);
  out_.u32(header.sequence);
  out_.u32(header.uptimeMs);
  countAt_ = out_.size();
  out_.u32(0);
  samples_ = 0;
}

Bytes DatagramWriter::finish() {
  out_.patch(countAt_, samples_);
  return out_.written();
}

void DatagramWriter::openSample(std::uint32_t tag) {
  sampleAt_ = out_.size();
  recordCountAt_ = 0;
  records_ = 0;
  rtKind_ = SampleKind::unknown;
  out_.u32(tag);
  out_.u32(0);
}

void DatagramWriter::beginSample(std::uint32_t tag) {
  openSample(tag);
}

void DatagramWriter::flowFixedPart(const Sample& sample) {
  out_.u32(sample.samplingRate);
  out_.u32(sample.samplePool);
  out_.u32(sample.drops);
  for (const Interface& interface : {sample.input, sample.output}) {
    if (sample.expanded) {
      out_.u32(interface.format);
      out_.u32(interface.value);
    } else {
      out_.u32(compact(interface));
    }
  }
}

void DatagramWriter::beginSample(const Sample& sample) {
  const bool discard = sample.kind == SampleKind::discard;
  const bool flow = sample.kind == SampleKind::flow;
  openSample(discard ? tag(0, 5) : tag(0, (flow ? 1U : 2U) + (sample.expanded ? 2U : 0U)));
  out_.u32(sample.sequence);
  if (sample.expanded || discard) {
    out_.u32(sample.source.cls);
    out_.u32(sample.source.index);
  } else {
    out_.u32(compact(sample.source));
  }
  if (flow) flowFixedPart(sample);
  if (discard) {
    out_.u32(sample.drops);
    out_.u32(sample.input.value);
    out_.u32(sample.output.value);
    out_.u32(sample.reason);
  }
  recordCountAt_ = out_.size();
  out_.u32(0);
}

bool DatagramWriter::endSample() {
  if (!out_.ok()) {
    out_.rewind(sampleAt_);
    return false;
  }
  if (recordCountAt_ != 0) out_.patch(recordCountAt_, records_);
  out_.patch(sampleAt_ + 4, static_cast<std::uint32_t>(out_.size() - sampleAt_ - 8));
  ++samples_;
  return true;
}

void DatagramWriter::beginRecord(std::uint32_t tag) {
  recordAt_ = out_.size();
  out_.u32(tag);
  out_.u32(0);
}

void DatagramWriter::endRecord() {
  if (!out_.ok()) return;
  out_.patch(recordAt_ + 4, static_cast<std::uint32_t>(out_.size() - recordAt_ - 8));
  ++records_;
}

void DatagramWriter::add(std::uint32_t tag, Bytes data) {
  beginRecord(tag);
  out_.fixed(data);
  endRecord();
}

void DatagramWriter::add(const SampledHeader& record) {
  beginRecord(tag(0, 1));
  out_.u32(record.protocol);
  out_.u32(record.frameLength);
  out_.u32(record.stripped);
  out_.opaque(record.header);
  endRecord();
}

void DatagramWriter::add(const RecordSpec& spec, std::span<const FieldValue> values) {
  beginRecord(spec.tag);
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    const FieldSpec& field = spec.fields[i];
    if (i >= values.size() && field.optional) break;
    if (i >= values.size() || values[i].type != field.type) return out_.fail();
    writeField(out_, values[i]);
  }
  if (values.size() > spec.fields.size()) return out_.fail();
  endRecord();
}

void DatagramWriter::beginRtMetric(std::string_view dataSource) {
  openSample(tag(4300, 1002));
  rtKind_ = SampleKind::rtMetric;
  out_.opaque(octets(dataSource));
  recordCountAt_ = out_.size();
  out_.u32(0);
}

void DatagramWriter::beginRtFlow(std::string_view dataSource, std::uint32_t samplingRate, std::uint32_t samplePool) {
  openSample(tag(4300, 1003));
  rtKind_ = SampleKind::rtFlow;
  out_.opaque(octets(dataSource));
  out_.u32(samplingRate);
  out_.u32(samplePool);
  recordCountAt_ = out_.size();
  out_.u32(0);
}

void DatagramWriter::addRt(std::string_view name, const FieldValue& value, bool counter) {
  const std::uint32_t type = rtValueType(rtKind_, value.type, counter);
  if (type == 0xFFFFFFFF) return out_.fail();
  out_.opaque(octets(name));
  out_.u32(type);
  writeField(out_, value);
  ++records_;
}

}  // namespace weir::wire
