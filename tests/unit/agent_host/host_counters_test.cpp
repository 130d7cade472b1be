#include "agent_host/host_counters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <sys/socket.h>

#include "agent_host/host_identity.h"
#include "agent_host/interface_counters.h"
#include "fixture_tree.h"
#include "wire/datagram.h"

namespace weir::agent {
namespace {

/// Writes one counter sample and gives back its records by tag.
template <class Fill>
std::map<std::uint32_t, std::vector<std::uint8_t>> recordsOf(Fill&& fill) {
  wire::DatagramWriter writer(8192);
  writer.begin({});
  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.expanded = true;
  writer.beginSample(sample);
  fill(writer);
  EXPECT_TRUE(writer.endSample());
  auto reader = wire::DatagramReader::open(writer.finish()).value();
  EXPECT_TRUE(reader.next(sample));
  std::map<std::uint32_t, std::vector<std::uint8_t>> out;
  for (wire::Record record; sample.records.next(record);) out[record.tag] = {record.data.begin(), record.data.end()};
  return out;
}

template <class R>
R readBack(const std::map<std::uint32_t, std::vector<std::uint8_t>>& records) {
  R out;
  EXPECT_TRUE(records.contains(R::kTag));
  wire::Record record;
  record.tag = R::kTag;
  record.data = records.at(R::kTag);
  EXPECT_EQ(wire::readRecord(record, out), wire::kNoFault);
  return out;
}

TEST(HostCounters, CpuFromProc) {
  FixtureTree tree;
  tree.file("proc/stat",
            "cpu  100 20 300 4000 50 6 7 8 9 10\ncpu0 50 10 150 2000 25 3 3 4 4 5\ncpu1 50 10 150 2000 25 3 4 4 5 5\n"
            "intr 5000000123 1 2 3\nctxt 77\nbtime 1\n")
      .file("proc/loadavg", "0.50 1.25 2.00 3/456 7890\n")
      .file("proc/uptime", "12345.67 1.0\n")
      .file("proc/cpuinfo", "processor : 0\ncpu MHz\t\t: 2399.998\n");
  const auto cpu = hostCpu(tree.root()).value();
  const auto ms = [](std::uint32_t t) { return t * 1000U / static_cast<std::uint32_t>(::sysconf(_SC_CLK_TCK)); };
  EXPECT_EQ(cpu.cpu_user, ms(100));
  EXPECT_EQ(cpu.cpu_idle, ms(4000));
  EXPECT_EQ(cpu.cpu_guest_nice, ms(10));
  EXPECT_EQ(cpu.cpu_num, 2);
  EXPECT_EQ(cpu.interrupts, static_cast<std::uint32_t>(5000000123ULL));
  EXPECT_EQ(cpu.contexts, 77);
  EXPECT_FLOAT_EQ(cpu.load_one, 0.5F);
  EXPECT_FLOAT_EQ(cpu.load_fifteen, 2.0F);
  EXPECT_EQ(cpu.proc_run, 2);
  EXPECT_EQ(cpu.proc_total, 456);
  EXPECT_EQ(cpu.uptime, 12345);
  EXPECT_EQ(cpu.cpu_speed, 2399);
  EXPECT_FALSE(hostCpu(tree.root() + "/nowhere"));
}

TEST(HostCounters, MemorySharedIsFilledIn) {
  FixtureTree tree;
  tree.file("proc/meminfo",
            "MemTotal:  1000 kB\nMemFree: 200 kB\nBuffers: 3 kB\nCached: 40 kB\nShmem: 5 kB\n"
            "SReclaimable: 6 kB\nSwapTotal: 70 kB\nSwapFree: 7 kB\n")
      .file("proc/vmstat", "pgpgin 11\npgpgout 12\npswpin 13\npswpout 14\n");
  const auto memory = hostMemory(tree.root()).value();
  EXPECT_EQ(memory.mem_total, 1000 * 1024);
  EXPECT_EQ(memory.mem_shared, 5 * 1024);
  EXPECT_EQ(memory.mem_cached, 46 * 1024);
  EXPECT_EQ(memory.swap_free, 7 * 1024);
  EXPECT_EQ(memory.page_in, 11);
  EXPECT_EQ(memory.swap_out, 14);
}

TEST(HostCounters, PartitionsAreNotCountedBesideTheirDisk) {
  FixtureTree tree;
  tree.file("proc/diskstats",
            "   8       0 sda 10 0 200 30 40 0 500 60 0 0 0\n   8       1 sda1 10 0 200 30 40 0 500 60 0 0 0\n"
            " 253       0 dm-0 9 9 9 9 9 9 9 9 9 9 9\n   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9\n"
            " 104       0 cciss/c0d0 1 0 2 3 4 0 5 6 0 0 0\n")
      .folder("sys/block/sda")
      .folder("sys/block/dm-0")
      .folder("sys/block/loop0")
      .folder("sys/block/cciss!c0d0")
      .file("proc/self/mounts",
            "/dev/sda1 / ext4 rw,relatime 0 0\n/dev/sda1 /mnt ext4 rw 0 0\nproc /proc proc rw 0 0\n"
            "/dev/sr0 /cd iso9660 ro 0 0\n/dev/sdb1 /my\\040disk ext4 rw 0 0\n/dev/sdc1 /gone ext4 rw 0 0\n");
  const auto disk = hostDiskIo(tree.root(), [](const std::string& path) -> std::optional<DiskSpace> {
    if (path == "/") return DiskSpace{1000, 250};
    if (path == "/my disk") return DiskSpace{100, 90};
    return std::nullopt;
  });
  EXPECT_EQ(disk.reads, 11);
  EXPECT_EQ(disk.bytes_read, 202 * 512);
  EXPECT_EQ(disk.read_time, 33);
  EXPECT_EQ(disk.writes, 44);
  EXPECT_EQ(disk.bytes_written, 505 * 512);
  EXPECT_EQ(disk.disk_total, 1100);
  EXPECT_EQ(disk.disk_free, 340);
  EXPECT_EQ(disk.part_max_used, 7500);
}

// With the columns of current kernels, which have InCsumErrors third among those of ICMP.
TEST(HostCounters, SnmpColumnsAreFoundByName) {
  FixtureTree tree;
  tree.file("proc/net/snmp",
            "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 1000\n"
            "Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds\nIcmp: 10 1 2 8131 5\n"
            "IcmpMsg: InType3\nIcmpMsg: 8131\n"
            "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens InCsumErrors\nTcp: 1 200 120000 -1 7 3\n"
            "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti\n"
            "Udp: 1 2 3 4 5 6 7 8\n");
  const auto records = recordsOf([&](auto& writer) { addMibGroups(writer, tree.root()); });
  const auto icmp = readBack<wire::mib2_icmp_group>(records);
  EXPECT_EQ(icmp.icmpInDestUnreachs, 8131);
  EXPECT_EQ(icmp.icmpInTimeExcds, 5);
  EXPECT_EQ(icmp.icmpOutMsgs, 0xFFFFFFFF) << "not there: never available";
  const auto ip = readBack<wire::mib2_ip_group>(records);
  EXPECT_EQ(ip.ipForwarding, 1);
  EXPECT_EQ(ip.ipInReceives, 1000);
  const auto tcp = readBack<wire::mib2_tcp_group>(records);
  EXPECT_EQ(tcp.tcpMaxConn, 0xFFFFFFFF);
  EXPECT_EQ(tcp.tcpInCsumErrs, 3);
  EXPECT_EQ(readBack<wire::mib2_udp_group>(records).udpInCsumErrors, 7);
}

// Every field has a column in the kernel that runs this test; tcpMaxConn is -1 there.
TEST(HostCounters, ThisKernelHasAllColumns) {
  const auto records = recordsOf([&](auto& writer) { addMibGroups(writer, ""); });
  ASSERT_EQ(records.size(), 4);
  for (const auto& [tag, data] : records) {
    const wire::RecordSpec* spec = wire::recordSpec(wire::RecordSpace::counter, tag);
    for (std::size_t i = 0; i < spec->fields.size(); ++i) {
      if (spec->fields[i].name == "tcpMaxConn") continue;
      EXPECT_NE(loadBe32(data.data() + 4 * i), 0xFFFFFFFF) << spec->fields[i].name;
    }
  }
}

Link link(std::uint32_t index, std::string name, std::string kind, std::uint64_t octets, std::uint32_t master = 0) {
  Link out;
  out.index = index;
  out.name = std::move(name);
  out.kind = std::move(kind);
  out.flags = IFF_UP | IFF_RUNNING;
  out.operState = 6;
  out.hardwareType = ARPHRD_ETHER;
  out.mac = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index)};
  out.master = master;
  out.stats.rx_bytes = octets;
  out.stats.rx_packets = 100;
  out.stats.multicast = 10;
  return out;
}

TEST(HostCounters, NoPacketOfTheHostIsCountedTwice) {
  Network network;
  network.links = {link(1, "eth0", "", 1000), link(2, "br0", "bridge", 500), link(3, "veth1", "veth", 400, 2),
                   link(4, "eth0.5", "vlan", 300), link(5, "veth9", "veth", 7)};
  network.links.push_back(link(6, "lo", "", 99));
  network.links.back().flags |= IFF_LOOPBACK;
  EXPECT_EQ(hostNetIo(network).bytes_in, 1007);
}

TEST(HostCounters, AdaptersAreThoseOfTheHost) {
  Network network;
  network.links = {link(1, "eth0", "", 0), link(2, "veth1", "veth", 0)};
  const auto records = recordsOf([&](auto& writer) { addAdapters(writer, hostAdapters(network)); });
  const auto& data = records.at(wire::host_adapters::kTag);
  ASSERT_EQ(data.size(), 20);
  EXPECT_EQ(loadBe32(data.data()), 1);
  EXPECT_EQ(loadBe32(data.data() + 4), 1) << "ifIndex";
  EXPECT_EQ(data[12], 2) << "MAC";
}

TEST(InterfaceCounters, TotalsPassThroughAndUnknownOnesAreAllOnes) {
  Link eth0 = link(7, "eth0", "", 0x1234567890);
  eth0.speed = 10'000'000'000;
  eth0.duplex = 1;
  eth0.stats.rx_crc_errors = 3;
  const auto records = recordsOf([&](auto& writer) { addInterfaceCounters(writer, eth0); });
  const auto counters = readBack<wire::if_counters>(records);
  EXPECT_EQ(counters.ifIndex, 7);
  EXPECT_EQ(counters.ifType, 6);
  EXPECT_EQ(counters.ifSpeed, 10'000'000'000);
  EXPECT_EQ(counters.ifDirection, 1);
  EXPECT_EQ(counters.ifStatus, 3);
  EXPECT_EQ(counters.ifInOctets, 0x1234567890);
  EXPECT_EQ(counters.ifInUcastPkts, 90);
  EXPECT_EQ(counters.ifInMulticastPkts, 10);
  EXPECT_EQ(counters.ifInBroadcastPkts, 0xFFFFFFFF);
  EXPECT_EQ(readBack<wire::ethernet_counters>(records).dot3StatsFCSErrors, 3);
  EXPECT_EQ(readBack<wire::port_name>(records).name, "eth0");

  const Link bridge = link(8, "br0", "bridge", 0);
  const auto ofBridge = recordsOf([&](auto& writer) { addInterfaceCounters(writer, bridge); });
  EXPECT_FALSE(ofBridge.contains(wire::ethernet_counters::kTag)) << "no hardware";
  EXPECT_EQ(readBack<wire::if_counters>(ofBridge).ifType, 209);
}

TEST(HostIdentity, HostsWithoutFirmwareUuidDiffer) {
  FixtureTree firmware, machine, nothing;
  firmware.file("sys/class/dmi/id/product_uuid", "00112233-4455-6677-8899-AABBCCDDEEFF\n");
  machine.file("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  EXPECT_EQ(hostIdentity(firmware.root(), "").uuid[15], 0xFF);
  const auto id = hostIdentity(machine.root(), "").uuid;
  EXPECT_EQ(id, hostIdentity(machine.root(), "").uuid);
  EXPECT_EQ(id, hostIdentity(nothing.root(), "0123456789abcdef0123456789abcdef").uuid) << "-m gives the machine id";
  EXPECT_NE(id, hostIdentity(nothing.root(), "1123456789abcdef0123456789abcdef").uuid);
  EXPECT_NE(id, hostIdentity(nothing.root(), "").uuid);
  EXPECT_EQ(hostIdentity(nothing.root(), "").machineType, 3);
}

}  // namespace
}  // namespace weir::agent
