#include "agent_host/virtual_machines.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <net/if.h>

#include <thread>

namespace weir::agent {
namespace {

const std::string kMail = "11111111-1111-1111-1111-111111111111", kBuild = "22222222-2222-2222-2222-222222222222";

/// A variable of the library that stands in for libvirt.
int& fake(const char* name) {
  void* handle = ::dlopen(WEIR_FAKE_LIBVIRT, RTLD_NOW);
  return *static_cast<int*>(::dlsym(handle, name));
}

template <class Condition>
bool comesTrue(Condition&& condition) {
  for (int i = 0; i < 5000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return condition();
}

TEST(VirtualMachines, CountersOfAllThatRun) {
  auto machines = VirtualMachines::open(3600 * kSecond, WEIR_FAKE_LIBVIRT);
  ASSERT_TRUE(machines) << machines.error().text();
  ASSERT_TRUE(comesTrue([&] { return (*machines)->rounds() == 1; }));
  const auto list = (*machines)->list();
  ASSERT_EQ(list.size(), 2);
  EXPECT_EQ(list[0].kind, EntityKind::machine);
  EXPECT_EQ(list[0].id, kMail);
  EXPECT_EQ(list[0].name, "mail");
  const auto mail = (*machines)->read(kMail);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->state, 1);
  EXPECT_EQ(mail->cpuMs, 5000);
  EXPECT_EQ(mail->processors, 4);
  EXPECT_EQ(mail->memory, 1ULL << 30);
  EXPECT_EQ(mail->maxMemory, 2ULL << 30);
  EXPECT_EQ(mail->diskCapacity, 2ULL << 40) << "of all disks";
  EXPECT_EQ(mail->diskAllocation, 1ULL << 30);
  EXPECT_EQ(mail->readRequests, 10);
  EXPECT_EQ(mail->readBytes, 1001);
  EXPECT_EQ(mail->writeBytes, 2000);
  ASSERT_TRUE(mail->net);
  EXPECT_EQ(mail->net->bytesIn, (1ULL << 33) + 7);
  EXPECT_EQ(mail->net->packetsIn, 5);
  EXPECT_EQ(mail->net->dropsOut, 6);
  ASSERT_EQ(mail->adapters.size(), 1);
  EXPECT_EQ(mail->adapters[0].mac, (std::array<std::uint8_t, 6>{0x52, 0x54, 0, 0xAB, 0xCD, 1}));
  EXPECT_EQ(mail->adapters[0].ifIndex, ::if_nametoindex("lo"));
  const auto build = (*machines)->read(kBuild);
  ASSERT_TRUE(build);
  EXPECT_EQ(build->state, 3) << "paused";
  EXPECT_FALSE(build->net);
  EXPECT_FALSE((*machines)->read("nobody"));
}

TEST(VirtualMachines, AConnectionThatBreaksIsMadeAgain) {
  {
    auto machines = VirtualMachines::open(kMillisecond, WEIR_FAKE_LIBVIRT);
    ASSERT_TRUE(machines) << machines.error().text();
    ASSERT_TRUE(comesTrue([&] { return (*machines)->list().size() == 2; }));
    __atomic_store_n(&fake("fakeDown"), 1, __ATOMIC_RELAXED);
    ASSERT_TRUE(comesTrue([&] { return (*machines)->list().empty(); })) << "nothing is told of what is not known";
    __atomic_store_n(&fake("fakeDown"), 0, __ATOMIC_RELAXED);
    ASSERT_TRUE(comesTrue([&] { return (*machines)->list().size() == 2; }));
  }
  EXPECT_EQ(fake("fakeConnections"), 0) << "each was closed";
}

TEST(VirtualMachines, WithoutLibvirtThereAreNone) {
  EXPECT_FALSE(VirtualMachines::open(kSecond, "libno-such-hypervisor.so.0"));
  EXPECT_FALSE(VirtualMachines::open(kSecond, "libc.so.6")) << "a library that is no libvirt";
}

TEST(VirtualMachines, DescriptionsThatMakeNoSense) {
  EXPECT_TRUE(parseAdapters("").empty());
  EXPECT_TRUE(parseAdapters("<interface ").empty());
  EXPECT_TRUE(parseAdapters("<interface type='x'><mac address='52:54:00:zz:00:01'/></interface>").empty());
  EXPECT_TRUE(parseAdapters("<interface type='x'><mac address='52:54'/></interface><mac address='").empty());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "<interface type='x'><mac address='52:54:00:00:00:01'/></interface>";
  EXPECT_EQ(parseAdapters(many).size(), 32);
}

}  // namespace
}  // namespace weir::agent
