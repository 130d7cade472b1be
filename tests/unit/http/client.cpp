#include "http/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/gzip.h"
#include "masked_transport.h"
#include "server_fixture.h"

namespace weir::http {
namespace {

using std::chrono::milliseconds;
using Answer = Expected<ClientAnswer>;

/// A client and the io_context that it lives on, run by the test itself until an answer is there.
class Asking {
 public:
  explicit Asking(ClientOptions options = {}, MakeClientTransport transport = plainClientTransport)
      : client(std::in_place, io, options, std::move(transport)) {}

  Answer ask(ClientRequest request) {
    std::optional<Answer> answer;
    client->ask(std::move(request), [&](Answer a) { answer = std::move(a); });
    EXPECT_FALSE(answer) << "answered from inside ask()";
    runUntil([&] { return answer.has_value(); });
    return answer.value_or(fail("not answered in ten seconds"));
  }
  Answer get(std::string url) { return ask({.url = std::move(url)}); }
  void runUntil(const std::function<bool()>& done) {
    io.restart();
    for (const Nanos end = monotonicNow() + 10 * kSecond; !done() && monotonicNow() < end;) {
      io.run_one_for(milliseconds(100));
      io.restart();
    }
  }

  boost::asio::io_context io;
  std::optional<Client> client;
};

/// Accepts connections one after the other, reads up to the end of a request's header and writes what the test says.
class Script {
 public:
  explicit Script(std::vector<std::string> answers)
      : answers_(std::move(answers)), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(listen(fd_, 8), 0);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    url = "http://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { run(); });
  }
  ~Script() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  std::string url;
  std::vector<std::string> heads;  ///< of the requests; to be read when the answers are there

 private:
  void run() {
    for (const std::string& answer : answers_) {
      const int peer = accept(fd_, nullptr, nullptr);
      if (peer < 0) return;
      std::string head;
      char octet = 0;
      while (!head.ends_with("\r\n\r\n") && recv(peer, &octet, 1, 0) == 1) head += octet;
      heads.push_back(head);
      (void)!send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      shutdown(peer, SHUT_WR);
      while (recv(peer, &octet, 1, 0) == 1) {
      }
      close(peer);
    }
  }
  std::vector<std::string> answers_;
  int fd_;
  std::thread thread_;
};

class ClientOfServer : public test::ServerTest {
 protected:
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + path;
  }
};

TEST_F(ClientOfServer, asks_and_is_answered) {
  start();
  Asking a;
  const auto version = a.get(url("/version"));
  ASSERT_TRUE(version) << version.error().text();
  EXPECT_EQ(version->status, 200u);
  EXPECT_EQ(version->body, "0.1-1");
  EXPECT_EQ(version->headers["content-type"], "text/plain");
  EXPECT_EQ(a.ask({.url = url("/item/x"), .method = "PUT", .body = "text"})->status, 204u);
  EXPECT_EQ(a.get(url("/item/x"))->body, "text");
  EXPECT_EQ(a.ask({.url = url("/item/x"), .method = "HEAD"})->headers["Content-Length"], "4");
  EXPECT_EQ(a.ask({.url = url("/item/x"), .method = "DELETE"})->status, 204u);
  EXPECT_EQ(a.get(url("/item/x"))->status, 404u) << "an answer like others";
  EXPECT_EQ(a.client->underWay(), 0u);
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; })) << "none is kept unless asked for";
}

TEST_F(ClientOfServer, large_bodies_both_ways) {
  start();
  Asking a;
  const std::string text(10 << 20, 'x');
  EXPECT_EQ(a.ask({.url = url("/item/x"), .method = "POST", .body = text})->status, 204u);
  EXPECT_EQ(a.get(url("/item/x"))->body, text);
}

TEST_F(ClientOfServer, keeps_connections_where_it_may) {
  start();
  Asking a({.keptConnections = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a.get(url("/version"))->body, "0.1-1");
  EXPECT_EQ(server->figures().connectionsTotal, 1u);
  EXPECT_EQ(a.client->keptConnections(), 1u);
}

TEST_F(ClientOfServer, a_kept_connection_that_was_closed_is_no_trouble) {
  ServerOptions options;
  options.idleTimeout = milliseconds(50);
  start(options);
  Asking a({.keptConnections = 4});
  EXPECT_EQ(a.get(url("/version"))->body, "0.1-1");
  // The client does not run meanwhile, so it does not know.
  ASSERT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; }));
  EXPECT_EQ(a.get(url("/version"))->body, "0.1-1");
}

TEST_F(ClientOfServer, compressed_answers) {
  start();
  app->extraOctets = 1 << 20;
  Asking a({.gzip = true});
  const auto answer = a.get(url("/answer/x"));
  EXPECT_EQ(answer->headers["Content-Encoding"], "gzip");
  EXPECT_GT(answer->body.size(), std::size_t{1} << 20);
  Asking small({.bodyBytes = 1 << 16, .gzip = true});
  EXPECT_FALSE(small.get(url("/answer/x"))) << "it unpacks to more than is allowed";
}

TEST_F(ClientOfServer, a_silent_server_is_given_up) {
  start();
  app->hold();
  Asking a({.idleTimeout = milliseconds(100)});
  const auto answer = a.get(url("/answer/x"));
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("waited too long for an answer"), std::string::npos) << answer.error().message;
  app->release();
}

TEST_F(ClientOfServer, an_answer_without_end_is_given_up) {
  start();
  Asking a({.wholeTimeout = milliseconds(200)});
  EXPECT_FALSE(a.get(url("/stream")));
}

TEST_F(ClientOfServer, what_is_cancelled_is_not_answered) {
  start();
  app->hold();
  Asking a;
  bool answered = false;
  const auto id = a.client->ask({.url = url("/answer/x")}, [&](const Answer&) { answered = true; });
  a.runUntil([&] { return app->keptBack() == 1; });
  a.client->cancel(id);
  a.client->cancel(id);
  a.client->ask({.url = url("/answer/x")}, [&](const Answer&) { answered = true; });
  a.client.reset();
  a.io.restart();
  a.io.run();  // nothing is left to do
  EXPECT_FALSE(answered);
  app->release();
}

TEST_F(ClientOfServer, a_client_may_end_in_its_callback) {
  start();
  Asking a;
  bool answered = false;
  a.client->ask({.url = url("/version")}, [&](const Answer&) {
    a.client.reset();
    answered = true;
  });
  a.runUntil([&] { return answered; });
  EXPECT_TRUE(answered);
}

TEST_F(ClientOfServer, another_transport_under_both) {
  auto opened = Server::open({.hostname = "127.0.0.1"}, test::maskedTransport);
  ASSERT_TRUE(opened);
  server = std::move(*opened);
  app = std::make_unique<test::App>(*server);
  server->start([this](const Request& request, const ReplyPtr& reply) { app->handle(request, reply); });
  app->extraOctets = 1 << 20;
  Asking a({.keptConnections = 1},
           [](boost::asio::ip::tcp::socket socket, const Url& to) -> std::unique_ptr<Transport> {
             return to.scheme == "masked" ? test::maskedTransport(std::move(socket)) : nullptr;
           });
  const std::string path = "://127.0.0.1:" + std::to_string(server->port()) + "/answer/x";
  for (int i = 0; i < 2; ++i) {
    const auto answer = a.get("masked" + path);
    ASSERT_TRUE(answer) << answer.error().text();
    EXPECT_TRUE(answer->body.starts_with("{\"answer\":\"x\"}"));
    EXPECT_GT(answer->body.size(), std::size_t{1} << 20);
  }
  const auto other = a.get("https" + path);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("there is no transport for https"), std::string::npos);
}

TEST(HttpClient, what_cannot_be_asked_is_an_error) {
  Asking a;
  for (const ClientRequest& bad :
       std::vector<ClientRequest>{{.url = ""},
                                  {.url = "/path"},
                                  {.url = "http://"},
                                  {.url = "http://user@host/"},
                                  {.url = "http://h/a b"},
                                  {.url = "http://h/\r\nX: y"},
                                  {.url = "http://h/", .method = "GET / HTTP/1.1\r\nX:"},
                                  {.url = "http://h/", .headers = {{"X", "a\r\nHost: b"}}},
                                  {.url = "http://h/", .headers = {{"X\r\nY", "a"}}},
                                  {.url = "http://h/", .headers = {{"host", "b"}}},
                                  {.url = "http://h/", .headers = {{"Transfer-Encoding", "chunked"}}},
                                  {.url = "http://h/", .contentType = "a\nb"}}) {
    EXPECT_FALSE(a.ask(bad)) << bad.url;
  }
}

TEST(HttpClient, no_server_is_an_error) {
  std::string url;
  { url = Script({}).url; }
  Asking a;
  const auto answer = a.get(url);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("cannot connect"), std::string::npos) << answer.error().message;
  EXPECT_NE(answer.error().message.find(url), std::string::npos);
}

TEST(HttpClient, answers_of_every_kind) {
  const std::string gz = *gzip("unpacked");
  const Script script({
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX: y\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\nto the end",
      "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold",
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
      "2\r\n\r\nok",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(gz.size()) + "\r\n\r\n" + gz,
  });
  Asking a;
  EXPECT_EQ(a.get(script.url)->body, "abcde");
  EXPECT_EQ(a.get(script.url)->body, "to the end");
  EXPECT_EQ(a.get(script.url)->body, "old");
  const auto created = a.get(script.url);
  EXPECT_EQ(created->status, 201u);
  EXPECT_EQ(created->body, "ok");
  EXPECT_EQ(a.get(script.url)->status, 204u);
  EXPECT_EQ(a.get(script.url)->status, 304u);
  EXPECT_EQ(a.get(script.url)->body, gz) << "as it came: it was not asked to unpack";
}

TEST(HttpClient, answers_that_are_refused) {
  const std::vector<std::string> bad{
      "",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + std::string(3000, 'x'),
      "HTTP/1.1 200 OK\r\n\r\n" + std::string(3000, 'x'),
      "HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "SSH-2.0-OpenSSH\r\n",
  };
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  std::vector<std::string> all = bad;
  all.push_back(interim);
  const Script script(all);
  Asking a({.headerBytes = 2000, .bodyBytes = 2000});
  for (const std::string& each : all) EXPECT_FALSE(a.get(script.url)) << each.substr(0, 80);
}

TEST(HttpClient, redirects_are_answers_unless_they_are_followed) {
  const std::string moved = "HTTP/1.1 302 Found\r\nLocation: /there?x\r\nContent-Length: 0\r\n\r\n";
  Script script({moved, moved, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", moved, moved});
  Asking plain, following({.redirects = 1});
  EXPECT_EQ(plain.get(script.url + "/here")->status, 302u);
  EXPECT_EQ(following.ask({.url = script.url + "/here", .method = "POST", .body = "x"})->body, "ok");
  EXPECT_EQ(following.get(script.url + "/here")->status, 302u) << "one only";
  EXPECT_TRUE(script.heads[1].starts_with("POST /here "));
  EXPECT_TRUE(script.heads[2].starts_with("GET /there?x "));
  EXPECT_EQ(script.heads[2].find("Content-Length"), std::string::npos);
}

TEST(HttpClient, secrets_stay_with_their_origin) {
  Script other({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"});
  Script script({"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + other.url + "/\r\nContent-Length: 0\r\n\r\n"});
  Asking a({.redirects = 3});
  EXPECT_EQ(a.ask({.url = script.url, .headers = {{"Authorization", "Bearer s"}, {"X-Mine", "y"}}})->body, "ok");
  EXPECT_NE(script.heads[0].find("Authorization: Bearer s"), std::string::npos);
  EXPECT_EQ(other.heads[0].find("Authorization"), std::string::npos);
  EXPECT_NE(other.heads[0].find("X-Mine: y"), std::string::npos);
}

TEST(HttpUrl, parts) {
  const auto url = parseUrl("HTTP://Host.Example:8008/a/b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "http");
  EXPECT_EQ(url->host(), "host.example:8008");
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(parseUrl("http://h")->target, "/");
  EXPECT_EQ(parseUrl("http://h?q")->target, "/?q");
  EXPECT_EQ(parseUrl("http://h")->port(), 80);
  EXPECT_EQ(parseUrl("https://h")->port(), 443);
  EXPECT_EQ(parseUrl("http://[2001:DB8::1]/")->host(), "[2001:db8::1]");
  for (const char* bad :
       {"", "h", "://h", "http:", "http:///x", "http://u:p@h/", "http://h:x/", "http://h/\x7f", "http://h/\xc3\xa4"}) {
    EXPECT_FALSE(parseUrl(bad)) << bad;
  }
}

TEST(HttpUrl, references) {
  const Url base = *parseUrl("http://h:1/a/b/c?d");
  const auto to = [&](std::string_view reference) {
    const auto url = resolveUrl(base, reference);
    return url ? url->scheme + " " + url->host() + " " + url->target : "bad";
  };
  EXPECT_EQ(to("x"), "http h:1 /a/b/x");
  EXPECT_EQ(to("./x?y#z"), "http h:1 /a/b/x?y");
  EXPECT_EQ(to("../x"), "http h:1 /a/x");
  EXPECT_EQ(to("../../../../x"), "http h:1 /x");
  EXPECT_EQ(to("/x/../y/."), "http h:1 /y/");
  EXPECT_EQ(to("?q"), "http h:1 /a/b/c?q");
  EXPECT_EQ(to(""), "http h:1 /a/b/c?d");
  EXPECT_EQ(to("#f"), "http h:1 /a/b/c?d");
  EXPECT_EQ(to("//other/x"), "http other /x");
  EXPECT_EQ(to("https://other/x"), "https other /x");
  EXPECT_EQ(to("a b"), "bad");
  EXPECT_EQ(to("mailto:x"), "bad");
}

}  // namespace
}  // namespace weir::http
