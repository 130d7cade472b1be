#pragma once
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "flow/sample_fields.h"
#include "ingest/capture.h"
#include "support/captures.h"
#include "wire/datagram.h"

namespace weir::flow::test {

/// The flow samples of a capture as definitions see them, with the octets they point into.
struct CaptureSamples {
  std::deque<std::vector<std::uint8_t>> datagrams;
  std::deque<AgentId> agents;
  std::deque<wire::Sample> samples;
  std::vector<SampleFields> fields;
};

/// Nothing where the capture is absent. At most `most` samples.
inline std::unique_ptr<CaptureSamples> readSamples(const std::string& name, std::size_t most) {
  const auto path = weir::test::capturePath(name);
  if (!path) return nullptr;
  auto reader = ingest::CaptureReader::open(*path);
  if (!reader) return nullptr;
  auto all = std::make_unique<CaptureSamples>();
  ingest::UdpPayload payload;
  while (all->fields.size() < most && (*reader)->next(payload)) {
    all->datagrams.emplace_back(payload.payload.begin(), payload.payload.end());
    auto datagram = wire::DatagramReader::open(all->datagrams.back());
    if (!datagram) continue;
    all->agents.push_back(datagram->header().agent);
    wire::Sample sample;
    while (datagram->next(sample)) {
      if (sample.kind != wire::SampleKind::flow && sample.kind != wire::SampleKind::discard) continue;
      all->samples.push_back(sample);
      SampleFields f;
      f.sample = &all->samples.back();
      f.agent = &all->agents.back();
      f.scale = sample.samplingRate == 0 ? 1 : sample.samplingRate;
      wire::Record record;
      while (sample.records.next(record)) {
        if (record.tag == wire::tag(0, 1) && !f.hasPacket && record.data.size() >= 16) {
          const std::uint8_t* p = record.data.data();
          const std::size_t n = std::min<std::size_t>(loadBe32(p + 12), record.data.size() - 16);
          decode::decodeHeader(loadBe32(p), loadBe32(p + 4), loadBe32(p + 8), record.data.subspan(16, n), f.packet);
          f.hasPacket = true;
          f.frameBytes = loadBe32(p + 4);
        } else if (f.recordCount < kMaxRecords) {
          f.records[f.recordCount++] = record;
        }
      }
      all->fields.push_back(f);
    }
  }
  return all;
}

}  // namespace weir::flow::test
