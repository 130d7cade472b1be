#include "agent/docker_names.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <vector>

#include "agent_host/cgroups.h"
#include "unit/agent_host/fixture_tree.h"

namespace weir::agent {
namespace {

const std::string kWeb(64, 'a'), kDb(64, 'b'), kOther = "c0ffee" + std::string(58, '0');

/// Stands in for Docker: answers on a unix socket, from the test's own loop, what the test says for a target.
class FakeDocker {
 public:
  FakeDocker(EventLoop& loop, const std::string& path) : loop_(loop) {
    listener_ = netlink::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
    loop_.watch(listener_.get(), [this] { accept(); });
  }
  ~FakeDocker() {
    loop_.unwatch(listener_.get());
    loop_.unwatch(client_.get());
  }
  std::map<std::string, std::string> answers;  // by target: all octets
  std::vector<std::string> asked;

 private:
  void accept() {
    client_ = netlink::Descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    loop_.watch(client_.get(), [this] {
      char buffer[4096];
      const ssize_t n = ::recv(client_.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return end();
      const std::string request(buffer, static_cast<std::size_t>(n));
      EXPECT_TRUE(request.starts_with("GET ") && request.find("HTTP/1.1\r\nHost: ") != std::string::npos) << request;
      asked.push_back(request.substr(4, request.find(' ', 4) - 4));
      left_ = answers[asked.back()];
      sendMore();
    });
  }
  // In pieces, to be put together.
  void sendMore() {
    if (left_.empty()) return end();
    const std::string piece = left_.substr(0, std::max<std::size_t>(left_.size() / 3, 7));
    left_.erase(0, piece.size());
    (void)::send(client_.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    loop_.after(0, [this] { sendMore(); });
  }
  void end() {
    loop_.unwatch(client_.get());
    client_.reset();
  }
  EventLoop& loop_;
  netlink::Descriptor listener_, client_;
  std::string left_;
};

std::string http(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string chunked(const std::string& body) {
  std::string out = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 100) {
    const std::string piece = body.substr(at, 100);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    out += size + piece + "\r\n";
  }
  return out + "0\r\n\r\n";
}

std::string entry(const std::string& id, const std::string& names) {
  return R"({"Id":")" + id + R"(","Names":[)" + names +
         R"(],"Image":"nginx:1","State":"running","Labels":{"tier":"front"},"NetworkSettings":{"Networks":{}}})";
}

const std::string kList = "[" + entry(kWeb, R"("/proxy/backend","/web")") + "," + entry(kDb, R"("/db")") + "," +
                          entry(kOther, R"("/db.1")") + "]\n";

struct DockerBench {
  FixtureTree folder;
  EventLoop loop;
  std::string path = folder.root() + "/docker.sock";
  std::vector<DockerNames::Names> told;
  DockerNames docker{loop, path, [this](const auto& names) { told.push_back(names); }};

  void runUntilTold(std::size_t times) {
    for (int i = 0; i < 500 && told.size() < times; ++i) loop.runOnce(10 * kMillisecond);
    ASSERT_EQ(told.size(), times);
  }
};

TEST(DockerNames, AListComesInChunksAndNamesReplaceIds) {
  DockerBench bench;
  FakeDocker daemon(bench.loop, bench.path);
  daemon.answers["/containers/json"] = chunked(kList);
  bench.docker.apply(EntitySettings());
  bench.docker.ask();  // while it asks: nothing more
  bench.runUntilTold(1);
  EXPECT_EQ(bench.told[0], (DockerNames::Names{{kWeb, "web"}, {kDb, "db"}, {kOther, "db.1"}}));
  EXPECT_EQ(daemon.asked, std::vector<std::string>{"/containers/json"});
  bench.docker.ask();
  bench.runUntilTold(2);
}

TEST(DockerNames, HostNamesAreInspectedOnceEach) {
  DockerBench bench;
  FakeDocker daemon(bench.loop, bench.path);
  daemon.answers["/containers/json"] = http(kList);
  daemon.answers["/containers/" + kWeb + "/json"] = http(R"({"Id":"x","Config":{"Hostname":"node","Image":"i"}})");
  daemon.answers["/containers/" + kDb + "/json"] = http(R"({"Id":"x","Config":{"Hostname":"node"}})");
  daemon.answers["/containers/" + kOther + "/json"] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";
  EntitySettings settings;
  settings.hostname = true;
  bench.docker.apply(settings);
  bench.runUntilTold(1);
  EXPECT_EQ(
      bench.told[0],
      (DockerNames::Names{{kWeb, "node." + kWeb.substr(0, 12)}, {kDb, "node." + kDb.substr(0, 12)}, {kOther, "db.1"}}))
      << "two of one name get the beginning of their ids; one that has just ended keeps its name";
  EXPECT_EQ(daemon.asked.size(), 4);
  bench.docker.ask();
  bench.runUntilTold(2);
  EXPECT_EQ(daemon.asked.size(), 6) << "the list, and again only the one that did not answer";
}

TEST(DockerNames, NeitherSilenceNorNonsenseDoHarm) {
  DockerBench bench;
  bench.docker.apply(EntitySettings());
  for (int i = 0; i < 5; ++i) bench.loop.runOnce(kMillisecond);  // no socket: it waits
  EXPECT_TRUE(bench.told.empty());
  for (const std::string& answer :
       {std::string("nonsense\r\n\r\n"), http(R"({"message":"no"})"), http(R"([{"Id":)"), http(R"([1,{"Id":"../x"}])"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), http(kList).substr(0, 30), std::string()}) {
    DockerBench one;
    FakeDocker daemon(one.loop, one.path);
    daemon.answers["/containers/json"] = answer;
    one.docker.apply(EntitySettings());
    for (int i = 0; i < 40; ++i) one.loop.runOnce(kMillisecond);
    for (const auto& names : one.told) EXPECT_TRUE(names.empty());
    EXPECT_EQ(daemon.asked.size(), 1) << "asked again only after a while";
  }
}

TEST(DockerNames, ALongListIsBounded) {
  std::string list = "[";
  for (int i = 0; i < 5000; ++i) {
    char digits[65];
    std::snprintf(digits, sizeof digits, "%064x", i);
    if (i != 0) list += ',';
    list += entry(digits, R"("/c")");
  }
  const auto names = parseContainerList(list + "]");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->size(), kMaxEntities);
  EXPECT_FALSE(parseContainerList("{}"));
}

}  // namespace
}  // namespace weir::agent
