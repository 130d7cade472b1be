#include "agent_host/cgroups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture_tree.h"

namespace weir::agent {
namespace {

const std::string kId(64, 'a');
const std::string kPod = "0123abcd-0000-1111-2222-333344445555";

std::vector<std::string> names(const std::vector<Entity>& entities) {
  std::vector<std::string> out;
  out.reserve(entities.size());
  for (const auto& e : entities) out.push_back(e.name);
  return out;
}

TEST(Cgroups, VersionTwo) {
  FixtureTree tree;
  tree.file("sys/fs/cgroup/cgroup.controllers", "cpu io memory\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/cgroup.procs", "123\n124\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/cpu.stat", "usage_usec 5000000\nuser_usec 1\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/cpu.max", "150000 100000\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/memory.current", "4096\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/memory.max", "max\n")
      .file("sys/fs/cgroup/system.slice/ssh.service/io.stat",
            "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=1 rios=1 wios=1\n")
      .file("sys/fs/cgroup/system.slice/empty.service/cgroup.procs", "")
      .file("sys/fs/cgroup/system.slice/nested.service/sub/cgroup.procs", "9\n")
      .file("sys/fs/cgroup/user.slice/user.service/cgroup.procs", "7\n")
      .file("proc/meminfo", "MemTotal: 1000 kB\n");
  const CgroupTree cgroups(tree.root());
  const auto services = cgroups.find({true, false, false});
  EXPECT_THAT(names(services), testing::ElementsAre("nested.service", "ssh.service"));
  EXPECT_EQ(services[0].cgroups.size(), 2) << "its folder and the one below";
  const auto counters = cgroups.read(services[1]);
  EXPECT_EQ(counters.cpuMs, 5000);
  EXPECT_EQ(counters.processors, 2);
  EXPECT_EQ(counters.memory, 4096);
  EXPECT_EQ(counters.maxMemory, 1000 * 1024) << "max: the host's";
  EXPECT_EQ(counters.readBytes, 11);
  EXPECT_EQ(counters.writeRequests, 3);
  EXPECT_FALSE(counters.net) << "services share the host's network";
  EXPECT_TRUE(cgroups.find({false, true, true}).empty());
}

TEST(Cgroups, ContainersOfAnyEngineAndPods) {
  FixtureTree tree;
  const std::string other(64, 'b'), third(64, 'c'), inPod(64, 'd');
  const std::string pod =
      "sys/fs/cgroup/kubepods.slice/kubepods-besteffort.slice/"
      "kubepods-besteffort-pod0123abcd_0000_1111_2222_333344445555.slice";
  tree.file("sys/fs/cgroup/cgroup.controllers", "cpu\n")
      .file("sys/fs/cgroup/system.slice/docker-" + kId + ".scope/cgroup.procs", "50\n")
      .file("sys/fs/cgroup/machine.slice/libpod-" + other + ".scope/cgroup.procs", "51\n")
      .file("sys/fs/cgroup/docker/" + third + "/cgroup.procs", "52\n")
      .file(pod + "/cri-containerd-" + inPod + ".scope/cgroup.procs", "53\n")
      .file(pod + "/cpu.stat", "usage_usec 7000\n")
      .file("var/lib/docker/containers/" + kId + "/config.v2.json",
            R"({"State":{},"Name":"/web","Config":{"Hostname":"x"}})")
      .folder("var/log/pods/default_shop-1_" + kPod)
      .file("proc/50/net/dev",
            "Inter-| Receive\n face |bytes\n    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n  eth0: 100 2 3 4 0 0 0 0 200 5 6 "
            "7 0 0 0 0\n");
  const CgroupTree cgroups(tree.root());
  const auto containers = cgroups.find({false, true, false});
  EXPECT_THAT(names(containers), testing::UnorderedElementsAre("web", "bbbbbbbbbbbb", "cccccccccccc", "dddddddddddd"));
  const auto both = cgroups.find({false, true, true});
  ASSERT_THAT(names(both), testing::Contains("k8s__shop-1_default_u_a"));
  EXPECT_EQ(both.size(), 4) << "the container in the pod belongs to it";
  for (const auto& e : both) {
    const auto counters = cgroups.read(e);
    if (e.kind == EntityKind::pod) {
      EXPECT_EQ(counters.cpuMs, 7);
      EXPECT_EQ(e.id, kPod);
    }
    if (e.name == "web") {
      ASSERT_TRUE(counters.net);
      EXPECT_EQ(counters.net->bytesIn, 100);
      EXPECT_EQ(counters.net->dropsOut, 7);
    }
  }
}

TEST(Cgroups, VersionOneBesideAnEmptyVersionTwo) {
  FixtureTree tree;
  tree.file("sys/fs/cgroup/unified/cgroup.controllers", "\n")
      .file("sys/fs/cgroup/systemd/system.slice/cron.service/cgroup.procs", "5\n")
      .folder("sys/fs/cgroup/unified/system.slice/cron.service")
      .file("sys/fs/cgroup/cpuacct/system.slice/cron.service/cpuacct.usage", "3000000000\n")
      .file("sys/fs/cgroup/memory/system.slice/cron.service/memory.usage_in_bytes", "777\n")
      .file("sys/fs/cgroup/memory/system.slice/cron.service/memory.limit_in_bytes", "9223372036854771712\n")
      .file("sys/fs/cgroup/blkio/system.slice/cron.service/blkio.throttle.io_service_bytes",
            "8:0 Read 11\n8:0 Write 22\n8:0 Total 33\nTotal 33\n")
      .file("sys/fs/cgroup/blkio/system.slice/cron.service/blkio.throttle.io_serviced", "8:0 Read 1\n8:0 Write 2\n")
      .file("proc/meminfo", "MemTotal: 10 kB\n");
  const CgroupTree cgroups(tree.root());
  const auto services = cgroups.find({true, false, false});
  ASSERT_EQ(services.size(), 1);
  EXPECT_EQ(services[0].cgroups.size(), 1) << "sockets tell the folder of version 2";
  const auto counters = cgroups.read(services[0]);
  EXPECT_EQ(counters.cpuMs, 3000);
  EXPECT_EQ(counters.memory, 777);
  EXPECT_EQ(counters.maxMemory, 10 * 1024) << "a limit above the host's memory is none";
  EXPECT_EQ(counters.readBytes, 11);
  EXPECT_EQ(counters.writeBytes, 22);
  EXPECT_EQ(counters.writeRequests, 2);
}

TEST(Cgroups, AContainerInTheNetworkOfTheHostHasNoneOfItsOwn) {
  FixtureTree tree;
  tree.file("sys/fs/cgroup/cgroup.controllers", "cpu\n")
      .file("sys/fs/cgroup/docker/" + kId + "/cgroup.procs", "50\n")
      .file("proc/self/net/dev", "eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n")
      .folder("proc/50/net");
  std::filesystem::create_hard_link(tree.root() + "/proc/self/net/dev", tree.root() + "/proc/50/net/dev");
  const CgroupTree cgroups(tree.root());
  const auto found = cgroups.find({false, true, false});
  ASSERT_EQ(found.size(), 1);
  EXPECT_FALSE(cgroups.read(found[0]).net);
}

TEST(Cgroups, NothingThereIsNoFault) {
  FixtureTree tree;
  EXPECT_TRUE(CgroupTree(tree.root()).find({true, true, true}).empty());
}

}  // namespace
}  // namespace weir::agent
