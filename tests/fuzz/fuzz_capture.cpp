// Any octets as a capture file, pcap or pcapng: every packet is read and taken apart, none outside of the file.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "ingest/capture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::ingest;
  static const int fd = memfd_create("capture", 0);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  const auto reader = CaptureReader::open("/proc/self/fd/" + std::to_string(fd));
  if (!reader) return 0;
  UdpPayload payload;
  std::uint64_t payloads = 0, sum = 0;
  while ((*reader)->next(payload)) {
    ++payloads;
    for (const std::uint8_t octet : payload.payload) sum += octet;
  }
  const auto remarks = (*reader)->remarks();
  if (payloads > (*reader)->frames() || (payloads != 0 && (*reader)->refused())) std::abort();
  return sum == 0xDEADBEEF ? 1 : 0;
}
