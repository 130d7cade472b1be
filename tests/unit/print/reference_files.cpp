#include "reference_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "ingest/capture.h"
#include "support/captures.h"

namespace weir::print::test {

namespace {

std::string readAll(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  char buffer[1 << 16];
  for (std::size_t n; pipe != nullptr && (n = fread(buffer, 1, sizeof buffer, pipe.get())) != 0;)
    text.append(buffer, n);
  return text;
}

}  // namespace

std::vector<std::string> objectLines(const std::string& path) {
  std::string text;
  if (std::filesystem::exists(path)) text = readAll("cat '" + path + "'");
  if (std::filesystem::exists(path + ".gz")) text = readAll("gzip -dc '" + path + ".gz'");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t begin = line.find('{');
    if (begin == std::string::npos) continue;
    lines.push_back(line.substr(begin, line.rfind('}') + 1 - begin));
  }
  return lines;
}

std::vector<std::string> referenceCaptures() {
  std::vector<std::string> names;
  const std::string folder = weir::test::captureFolder();
  if (!std::filesystem::exists(folder)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string path = entry.path().string();
    if (!path.ends_with(".pcap")) continue;
    if (std::filesystem::exists(path + ".sflowtool.json") || std::filesystem::exists(path + ".sflowtool.json.gz"))
      names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> printCapture(const std::string& path) {
  std::vector<std::string> lines;
  auto reader = ingest::CaptureReader::open(path);
  if (!reader) {
    ADD_FAILURE() << reader.error().text();
    return lines;
  }
  DatagramPrinter printer;
  for (ingest::UdpPayload udp; (*reader)->next(udp);) {
    lines.emplace_back();
    printer.print({udp.payload, udp.time, udp.source, udp.sourcePort, udp.destinationPort, true, udp.frame},
                  lines.back());
  }
  EXPECT_EQ((*reader)->error(), "");
  return lines;
}

std::string printed(Bytes payload, bool fromCapture) {
  DatagramPrinter printer;
  std::string line;
  const std::uint8_t sender[] = {192, 0, 2, 1};
  printer.print(
      {payload, 1'700'000'000 * kSecond + 5 * kMicrosecond, IpAddress::v4(sender), 50000, 6343, fromCapture, {}}, line);
  return line;
}

}  // namespace weir::print::test
