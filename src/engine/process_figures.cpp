#include "engine/process_figures.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

namespace weir::engine {

namespace {

/// The number behind `name` in a file of lines, 0 where there is none.
std::uint64_t fieldOf(const char* path, const char* name) {
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return 0;
  char line[256];
  std::uint64_t value = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    unsigned long long n = 0;
    const std::size_t length = std::char_traits<char>::length(name);
    if (std::char_traits<char>::compare(line, name, length) == 0 && std::sscanf(line + length, " %llu", &n) == 1) {
      value = n;
      break;
    }
  }
  std::fclose(file);
  return value;
}

/// The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal (proc(5)).
void readProcessors(std::uint64_t& busy, std::uint64_t& all) {
  std::FILE* file = std::fopen("/proc/stat", "re");
  if (file == nullptr) return;
  unsigned long long t[8] = {};
  if (std::fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6],
                  &t[7]) >= 4) {
    all = 0;
    for (const auto each : t) all += each;
    busy = all - t[3] - t[4];
  }
  std::fclose(file);
}

/// `part` of `whole`, from what both have grown by.
double ratio(double part, double whole) {
  return whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 0;
}

}  // namespace

ProcessFigures processFigures() {
  ProcessFigures p;
  p.residentBytes = fieldOf("/proc/self/status", "VmRSS:") * 1024;
  p.threads = static_cast<unsigned>(fieldOf("/proc/self/status", "Threads:"));
  p.memoryTotal = fieldOf("/proc/meminfo", "MemTotal:") * 1024;
  p.memoryFree = fieldOf("/proc/meminfo", "MemAvailable:") * 1024;
  readProcessors(p.systemBusy, p.systemAll);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) { return static_cast<std::uint64_t>(t.tv_sec * 1000 + t.tv_usec / 1000); };
  p.cpuMs = ms(usage.ru_utime) + ms(usage.ru_stime);
  return p;
}

LoadMeter::Load LoadMeter::between(const Point& from, const Point& to) {
  const double seconds = secondsFromNanos(to.time - from.time);
  if (seconds <= 0) return {};
  const auto grown = [](std::uint64_t before, std::uint64_t after) {
    return after > before ? static_cast<double>(after - before) : 0;
  };
  constexpr double kJiffies = 100;  // of a processor, a second: USER_HZ
  const double all = grown(from.counts.systemAll, to.counts.systemAll);
  return {grown(from.counts.sflowBytes, to.counts.sflowBytes) * 8 / seconds,
          ratio(grown(from.counts.processMs, to.counts.processMs) * kJiffies / 1000, all),
          ratio(grown(from.counts.systemBusy, to.counts.systemBusy), all)};
}

LoadMeter::Load LoadMeter::load(const Counts& counts, Nanos monotonic) {
  const Point now{monotonic, counts};
  if (last_.time == 0) last_ = before_ = now;
  // Who asks often gets the load since one and the same point, until a second has passed since the next.
  if (now.time - last_.time >= kSecond) before_ = std::exchange(last_, now);
  return between(before_, now);
}

}  // namespace weir::engine
