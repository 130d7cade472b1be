#include "agent_host/host_counters.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>
#include <vector>

#include "agent_host/counter_words.h"
#include "agent_host/text_file.h"

namespace weir::agent {

namespace {

/// Clock ticks to milliseconds.
std::uint32_t ticks(std::string_view& line) {
  static const auto perSecond = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  std::string_view word;
  return nextWord(line, word) ? counter32(number(word) * 1000 / perSecond) : 0;
}

float real(std::string_view& text) {
  std::string_view word;
  float value = -1;  // unknown
  if (nextWord(text, word)) (void)std::from_chars(word.data(), word.data() + word.size(), value);
  return value;
}

void readStat(std::string_view text, wire::host_cpu& cpu) {
  for (std::string_view line, word; nextLine(text, line);) {
    if (!nextWord(line, word)) continue;
    if (word == "cpu") {
      cpu.cpu_user = ticks(line);
      cpu.cpu_nice = ticks(line);
      cpu.cpu_system = ticks(line);
      cpu.cpu_idle = ticks(line);
      cpu.cpu_wio = ticks(line);
      cpu.cpu_intr = ticks(line);
      cpu.cpu_sintr = ticks(line);
      cpu.cpu_steal = ticks(line);
      cpu.cpu_guest = ticks(line);
      cpu.cpu_guest_nice = ticks(line);
    } else if (word.starts_with("cpu")) {
      ++cpu.cpu_num;
    } else if (word == "intr" && nextWord(line, word)) {
      cpu.interrupts = counter32(number(word));
    } else if (word == "ctxt" && nextWord(line, word)) {
      cpu.contexts = counter32(number(word));
    }
  }
}

void readLoad(std::string_view text, wire::host_cpu& cpu) {
  cpu.load_one = real(text);
  cpu.load_five = real(text);
  cpu.load_fifteen = real(text);
  std::string_view processes;
  if (!nextWord(text, processes)) return;
  const std::size_t slash = processes.find('/');
  const std::uint32_t running = counter32(number(processes));
  cpu.proc_run = running > 0 ? running - 1 : 0;  // without ourselves
  if (slash != std::string_view::npos) cpu.proc_total = counter32(number(processes.substr(slash + 1)));
}

std::uint32_t megahertz(const std::string& root) {
  const auto text = readText(root + "/proc/cpuinfo", 16 * 1024);
  if (!text) return 0;
  const std::size_t at = text->find("cpu MHz");
  const std::size_t colon = text->find(':', at);
  if (at == std::string::npos || colon == std::string::npos) return 0;
  std::string_view word, rest = std::string_view(*text).substr(colon + 1);
  return nextWord(rest, word) ? counter32(number(word)) : 0;
}

/// A line of proc/self/mounts, if it counts as a local disk.
bool localDisk(std::string_view line, std::string_view& device, std::string_view& mountPoint) {
  std::string_view type, options;
  if (!nextWord(line, device) || !nextWord(line, mountPoint) || !nextWord(line, type) || !nextWord(line, options))
    return false;
  return device.starts_with("/dev/") && (options == "rw" || options.starts_with("rw,"));
}

/// Octal escapes of proc/self/mounts (`\040`).
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

bool isWholeDisk(const std::string& root, std::uint64_t major, std::string_view name) {
  constexpr std::uint64_t kRam = 1, kLoop = 7, kMd = 9, kMapper = 253;
  if (major == kRam || major == kLoop || major == kMd || major == kMapper) return false;
  std::string folder(name);
  std::replace(folder.begin(), folder.end(), '/', '!');
  return std::filesystem::exists(root + "/sys/block/" + folder);
}

void readDiskstats(const std::string& root, wire::host_disk_io& disk) {
  const auto text = readText(root + "/proc/diskstats");
  if (!text) return;
  constexpr std::uint64_t kSector = 512;
  std::string_view rest = *text;
  for (std::string_view line, word, name; nextLine(rest, line);) {
    if (!nextWord(line, word)) continue;
    const std::uint64_t major = number(word);
    if (!nextWord(line, word) || !nextWord(line, name) || !isWholeDisk(root, major, name)) continue;
    std::array<std::uint64_t, 8> f{};  // Documentation/admin-guide/iostats.rst: fields 1 to 8
    for (auto& field : f) field = nextWord(line, word) ? number(word) : 0;
    disk.reads += counter32(f[0]);
    disk.bytes_read += f[2] * kSector;
    disk.read_time += counter32(f[3]);
    disk.writes += counter32(f[4]);
    disk.bytes_written += f[6] * kSector;
    disk.write_time += counter32(f[7]);
  }
}

bool countsForHost(const Link& link, const Network& network) {
  if (!link.isUp() || link.isLoopback() || link.kind == "vlan" || link.kind == "bond" || link.kind == "team" ||
      link.kind == "bridge" || link.kind == "macvlan" || link.kind == "ipvlan")
    return false;
  if (link.kind != "veth") return true;
  const Link* master = network.byIndex(link.master);
  return master == nullptr || master->kind != "bridge";
}

/// The line of column names and the line of values of one protocol.
bool snmpLines(std::string_view text, std::string_view protocol, std::string_view& names, std::string_view& values) {
  for (std::string_view line; nextLine(text, line);) {
    if (!line.starts_with(protocol)) continue;
    names = line.substr(protocol.size());
    if (!nextLine(text, line) || !line.starts_with(protocol)) return false;
    values = line.substr(protocol.size());
    return true;
  }
  return false;
}

std::uint32_t column(std::string_view names, std::string_view values, std::string_view wanted) {
  for (std::string_view name, value; nextWord(names, name) && nextWord(values, value);)
    if (name == wanted) return counter32(number(value));
  return kUnknownCounter;
}

/// The kernel's name of a column: that of the field without its prefix, but for those it spells otherwise.
std::string_view columnName(std::string_view field) {
  if (field == "InCsumErrs") return "InCsumErrors";
  if (field == "InParamProbs") return "InParmProbs";
  if (field == "OutParamProbs") return "OutParmProbs";
  return field;
}

void addGroup(wire::DatagramWriter& writer, std::string_view text, std::string_view protocol, std::uint32_t tag,
              std::size_t prefix) {
  std::string_view names, values;
  const wire::RecordSpec* spec = wire::recordSpec(wire::RecordSpace::counter, tag);
  if (spec == nullptr || !snmpLines(text, protocol, names, values)) return;
  std::array<wire::FieldValue, 32> fields;
  std::size_t count = 0;
  for (const auto& field : spec->fields) {
    fields[count].type = field.type;
    fields[count++].number = column(names, values, columnName(field.name.substr(prefix)));
  }
  writer.add(*spec, std::span(fields).first(count));
}

}  // namespace

std::optional<wire::host_cpu> hostCpu(const std::string& root) {
  const auto stat = readText(root + "/proc/stat");
  if (!stat) return std::nullopt;
  wire::host_cpu cpu;
  readStat(*stat, cpu);
  if (const auto load = readText(root + "/proc/loadavg", 256)) readLoad(*load, cpu);
  if (const auto uptime = readText(root + "/proc/uptime", 256)) cpu.uptime = counter32(number(*uptime));
  cpu.cpu_speed = megahertz(root);
  return cpu;
}

std::optional<wire::host_memory> hostMemory(const std::string& root) {
  const auto info = readText(root + "/proc/meminfo");
  if (!info) return std::nullopt;
  const auto octets = [&](const char* name) { return valueOf(*info, name).value_or(0) * 1024; };
  wire::host_memory memory;
  memory.mem_total = octets("MemTotal");
  memory.mem_free = octets("MemFree");
  memory.mem_shared = octets("Shmem");
  memory.mem_buffers = octets("Buffers");
  memory.mem_cached = octets("Cached") + octets("SReclaimable");
  memory.swap_total = octets("SwapTotal");
  memory.swap_free = octets("SwapFree");
  if (const auto vm = readText(root + "/proc/vmstat")) {
    memory.page_in = counter32(valueOf(*vm, "pgpgin").value_or(0));
    memory.page_out = counter32(valueOf(*vm, "pgpgout").value_or(0));
    memory.swap_in = counter32(valueOf(*vm, "pswpin").value_or(0));
    memory.swap_out = counter32(valueOf(*vm, "pswpout").value_or(0));
  }
  return memory;
}

std::optional<DiskSpace> spaceOf(const std::string& mountPoint) {
  struct statvfs s{};
  if (::statvfs(mountPoint.c_str(), &s) != 0 || s.f_blocks == 0) return std::nullopt;
  return DiskSpace{s.f_blocks * s.f_frsize, s.f_bavail * s.f_frsize};
}

wire::host_disk_io hostDiskIo(const std::string& root, const SpaceReader& space) {
  wire::host_disk_io disk;
  std::set<std::string, std::less<>> devices;
  if (const auto mounts = readText(root + "/proc/self/mounts")) {
    std::string_view rest = *mounts;
    for (std::string_view line, device, mountPoint; nextLine(rest, line);) {
      if (!localDisk(line, device, mountPoint) || !devices.emplace(device).second) continue;
      const auto sizes = space(unescaped(mountPoint));
      if (!sizes || sizes->total == 0) continue;
      disk.disk_total += sizes->total;
      disk.disk_free += sizes->free;
      const double used = 1.0 - static_cast<double>(sizes->free) / static_cast<double>(sizes->total);
      disk.part_max_used = std::max(disk.part_max_used, static_cast<std::int32_t>(used * 10'000));
    }
  }
  readDiskstats(root, disk);
  return disk;
}

wire::host_net_io hostNetIo(const Network& network) {
  wire::host_net_io out;
  for (const auto& link : network.links) {
    if (!countsForHost(link, network)) continue;
    const auto& s = link.stats;
    out.bytes_in += s.rx_bytes;
    out.pkts_in += counter32(s.rx_packets);
    out.errs_in += counter32(s.rx_errors);
    out.drops_in += counter32(s.rx_dropped);
    out.bytes_out += s.tx_bytes;
    out.pkts_out += counter32(s.tx_packets);
    out.errs_out += counter32(s.tx_errors);
    out.drops_out += counter32(s.tx_dropped);
  }
  return out;
}

void addMibGroups(wire::DatagramWriter& writer, const std::string& root) {
  const auto text = readText(root + "/proc/net/snmp");
  if (!text) return;
  addGroup(writer, *text, "Ip:", wire::mib2_ip_group::kTag, 2);
  addGroup(writer, *text, "Icmp:", wire::mib2_icmp_group::kTag, 4);
  addGroup(writer, *text, "Tcp:", wire::mib2_tcp_group::kTag, 3);
  addGroup(writer, *text, "Udp:", wire::mib2_udp_group::kTag, 3);
}

void addAdapters(wire::DatagramWriter& writer, std::span<const Adapter> adapters) {
  std::array<std::uint8_t, kMaxAdapters * 16> octets{};
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(adapters.size(), kMaxAdapters));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* p = octets.data() + 16 * i;
    storeBe32(p, adapters[i].ifIndex);
    storeBe32(p + 4, 1);
    std::copy(adapters[i].mac.begin(), adapters[i].mac.end(), p + 8);
  }
  writer.add(wire::host_adapters{{count, Bytes(octets).first(std::size_t{16} * count)}});
}

std::vector<Adapter> hostAdapters(const Network& network) {
  std::vector<Adapter> out;
  for (const auto& link : network.links)
    if (link.isUp() && link.hasMac() && link.kind != "veth") out.push_back({link.index, link.mac});
  return out;
}

}  // namespace weir::agent
