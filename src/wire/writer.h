#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "wire/datagram.h"
#include "wire/flow_records.h"
#include "wire/record_table.h"
#include "wire/records.h"
#include "wire/xdr.h"

namespace weir::wire {

/// UDP payload an agent aims at (sFlow version 5: "the default is 1400").
inline constexpr std::size_t kDefaultDatagramSize = 1400;
/// Largest UDP payload over IPv4.
inline constexpr std::size_t kMaxDatagramSize = 65507;

/// Encodes version 5 datagrams. A sample is written whole or not at all:
///
///     writer.begin(header);
///     writer.beginSample(sample);            // flow, counters, discard: kind and the fields of Sample
///     writer.add(if_counters{...});          // any record of records.h, or by table with add(spec, values)
///     if (!writer.endSample()) { send(writer.finish()); writer.begin(next); ...the same sample again... }
///
/// Nothing needs checking in between: what does not fit is noticed, and endSample() takes the sample back and answers
/// false. The buffer is allocated once. Sequence numbers, pools and the age of samples are the caller's business.
/// Thread: one.
class DatagramWriter {
 public:
  /// limit: largest datagram in octets, at most kMaxDatagramSize.
  explicit DatagramWriter(std::size_t limit = kDefaultDatagramSize);

  /// Starts a datagram, forgetting an unfinished one. version and sampleCount of the header are not looked at.
  void begin(const DatagramHeader& header);
  /// The datagram so far, with its count of samples; valid until the next begin().
  [[nodiscard]] Bytes finish();
  [[nodiscard]] std::uint32_t sampleCount() const { return samples_; }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

  /// kind flow, counters or discard; `expanded` picks the form of the first two. Compact form holds indexes below 2^24
  /// (source) and 2^30 (interfaces); see fitsCompact().
  void beginSample(const Sample& sample);
  /// A sample of any other type: its body is written with rawItems().
  void beginSample(std::uint32_t tag);
  /// Ends the sample, back-filling lengths and counts. False when it did not fit: the datagram is as before
  /// beginSample().
  [[nodiscard]] bool endSample();

  /// Adds a record of the kind that the sample takes.
  template <class R>
  void add(const R& record) {
    beginRecord(R::kTag);
    writeRecordData(out_, record);
    endRecord();
  }
  /// Adds a sampled_header (0:1).
  void add(const SampledHeader& record);
  /// Adds a record from values in the order of spec.fields; optional ones may be left out at the end. Values of another
  /// type or number make the sample fail.
  void add(const RecordSpec& spec, std::span<const FieldValue> values);
  /// Adds a record that is written by hand: beginRecord, rawItems, endRecord; or from octets.
  void beginRecord(std::uint32_t tag);
  void endRecord();
  void add(std::uint32_t tag, Bytes data);
  [[nodiscard]] XdrWriter& rawItems() { return out_; }

  /// Real-time samples of InMon (4300:1002, 4300:1003), ended by endSample().
  void beginRtMetric(std::string_view dataSource);
  void beginRtFlow(std::string_view dataSource, std::uint32_t samplingRate, std::uint32_t samplePool);
  /// Adds a metric or a field. value.type must be one that the sample knows (RtField), else the sample fails.
  void addRt(std::string_view name, const FieldValue& value, bool counter = false);

 private:
  void flowFixedPart(const Sample& sample);
  void openSample(std::uint32_t tag);

  std::vector<std::uint8_t> buffer_;
  XdrWriter out_;
  std::size_t countAt_ = 0;  // where the datagram's sample count stands
  std::uint32_t samples_ = 0;
  std::size_t sampleAt_ = 0;       // where the open sample's tag stands
  std::size_t recordCountAt_ = 0;  // where its count of records stands, 0 for none
  std::uint32_t records_ = 0;
  std::size_t recordAt_ = 0;
  SampleKind rtKind_ = SampleKind::unknown;
};

/// Whether the compact form can hold the sample's source and interfaces. An agent keeps to one form: look at the
/// largest index it may ever use.
[[nodiscard]] bool fitsCompact(const Sample& sample);

}  // namespace weir::wire
