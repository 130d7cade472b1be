#include "agent/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace weir::agent {
namespace {

// select(2) ends at 1,024 descriptors, and with it hsflowd.
TEST(EventLoop, DescriptorsAboveThoseOfSelect) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min<rlim_t>(std::max<rlim_t>(limit.rlim_cur, 2100), limit.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const netlink::Descriptor low(fds[0]), in(fds[1]), high(::fcntl(fds[0], F_DUPFD, 2000));
  if (!high) GTEST_SKIP() << "needs a limit of more than 2,000 open files";
  EventLoop loop;
  int read = 0;
  loop.watch(high.get(), [&] {
    char c;
    read += static_cast<int>(::read(high.get(), &c, 1));
  });
  ASSERT_EQ(::write(in.get(), "x", 1), 1);
  loop.runOnce(kSecond);
  EXPECT_EQ(read, 1);
}

TEST(EventLoop, HandlersMayRemoveThemselvesAndEachOther) {
  EventLoop loop;
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const netlink::Descriptor out(fds[0]), in(fds[1]);
  ASSERT_EQ(::write(in.get(), "x", 1), 1);
  int reads = 0, fired = 0;
  loop.watch(out.get(), [&] {
    ++reads;
    loop.unwatch(out.get());
  });
  EventLoop::TimerId second = 0;
  loop.after(0, [&] {
    ++fired;
    loop.cancel(second);
  });
  second = loop.after(0, [&] { ++fired; });
  for (int i = 0; i < 3; ++i) loop.runOnce(kMillisecond);
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(fired, 1) << "one timer cancelled the other";
}

}  // namespace
}  // namespace weir::agent
