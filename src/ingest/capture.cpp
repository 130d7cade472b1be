#include "ingest/capture.h"

#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "ingest/frame.h"

namespace weir::ingest {

namespace {

struct ClosePcap {
  void operator()(pcap_t* handle) const { pcap_close(handle); }
};
using Handle = std::unique_ptr<pcap_t, ClosePcap>;

/// Time stamps come as seconds and, by choice of precision, nanoseconds. Held between 1970 and 2262.
Nanos timeOf(const timeval& stamp) {
  constexpr std::int64_t kLatest = 9'200'000'000;
  const std::int64_t seconds = stamp.tv_sec < 0 ? 0 : stamp.tv_sec > kLatest ? kLatest : stamp.tv_sec;
  const std::int64_t nanos = stamp.tv_usec < 0 || stamp.tv_usec >= kSecond ? 0 : stamp.tv_usec;
  return seconds * kSecond + nanos;
}

std::string shownName(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

/// libpcap opens directories and says little of files that are absent, closed or empty.
Expected<> readable(const std::string& path) {
  if (path == "-") return {};
  struct stat status{};
  const bool known = stat(path.c_str(), &status) == 0;
  if (known && S_ISDIR(status.st_mode)) return fail(path + ": is a directory, expected a capture file");
  if (!known || access(path.c_str(), R_OK) != 0) {
    const int reason = errno;
    return fail(path + ": " + std::strerror(reason) +
                (reason == EACCES ? "; change its mode or owner, or run as a user who may read it"
                                  : ", expected a capture file"));
  }
  if (S_ISREG(status.st_mode) && status.st_size == 0)
    return fail(path + ": is empty, expected a capture file; tcpdump -U writes each packet at once");
  return {};
}

/// What to do with a file that libpcap does not know.
std::string adviceFor(const std::string& path) {
  static constexpr std::string_view kMagics[] = {"\x1F\x8B", "\xFD\x37zXZ", "\x28\xB5\x2F\xFD",
                                                 "BZh"};  // gzip, xz, zstd, bzip2
  std::string head(6, '\0');
  if (path != "-") std::ifstream(path, std::ios::binary).read(head.data(), static_cast<std::streamsize>(head.size()));
  const bool compressed = std::ranges::any_of(kMagics, [&](std::string_view magic) { return head.starts_with(magic); });
  return compressed ? "; it is compressed: unpack it, or pipe what is unpacked to - (standard input)"
                    : "; tcpdump -w and dumpcap write such files";
}

}  // namespace

struct CaptureReader::State {
  State(Handle opened, LinkLayer link, std::string shown)
      : handle(std::move(opened)), frame(link), name(std::move(shown)) {}
  Handle handle;
  FrameReader frame;
  std::string name;
  std::string error;
  std::uint64_t frames = 0;
  bool ended = false;
};

CaptureReader::CaptureReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CaptureReader::~CaptureReader() = default;

Expected<std::unique_ptr<CaptureReader>> CaptureReader::open(const std::string& path) {
  const std::string name = shownName(path);
  if (auto ok = readable(path); !ok) return std::unexpected(ok.error());
  char reason[PCAP_ERRBUF_SIZE] = {};
  Handle handle(pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, reason));
  if (!handle) {
    // libpcap puts the name in front of some of its reasons only.
    const std::string text = reason;
    if (text.starts_with(path)) return fail(text);
    return fail(name + ": not a pcap or pcapng capture: " + text + adviceFor(path));
  }
  const int type = pcap_datalink(handle.get());
  const auto link = linkLayerOf(type);
  if (!link) {
    const char* known = pcap_datalink_val_to_name(type);
    return fail(name + ": link type " + std::to_string(type) + (known ? " (" + std::string(known) + ")" : "") +
                " is not supported, expected Ethernet, Linux cooked, raw IP or loopback");
  }
  auto state = std::make_unique<State>(std::move(handle), *link, name);
  return std::unique_ptr<CaptureReader>(new CaptureReader(std::move(state)));
}

bool CaptureReader::next(UdpPayload& out) {
  State& s = *state_;
  while (!s.ended) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int got = pcap_next_ex(s.handle.get(), &header, &data);
    if (got == 1) {
      ++s.frames;
      if (s.frame.read(timeOf(header->ts), Bytes(data, header->caplen), header->len, out)) return true;
      continue;
    }
    s.ended = true;
    s.frame.finish();
    if (got == PCAP_ERROR)
      s.error = s.name + ": after " + std::to_string(s.frames) + " packets: " + pcap_geterr(s.handle.get());
  }
  return false;
}

const std::string& CaptureReader::error() const {
  return state_->error;
}
const CaptureDrops& CaptureReader::drops() const {
  return state_->frame.drops();
}
std::uint64_t CaptureReader::frames() const {
  return state_->frames;
}

}  // namespace weir::ingest
