#include "make_captures/made.h"

#include <boost/json/serialize.hpp>

#include "unit/ingest/capture_files.h"

namespace weir::captures {

namespace {

using Frames = std::vector<test::Frame>;

test::Frame frameOf(Nanos time, const std::vector<std::uint8_t>& datagram) {
  return {static_cast<std::uint32_t>(time / kSecond), static_cast<std::uint32_t>(time % kSecond / kMicrosecond),
          test::ethernet(test::ip4(test::udp(datagram)))};
}

}  // namespace

void CaptureBuilder::add(Nanos time, Bytes datagram) {
  datagrams_.push_back({time, {datagram.begin(), datagram.end()}});
}

std::vector<std::uint8_t> CaptureBuilder::pcap() const {
  Frames frames;
  for (const Timed& d : datagrams_) frames.push_back(frameOf(d.time, d.octets));
  return test::pcap(1, frames);
}

std::vector<std::uint8_t> CaptureBuilder::pcapng() const {
  Frames frames;
  for (const Timed& d : datagrams_) frames.push_back(frameOf(d.time, d.octets));
  return test::pcapng(1, frames);
}

std::vector<std::uint8_t> lines(const boost::json::array& elements) {
  std::string text;
  for (const auto& element : elements) text += (text.empty() ? "[" : ",\n") + boost::json::serialize(element);
  text += "]\n";
  return {text.begin(), text.end()};
}

}  // namespace weir::captures
