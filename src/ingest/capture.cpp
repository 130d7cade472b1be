#include "ingest/capture.h"

#include <optional>
#include <utility>

#include "ingest/byte_stream.h"
#include "ingest/frame.h"
#include "ingest/packet_file.h"

namespace weir::ingest {

namespace {

std::string unsupported(int linkType) {
  return "link type " + std::to_string(linkType) + " (tcpdump.org/linktypes) is not supported, expected " +
         kLinkLayersRead;
}

}  // namespace

struct CaptureReader::State {
  State(ByteStream opened, std::string shown) : stream(std::move(opened)), name(std::move(shown)) {}
  ByteStream stream;
  std::unique_ptr<PacketFile> file;  // nullptr: the head has not been read
  FrameReader frame;
  std::string name;
  std::string error;
  std::uint64_t frames = 0, payloads = 0, truncated = 0;
  std::optional<int> unread;  // a link type that is not read, the first one met
  bool ended = false;

  Expected<> begin() {
    if (file != nullptr) return {};
    auto opened = openPacketFile(stream);
    if (!opened) return fail(name + ": " + opened.error().text());
    if ((*opened)->linkType() >= 0 && !linkLayerOf((*opened)->linkType()))
      return fail(name + ": " + unsupported((*opened)->linkType()));
    file = std::move(*opened);
    return {};
  }

  bool read(const CapturedPacket& packet, UdpPayload& out) {
    ++frames;
    const auto link = linkLayerOf(packet.linkType);
    if (!link) {
      if (!unread) unread = packet.linkType;
      return frame.drop(CaptureDrop::linkType);
    }
    if (!frame.read(*link, packet.time, packet.bytes, packet.wireLength, out)) return false;
    ++payloads;
    truncated += out.truncated ? 1 : 0;
    return true;
  }

  void end(const std::string& fault) {
    ended = true;
    frame.finish();
    if (!fault.empty()) {
      error = name + ": after " + std::to_string(frames) + " packets: " + fault;
    } else if (unread && frames == frame.drops()[CaptureDrop::linkType]) {
      error = name + ": " + unsupported(*unread);
    }
  }
};

CaptureReader::CaptureReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureReader::~CaptureReader() = default;

Expected<std::unique_ptr<CaptureReader>> CaptureReader::open(const std::string& path, const Interrupt* interrupt) {
  auto stream = ByteStream::open(path, interrupt);
  if (!stream) return std::unexpected(stream.error());
  auto state = std::make_unique<State>(std::move(*stream), path == "-" ? "standard input" : path);
  if (state->stream.isFile()) {
    if (auto ok = state->begin(); !ok) return std::unexpected(ok.error());
  }
  return std::unique_ptr<CaptureReader>(new CaptureReader(std::move(state)));
}

Expected<> CaptureReader::begin() {
  return state_->begin();
}

bool CaptureReader::isFile() const {
  return state_->stream.isFile();
}

bool CaptureReader::next(UdpPayload& out) {
  State& s = *state_;
  if (s.ended) return false;
  if (auto ok = s.begin(); !ok) {
    s.ended = true;
    if (!s.stream.interrupted()) s.error = ok.error().text();
    return false;
  }
  CapturedPacket packet;
  while (s.file->next(packet)) {
    if (s.read(packet, out)) return true;
  }
  s.end(s.stream.interrupted() ? std::string() : s.file->fault());
  return false;
}

const std::string& CaptureReader::error() const {
  return state_->error;
}
bool CaptureReader::refused() const {
  return !state_->error.empty() && state_->payloads == 0;
}

std::vector<std::string> CaptureReader::remarks() const {
  const State& s = *state_;
  std::vector<std::string> out;
  std::string left;
  for (std::size_t i = 0; i < s.frame.drops().of.size(); ++i) {
    const auto drop = static_cast<CaptureDrop>(i);
    const std::uint64_t n = s.frame.drops()[drop];
    if (n == 0 || (s.payloads != 0 && !isLoss(drop))) continue;
    left += (left.empty() ? "" : "; ") + std::to_string(n) + " " + std::string(captureDropText(drop));
    if (drop == CaptureDrop::linkType) left += " (" + std::to_string(*s.unread) + ", tcpdump.org/linktypes)";
  }
  if (s.payloads == 0 && s.error.empty()) {
    out.push_back(s.name + ": no UDP datagrams in " + std::to_string(s.frames) + " packets" +
                  (left.empty() ? "" : ": " + left));
  } else if (!left.empty()) {
    out.push_back(s.name + ": not read: " + left);
  }
  if (s.truncated != 0) {
    out.push_back(s.name + ": " + std::to_string(s.truncated) +
                  " datagrams were cut by the snap length of the capture; tcpdump -s 0 records whole packets");
  }
  return out;
}

const CaptureDrops& CaptureReader::drops() const {
  return state_->frame.drops();
}
std::uint64_t CaptureReader::frames() const {
  return state_->frames;
}

}  // namespace weir::ingest
