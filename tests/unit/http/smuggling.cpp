// Requests whose end, or whose host, two programs might read differently: what stands behind them must never be
// answered as a request of its own (RFC 9112 sections 3.2, 5 and 6).
#include <gtest/gtest.h>

#include <string>

#include "server_fixture.h"

namespace weir::http {
namespace {

using test::Client;

constexpr std::string_view kFlow = "{value:bytes}";
constexpr std::string_view kDelete = "DELETE /item/victim HTTP/1.1\r\nHost: x\r\n\r\n";

/// A body that is a whole request where its coding is not understood.
std::string put(const std::string& headers, std::string_view version = "1.1", const std::string& body = "") {
  return "PUT /item/x HTTP/" + std::string(version) + "\r\nHost: x\r\n" + headers + "\r\n" +
         (body.empty() ? std::string(kDelete) : body);
}

class Smuggling : public test::ServerTest {
 protected:
  void SetUp() override {
    start();
    app->put("victim", "here");
  }
  /// Expects that all of `text` is one faulty request.
  void refused(unsigned status, const std::string& text) {
    SCOPED_TRACE(text);
    Client c = client();
    c.send(text);
    c.shutdownWrite();
    const auto answer = c.answer();
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_TRUE(answer.has("Connection: close\r\n"));
    EXPECT_TRUE(c.ended());
    EXPECT_TRUE(app->has("victim")) << "the body was taken as a request";
  }
  void accepted(const std::string& text) {
    SCOPED_TRACE(text);
    Client c = client();
    c.send(text + "GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto first = c.answer();
    EXPECT_TRUE(first.status == 204 || first.status == 200) << first.status << first.body;
    EXPECT_EQ(c.answer().body, "0.1-1");
  }
};

const std::string kChunks = "d\r\n{value:bytes}\r\n0\r\n\r\n";

TEST_F(Smuggling, codings_that_do_not_end_with_chunked) {
  for (const char* coding : {"gzip", "identity", "xchunked", "chunked, identity", "\"chunked\"", "chunked, chunked",
                             "chunked;q=1", "chunked,", "chunked x", "chunked,chunked", "chunked , chunked", "", ","}) {
    refused(400, put("Transfer-Encoding: " + std::string(coding) + "\r\n"));
  }
}

TEST_F(Smuggling, codings_that_are_not_understood) {
  for (const char* coding : {"gzip, chunked", "identity, chunked", "x,chunked"}) {
    refused(501, put("Transfer-Encoding: " + std::string(coding) + "\r\n", "1.1", kChunks));
  }
}

TEST_F(Smuggling, coding_and_length_or_two_codings) {
  refused(400, put("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "1.1", kChunks));
  refused(400, put("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "1.1", kChunks));
  refused(400, put("Transfer-Encoding: identity\r\nContent-Length: 13\r\n", "1.1", std::string(kFlow)));
  refused(400, put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "1.1", kChunks));
  refused(400, put("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "1.1", kChunks));
}

TEST_F(Smuggling, codings_of_http10) {
  refused(400, put("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", "1.0", kChunks));
  refused(400, put("Transfer-Encoding: identity\r\nConnection: keep-alive\r\n", "1.0"));
}

TEST_F(Smuggling, names_and_lines_that_others_read_differently) {
  refused(400, put("Transfer-Encoding : chunked\r\n", "1.1", kChunks));
  refused(400, put("Transfer-Encoding:\r\n chunked\r\n", "1.1", kChunks));
  refused(400, put("X: a\r\n\tb\r\nContent-Length: 13\r\n", "1.1", std::string(kFlow)));
  refused(400, put("X: a\rContent-Length: 13\r\n", "1.1", std::string(kFlow)));
  refused(400, put("X: a\nContent-Length: 13\r\n", "1.1", std::string(kFlow)));
  refused(400, put(std::string("X: a\0b\r\n", 8) + "Content-Length: 13\r\n", "1.1", std::string(kFlow)));
  refused(400, "\r\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n");
}

TEST_F(Smuggling, lengths_that_are_no_plain_numbers) {
  for (const char* length : {"+13", "-13", "0x13", "13, 14", "13,", "13.0", "13;a", "", "18446744073709551629"}) {
    refused(400, put("Content-Length: " + std::string(length) + "\r\n", "1.1", std::string(kFlow)));
  }
  refused(400, put("Content-Length: 13\r\nContent-Length: 14\r\n", "1.1", std::string(kFlow)));
}

TEST_F(Smuggling, chunks_that_are_no_plain_numbers) {
  for (const char* size :
       {"+d", "0xd", "-d", " d", "d ", "d\n", "1000000000000000d", "d;\rx", "d;a\nb", "d;a=\"x\r\ny\""}) {
    refused(400, put("Transfer-Encoding: chunked\r\n", "1.1", std::string(size) + "\r\n{value:bytes}\r\n0\r\n\r\n"));
  }
  refused(400, put("Transfer-Encoding: chunked\r\n", "1.1", "d\r\n{value:bytes}0\r\n\r\n"));
  refused(400, put("Transfer-Encoding: chunked\r\n", "1.1", "d\r\n{value:bytes}\n0\r\n\r\n"));
}

TEST_F(Smuggling, hosts) {
  const auto get = [](const std::string& hosts, const std::string& version = "1.1") {
    return "GET /version HTTP/" + version + "\r\n" + hosts + "\r\n";
  };
  refused(400, get(""));
  refused(400, get("Host: a\r\nHost: a\r\n"));
  refused(400, get("Host: a\r\nX: y\r\nHost: b\r\n", "1.0"));
  for (const char* host : {"a b", "a/b", "a@b", "a:b", "[::1", "a:80:90", "a?b"}) {
    refused(400, get("Host: " + std::string(host) + "\r\n"));
  }
  for (const char* host : {"weir.example:8008", "192.0.2.1", "[2001:db8::1]:8008", ""}) {
    accepted(get("Host: " + std::string(host) + "\r\n"));
  }
  accepted(get("Connection: keep-alive\r\n", "1.0"));
}

TEST_F(Smuggling, whole_requests_pass) {
  accepted(put("Transfer-Encoding: chunked\r\n", "1.1", kChunks));
  accepted(put("transfer-encoding: \tCHUNKED \r\n", "1.1", kChunks));
  accepted(put("Content-Length: 13\r\nContent-Length: 13\r\n", "1.1", std::string(kFlow)));
  accepted("\r\n\r\n\n" + put("Content-Length: 13\r\n", "1.1", std::string(kFlow) + "\r\n"));
}

TEST_F(Smuggling, trailers_say_nothing_of_the_request) {
  accepted(put("Transfer-Encoding: chunked\r\n", "1.1",
               "d\r\n{value:bytes}\r\n0\r\nConnection: close\r\nHost: y\r\nAccept-Encoding: gzip\r\n\r\n"));
}

}  // namespace
}  // namespace weir::http
