#include "agent_host/container_networks.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace weir::agent {
namespace {

/// A process in a network namespace of its own that has this address. Gone with its owner.
class FakeContainer {
 public:
  explicit FakeContainer(const char* address) {
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    const netlink::Descriptor told(fds[0]);
    process_ = ::fork();
    if (process_ == 0) {
      const char done = live(address) ? 1 : 0;
      (void)!::write(fds[1], &done, 1);
      ::pause();
      ::_exit(0);
    }
    ::close(fds[1]);
    char done = 0;
    made_ = ::read(told.get(), &done, 1) == 1 && done == 1;
  }
  ~FakeContainer() { end(); }
  FakeContainer(const FakeContainer&) = delete;
  FakeContainer& operator=(const FakeContainer&) = delete;

  void end() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  [[nodiscard]] bool made() const { return made_; }
  [[nodiscard]] std::uint64_t process() const { return static_cast<std::uint64_t>(process_); }

 private:
  static bool live(const char* address) {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (::ioctl(fd, SIOCSIFFLAGS, &request) != 0) return false;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &in.sin_addr);
    std::memcpy(&request.ifr_addr, &in, sizeof in);
    return ::ioctl(fd, SIOCSIFADDR, &request) == 0;
  }
  pid_t process_ = 0;
  bool made_ = false;
};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(ContainerNetworks, KnowWhoseAnAddressIsUntilTheContainerEnds) {
  FakeContainer one("10.66.0.1"), two("10.66.0.2");
  if (!one.made() || !two.made()) GTEST_SKIP() << "needs CAP_SYS_ADMIN, to make network namespaces";
  ContainerNetworks networks("");
  networks.update(std::array{ContainerNetworks::Container{one.process(), 7},
                             ContainerNetworks::Container{two.process(), 8},
                             ContainerNetworks::Container{one.process(), 9},
                             ContainerNetworks::Container{static_cast<std::uint64_t>(::getpid()), 10},
                             ContainerNetworks::Container{0x7FFFFFFF, 11}});
  EXPECT_EQ(networks.size(), 2) << "ours and one that is gone are none";
  ASSERT_NE(networks.find(ip("10.66.0.1")), nullptr);
  EXPECT_EQ(networks.find(ip("10.66.0.1"))->source, 7) << "the first of those that share it";
  ASSERT_NE(networks.find(ip("10.66.0.2")), nullptr);
  EXPECT_EQ(networks.find(ip("10.66.0.2"))->source, 8);
  EXPECT_EQ(networks.find(ip("127.0.0.1")), nullptr);
  EXPECT_EQ(networks.find(ip("10.66.0.3")), nullptr);
  const auto* before = networks.find(ip("10.66.0.1"))->connections;
  two.end();
  networks.update(std::array{ContainerNetworks::Container{one.process(), 7}});
  EXPECT_EQ(networks.size(), 1);
  EXPECT_EQ(networks.find(ip("10.66.0.2")), nullptr);
  EXPECT_EQ(networks.find(ip("10.66.0.1"))->connections, before) << "its sockets stay open";
  networks.update({});
  EXPECT_EQ(networks.size(), 0);
}

TEST(ContainerNetworks, AnAddressThatTwoHaveIsNobodys) {
  FakeContainer one("10.66.0.1"), two("10.66.0.1");
  if (!one.made() || !two.made()) GTEST_SKIP() << "needs CAP_SYS_ADMIN, to make network namespaces";
  ContainerNetworks networks("");
  networks.update(
      std::array{ContainerNetworks::Container{one.process(), 7}, ContainerNetworks::Container{two.process(), 8}});
  EXPECT_EQ(networks.size(), 2);
  EXPECT_EQ(networks.find(ip("10.66.0.1")), nullptr);
}

}  // namespace
}  // namespace weir::agent
