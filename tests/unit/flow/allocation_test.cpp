#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "test_sample.h"

// Looking at a sample allocates nothing, once a thread has looked at one.

namespace {
std::atomic<std::size_t> allocations{0};
}

// AddressSanitizer has operators of its own, which these must not meet.
#ifndef __SANITIZE_ADDRESS__
// Not inlined: the compiler would see malloc meet a delete that it knows.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size == 0 ? 1 : size); p != nullptr) return p;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
  std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
#endif

namespace weir::flow {
namespace {

using decode::Layer;

TEST(Allocation, EvaluatingAllocatesNothing) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer counts allocations itself";
#endif
  test::TestSample sample;
  sample.layer(Layer::eth, "00259058DFCC 000000CC0A0B 0800", 0x0800);
  sample.layer(Layer::ip, "4500 0100 1267 4000 40 06 0000 0A000001 0A000002", 6);
  sample.layer(Layer::tcp, "CB84 01BB 12345678 00000009 5012 FAF0 0000 0000", 443);
  const SampleFields& fields = sample.fields();
  const std::pair<const char*, const char*> definitions[] = {
      {"ipsource,ipdestination,or:tcpsourceport:udpsourceport,stack", "ipprotocol=6,17&tcpflags~....1..1."},
      {"concat:-:ipsource:ipdestination,prefix:ipsource:.:2,mask:ipsource:8", "ipsource~10[.]0[.].*&agent!~10.*"},
      {"null:vlan:none,if:[first:stack:.:ip:ip6]:ip:ipsource:ip6source",
       "suffix:ipsource:.:2=0.1&eq:ipsource:ipdestination=false"},
      {"suffix:macsource:0:1,first:ipsource:.:10", "concat:/:macsource:macdestination~.*/.*"},
  };
  for (const auto& [keys, filter] : definitions) {
    const auto compiled = CompiledDefinition::compile("t", test::definitionOf(keys, "or:ipbytes:ip6bytes", filter));
    ASSERT_TRUE(compiled) << keys << ' ' << filter << ' ' << compiled.error().text();
    std::uint8_t key[CompiledDefinition::kMaxKeySize];
    double amount = 0;
    ASSERT_TRUE((*compiled)->evaluate(fields, key, amount)) << keys << ' ' << filter;
    KeysSeen seen;
    seen.note(fields, kSecond);
    const std::size_t before = allocations.load();
    for (int i = 0; i < 100; ++i) {
      (void)(*compiled)->evaluate(fields, key, amount);
      seen.note(fields, kSecond + i * (kSecond / 10));
    }
    EXPECT_EQ(allocations.load(), before) << keys << ' ' << filter;
  }
}

}  // namespace
}  // namespace weir::flow
