#include "sim/host_counters.h"

#include <algorithm>

namespace weir::sim {

namespace {

constexpr std::uint64_t kCpus = 8;
constexpr std::uint64_t kGigabyte = 1'000'000'000;

// The CPUs do some work of their own, and a second of one of them for each gigabyte through the network card.
std::uint64_t busyMs(const HostLoad& load) {
  const std::uint64_t network = (load.in.octets + load.out.octets) / (kGigabyte / 1000);
  const std::uint64_t own = load.uptimeMs * (2 + load.index % 5) / 10;
  return std::min(network + own, load.uptimeMs * kCpus);
}

wire::host_descr hostDescr(const HostSpec& spec, std::size_t index) {
  wire::host_descr descr;
  descr.hostname = spec.name;
  descr.uuid = {0xDE, 0x30, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(index + 1)};
  descr.machine_type = 3;  // x86_64
  descr.os_name = 2;       // linux
  descr.os_release = "6.1.0";
  return descr;
}

wire::host_cpu hostCpu(const HostLoad& load) {
  const std::uint64_t busy = busyMs(load);
  const double running = load.uptimeMs == 0 ? 0 : static_cast<double>(busy) / static_cast<double>(load.uptimeMs);
  wire::host_cpu cpu;
  cpu.load_one = cpu.load_five = cpu.load_fifteen = static_cast<float>(running);
  cpu.proc_run = 1 + static_cast<std::uint32_t>(running);
  cpu.proc_total = 180 + static_cast<std::uint32_t>(load.index);
  cpu.cpu_num = kCpus;
  cpu.cpu_speed = 2600;
  cpu.uptime = static_cast<std::uint32_t>(load.uptimeMs / 1000);
  cpu.cpu_user = static_cast<std::uint32_t>(busy * 3 / 4);
  cpu.cpu_system = static_cast<std::uint32_t>(busy - busy * 3 / 4);
  cpu.cpu_idle = static_cast<std::uint32_t>(load.uptimeMs * kCpus - busy);
  cpu.interrupts = static_cast<std::uint32_t>((load.in.packets + load.out.packets) / 8);
  cpu.contexts = static_cast<std::uint32_t>(busy * 11);
  return cpu;
}

wire::host_memory hostMemory(std::size_t index) {
  wire::host_memory memory;
  memory.mem_total = 64 * kGigabyte;
  memory.mem_free = (20 + index) * kGigabyte;
  memory.mem_buffers = kGigabyte;
  memory.mem_cached = 9 * kGigabyte;
  memory.swap_total = memory.swap_free = 8 * kGigabyte;
  return memory;
}

wire::host_disk_io hostDiskIo(const HostLoad& load) {
  wire::host_disk_io disk;
  disk.disk_total = 960 * kGigabyte;
  disk.disk_free = (400 + 20 * load.index) * kGigabyte;
  disk.part_max_used = static_cast<std::int32_t>(5800 - 200 * load.index);
  disk.reads = static_cast<std::uint32_t>(load.uptimeMs / 90);
  disk.bytes_read = load.uptimeMs * 300;
  disk.read_time = static_cast<std::uint32_t>(load.uptimeMs / 100);
  disk.writes = static_cast<std::uint32_t>(load.uptimeMs / 40);
  disk.bytes_written = load.uptimeMs * 600;
  disk.write_time = static_cast<std::uint32_t>(load.uptimeMs / 50);
  return disk;
}

wire::host_net_io hostNetIo(const HostLoad& load) {
  wire::host_net_io net;
  net.bytes_in = load.in.octets;
  net.pkts_in = static_cast<std::uint32_t>(load.in.packets);
  net.bytes_out = load.out.octets;
  net.pkts_out = static_cast<std::uint32_t>(load.out.packets);
  return net;
}

}  // namespace

void addHostCounters(wire::DatagramWriter& writer, const HostSpec& spec, const HostLoad& load) {
  std::uint8_t adapter[16] = {};
  storeBe32(adapter, 2);      // ifIndex
  storeBe32(adapter + 4, 1);  // one MAC
  std::copy(spec.mac.begin(), spec.mac.end(), adapter + 8);
  wire::host_adapters adapters;
  adapters.adapters = {1, adapter};

  writer.add(hostDescr(spec, load.index));
  writer.add(adapters);
  writer.add(hostCpu(load));
  writer.add(hostMemory(load.index));
  writer.add(hostDiskIo(load));
  writer.add(hostNetIo(load));
}

}  // namespace weir::sim
