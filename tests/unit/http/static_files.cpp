#include "http/static_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "http/conditional.h"
#include "server_fixture.h"

namespace weir::http {
namespace {

namespace fs = std::filesystem;
using test::Client;

/// A folder `site` with a secret beside it.
class Site : public testing::Test {
 protected:
  Site() {
    std::string pattern = testing::TempDir() + "weir_site_XXXXXX";
    top = mkdtemp(pattern.data());
    fs::create_directories(top / "site/sub");
    write("secret.txt", "secret");
    write("site/index.html", "<p>hello");
    write("site/sub/index.html", "<p>below");
    write("site/a b.txt", "blank");
    write("site/.hidden", "secret");
    write("site/page.js", std::string(5000, ' '));
    write("site/Logo.PNG", std::string(5000, ' '));
    write("site/empty.css", "");
    fs::create_symlink("../secret.txt", top / "site/link.txt");
    fs::create_symlink("..", top / "site/up");
    fs::create_symlink("sub", top / "site/inner");
    mkfifo((top / "site/fifo").c_str(), 0600);
  }
  ~Site() override { fs::remove_all(top); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(top / name) << text; }
  [[nodiscard]] StaticFiles files() const { return StaticFiles((top / "site").string()); }
  [[nodiscard]] Response get(std::vector<std::string> path, bool slash = false) const {
    return files().get(path, slash);
  }
  static std::string headerOf(const Response& r, std::string_view name) {
    for (const auto& [n, value] : r.headers) {
      if (n == name) return value;
    }
    return "";
  }

  fs::path top;
};

TEST_F(Site, files_have_their_types) {
  EXPECT_EQ(get({"page.js"}).contentType, "text/javascript; charset=utf-8");
  EXPECT_EQ(get({"Logo.PNG"}).contentType, "image/png");
  EXPECT_EQ(get({"a b.txt"}).body, "blank");
  EXPECT_EQ(get({"empty.css"}).status, 200u);
  EXPECT_EQ(mediaTypeOf("x.tar.gz"), "application/gzip");
  EXPECT_EQ(mediaTypeOf("noending"), "application/octet-stream");
  EXPECT_EQ(mediaTypeOf("x."), "application/octet-stream");
}

TEST_F(Site, folders_are_their_index) {
  EXPECT_EQ(get({}, true).body, "<p>hello");
  EXPECT_EQ(get({"sub"}, true).body, "<p>below");
  EXPECT_EQ(get({"sub"}).status, 302u);
  EXPECT_EQ(headerOf(get({"sub"}), "Location"), "sub/");
  fs::create_directory(top / "site/x y");
  EXPECT_EQ(headerOf(get({"x y"}), "Location"), "x%20y/");
  EXPECT_EQ(get({"x y"}, true).status, 404u);
  EXPECT_EQ(get({"page.js"}, true).status, 404u);
}

TEST_F(Site, nothing_else_is_opened) {
  const std::string nul("page.js\0.txt", 12);
  for (const std::vector<std::string>& path : std::vector<std::vector<std::string>>{{".."},
                                                                                    {"..", "secret.txt"},
                                                                                    {"sub", "..", "..", "secret.txt"},
                                                                                    {"../secret.txt"},
                                                                                    {"sub/../../secret.txt"},
                                                                                    {"/etc/passwd"},
                                                                                    {"", "etc", "passwd"},
                                                                                    {"."},
                                                                                    {".", "page.js"},
                                                                                    {""},
                                                                                    {".hidden"},
                                                                                    {"sub", ""},
                                                                                    {nul},
                                                                                    {"link.txt"},
                                                                                    {"up", "secret.txt"},
                                                                                    {"inner", "index.html"},
                                                                                    {"fifo"},
                                                                                    {"no.txt"},
                                                                                    {"page.js", "x"},
                                                                                    {std::string(5000, 'a')}}) {
    const Response r = get(path);
    EXPECT_EQ(r.status, 404u) << testing::PrintToString(path);
    EXPECT_EQ(r.body.find("secret"), std::string::npos);
    EXPECT_EQ(get(path, true).status, 404u) << testing::PrintToString(path);
  }
  EXPECT_EQ(StaticFiles("/nonexistent").get({}, true).status, 404u);
}

TEST_F(Site, a_copy_that_is_held_is_not_sent_again) {
  Request request;
  const Response first = get({"page.js"});
  EXPECT_FALSE(isHeldByClient(request, first));
  request.headers.add("If-None-Match", headerOf(first, "ETag"));
  EXPECT_TRUE(isHeldByClient(request, first));
  write("site/page.js", "changed");
  EXPECT_FALSE(isHeldByClient(request, get({"page.js"})));
  Request dated;
  dated.headers.add("If-Modified-Since", headerOf(first, "Last-Modified"));
  EXPECT_TRUE(isHeldByClient(dated, first));
}

/// The same through a server.
class ServedSite : public Site {
 protected:
  ServedSite() : static_files(files()) {
    auto opened = Server::open({.hostname = "127.0.0.1"});
    EXPECT_TRUE(opened);
    server = std::move(*opened);
    server->start([this](const Request& request, const ReplyPtr& reply) {
      server->offload([this, path = request.path, slash = request.slashAtEnd, reply] {
        reply->send(static_files.get(path, slash));
      });
    });
  }
  ~ServedSite() override { server->stop(); }
  [[nodiscard]] Client client() const { return Client(server->port()); }

  StaticFiles static_files;
  std::unique_ptr<Server> server;
};

TEST_F(ServedSite, conditions_heads_and_compression) {
  Client c = client();
  const auto whole = c.get("/page.js");
  EXPECT_EQ(whole.body.size(), 5000u);
  const std::size_t at = whole.head.find("ETag: ") + 6;
  const std::string tag = whole.head.substr(at, whole.head.find("\r\n", at) - at);
  c.send("GET /page.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\", " + tag + "\r\n\r\n");
  const auto held = c.answer();
  EXPECT_EQ(held.status, 304u);
  EXPECT_TRUE(held.has("ETag: " + tag));
  EXPECT_TRUE(held.has("Vary: Accept-Encoding\r\n"));
  EXPECT_FALSE(held.has("Content-Length"));
  EXPECT_FALSE(held.has("\r\nContent-Type:"));
  c.send("HEAD /page.js HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(c.answer(true).has("Content-Length: 5000\r\n"));
  c.send("GET /page.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  const auto compressed = c.answer();
  EXPECT_TRUE(compressed.has("Content-Encoding: gzip\r\n"));
  EXPECT_LT(compressed.body.size(), 200u);
  c.send("GET /page.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + tag + "\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(c.answer().status, 304u);
}

TEST_F(ServedSite, nothing_outside_whatever_the_target) {
  Client c = client();
  for (const char* target : {"/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/sub%2f..%2f..%2fsecret.txt",
                             "/sub/../../secret.txt", "//secret.txt", "/%2fetc%2fpasswd", "/page.js%00.txt", "/.hidden",
                             "/%2ehidden", "/link.txt", "/up/secret.txt", "/..%5csecret.txt", "/sub//index.html"}) {
    EXPECT_EQ(c.get(target).status, 404u) << target;
  }
}

TEST_F(ServedSite, large_files_arrive_whole_piece_by_piece) {
  std::string text;
  while (text.size() < 3 * StaticFiles::kHeld + 12'345) text += std::to_string(text.size()) + " ";
  write("site/large.txt", text);
  Client c = client();
  EXPECT_EQ(c.get("/large.txt").body, text);
  c.send(
      "HEAD /large.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /large.txt HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  EXPECT_TRUE(c.answer(true).has("Content-Length: " + std::to_string(text.size()) + "\r\n"));
  EXPECT_EQ(c.answer().body, text);
  Client half = client();
  half.send("GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  half.shutdownWrite();
  EXPECT_EQ(half.answer().body, text) << "a client that sends nothing more still reads";
}

TEST_F(ServedSite, a_file_that_shrinks_ends_the_connection) {
  write("site/large.txt", std::string(64 << 20, 'x'));
  Client c = client();
  c.send("GET /large.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.answer(true).status, 200u);
  fs::resize_file(top / "site/large.txt", 2 << 20);
  std::string body = c.upTo("no such text");
  EXPECT_LT(body.size(), std::size_t{64} << 20);
  EXPECT_EQ(client().get("/a%20b.txt").body, "blank");
}

}  // namespace
}  // namespace weir::http
