#include "http/server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "server_fixture.h"

namespace weir::http {
namespace {

using std::chrono::milliseconds;
using test::Client;
using HttpServer = test::ServerTest;

constexpr std::string_view kGet = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpServer, http11_keeps_the_connection) {
  start();
  Client c = client();
  for (int i = 0; i < 3; ++i) {
    const auto a = c.get("/version");
    EXPECT_EQ(a.status, 200u);
    EXPECT_EQ(a.body, "0.1-1");
    EXPECT_TRUE(a.has("Connection: keep-alive\r\n"));
    EXPECT_TRUE(a.has("Content-Length: 5\r\n"));
    EXPECT_TRUE(a.has("Date: "));
    EXPECT_TRUE(a.has("Access-Control-Allow-Origin: *\r\n"));
  }
  c.send("GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(c.answer().has("Connection: close\r\n"));
  EXPECT_TRUE(c.ended());
}

TEST_F(HttpServer, http10_closes_unless_asked) {
  start();
  Client one = client();
  one.send("GET /version HTTP/1.0\r\n\r\n");
  EXPECT_EQ(one.answer().body, "0.1-1");
  EXPECT_TRUE(one.ended());
  Client two = client();
  for (int i = 0; i < 2; ++i) {
    two.send("GET /version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(two.answer().has("Connection: keep-alive\r\n"));
  }
}

TEST_F(HttpServer, pipelined_requests_are_answered_in_order) {
  start();
  Client c = client();
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += "GET /answer/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    all += "PUT /item/f HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{value:bytes}\r\n";  // a stray line end
                                                                                              // is skipped
  }
  std::thread sender([&] { c.send(all); });
  for (int i = 0; i < 300; ++i) {
    EXPECT_NE(c.answer().body.find("\"" + std::to_string(i) + "\""), std::string::npos);
    EXPECT_EQ(c.answer().status, 204u);
  }
  sender.join();
}

TEST_F(HttpServer, pipelined_requests_wait_for_a_parked_one) {
  start();
  Client c = client();
  c.send("GET /parked?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGet));
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 1; }));
  app->tell("1");
  EXPECT_EQ(c.answer().body, "[1]");
  EXPECT_EQ(c.answer().body, "0.1-1");
}

TEST_F(HttpServer, requests_may_arrive_octet_by_octet) {
  start();
  Client c = client();
  for (const char octet : std::string("PUT /item/f HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\n{a=")) {
    c.send({&octet, 1});
  }
  EXPECT_EQ(c.answer().status, 204u);
  for (const char octet : std::string(kGet)) c.send({&octet, 1});
  EXPECT_EQ(c.answer().status, 200u);
}

TEST_F(HttpServer, bodies_of_every_kind) {
  start();
  Client c = client();
  c.send(
      "PUT /item/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\n{valu\r\n8;x=y\r\ne:bytes}\r\n0\r\n\r\n");
  EXPECT_EQ(c.answer().status, 204u);
  c.send(
      "POST /item/b HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 13\r\n\r\n{value:bytes}");
  EXPECT_EQ(c.answer().status, 204u);
  c.send("GET /item/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n ");
  EXPECT_EQ(c.answer().body, "{value:bytes}");
  c.send("PUT /item/c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n");
  EXPECT_EQ(c.answer().status, 100u);
  c.send("{value:bytes}");
  EXPECT_EQ(c.answer().status, 204u);
  c.send("DELETE /item/c HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.answer().status, 204u);
}

TEST_F(HttpServer, head_has_the_length_and_no_body) {
  start();
  Client c = client();
  c.send("HEAD /version HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(c.answer(true).has("Content-Length: 5\r\n"));
  EXPECT_EQ(c.get("/version").body, "0.1-1");
}

TEST_F(HttpServer, answers_from_other_threads_arrive) {
  start();
  app->hold();
  Client c = client();
  c.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGet));
  ASSERT_TRUE(until([&] { return app->keptBack() == 1; }));
  app->release();
  EXPECT_NE(c.answer().body.find("answer"), std::string::npos);
  EXPECT_EQ(c.answer().body, "0.1-1");
}

TEST_F(HttpServer, too_long_headers_are_414_or_431) {
  start();
  Client line = client();
  line.send("GET /" + std::string(20'000, 'x'));
  EXPECT_EQ(line.answer().status, 414u);
  Client headers = client();
  headers.send("GET /version HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x'));
  EXPECT_EQ(headers.answer().status, 431u);
  EXPECT_FALSE(headers.send("more") && headers.answer().status != 0);
  Client many = client();
  std::string text = "GET /version HTTP/1.1\r\nHost: x\r\n";
  while (text.size() < 20'000) text += "X: y\r\n";
  many.send(text + "\r\n");
  EXPECT_EQ(many.answer().status, 431u);
  Client trailers = client();
  text = "PUT /item/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{a:1}\r\n0\r\n";
  while (text.size() < 40'000) text += "X: y\r\n";
  trailers.send(text);
  EXPECT_EQ(trailers.answer().status, 431u);
  Client extension = client();
  extension.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;" + std::string(40'000, 'x'));
  EXPECT_EQ(extension.answer().status, 431u);
  Client fits = client();
  fits.send("GET /version HTTP/1.1\r\nHost: x\r\nX: " + std::string(15'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(fits.answer().status, 200u);
}

TEST_F(HttpServer, too_long_bodies_are_413_though_the_client_sends_all_of_it_first) {
  ServerOptions options;
  options.bodyBytes = 1 << 20;
  start(options);
  const std::string body(8 << 20, ' ');
  Client c = client();
  ASSERT_TRUE(c.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n"));
  ASSERT_TRUE(c.send(body));
  EXPECT_EQ(c.answer().status, 413u);
  Client chunked = client();
  ASSERT_TRUE(chunked.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800000\r\n"));
  ASSERT_TRUE(chunked.send(body));
  EXPECT_EQ(chunked.answer().status, 413u);
  Client huge = client();
  huge.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n");
  EXPECT_EQ(huge.answer().status, 400u);
}

TEST_F(HttpServer, bodies_of_all_connections_are_bounded) {
  ServerOptions options;
  options.allBodiesBytes = 1 << 20;
  start(options);
  Client first = client();
  first.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{");
  ASSERT_TRUE(until([&] { return server->figures().bytesReceived > 50; }));
  Client second = client();
  second.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{");
  EXPECT_EQ(second.answer().status, 503u);
  first.close();
  ASSERT_TRUE(until([&] { return server->figures().connectionsCurrent <= 1; }));
  Client third = client();
  third.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{a:1}" + std::string(999'995, ' '));
  EXPECT_EQ(third.answer().status, 204u);
}

TEST_F(HttpServer, garbage_is_answered_400) {
  start();
  for (const std::string& text :
       {std::string("hello\r\n\r\n"), std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
        std::string(64, '\0'), std::string("GET\r\n\r\n"), std::string("GET /version\r\n\r\n"),
        std::string("GET /version HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n"),
        std::string("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"),
        std::string("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        std::string("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        std::string("PUT /item/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")}) {
    Client c = client();
    c.send(text);
    const auto a = c.answer();
    EXPECT_EQ(a.status, 400u) << text;
    EXPECT_NE(a.body.find("\"error\""), std::string::npos);
    EXPECT_TRUE(c.ended()) << text;
  }
  Client two = client();
  two.send("GET / HTTP/2.0\r\n\r\n");
  EXPECT_EQ(two.answer().status, 505u);
  EXPECT_EQ(client().get("/version").status, 200u);
}

TEST_F(HttpServer, slow_clients_are_told_408_and_idle_ones_closed) {
  ServerOptions options;
  options.headerTimeout = options.idleTimeout = options.bodyTimeout = milliseconds(200);
  start(options);
  Client header = client();
  header.send("GET /version HT");
  EXPECT_EQ(header.answer().status, 408u);
  EXPECT_TRUE(header.ended());
  Client body = client();
  body.send("PUT /item/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{");
  EXPECT_EQ(body.answer().status, 408u);
  Client idle = client();
  EXPECT_TRUE(idle.ended());
}

TEST_F(HttpServer, clients_that_do_not_read_are_closed) {
  ServerOptions options;
  options.writeTimeout = milliseconds(200);
  start(options);
  app->extraOctets = 16 << 20;
  Client c = client();
  c.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 1; }));
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; }));
}

TEST_F(HttpServer, large_answers_arrive_whole) {
  start();
  app->extraOctets = 16 << 20;
  Client c = client();
  EXPECT_GT(c.get("/answer/x").body.size(), std::size_t{16} << 20);
  EXPECT_EQ(c.get("/version").status, 200u);
}

TEST_F(HttpServer, half_closed_clients_get_their_answer) {
  start();
  Client plain = client();
  plain.send(std::string(kGet) + std::string(kGet));
  plain.shutdownWrite();
  EXPECT_EQ(plain.answer().status, 200u);
  EXPECT_EQ(plain.answer().status, 200u);
  EXPECT_TRUE(plain.ended());

  app->hold();
  Client waiting = client();
  waiting.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n");
  waiting.shutdownWrite();
  ASSERT_TRUE(until([&] { return app->keptBack() == 1; }));
  app->release();
  EXPECT_EQ(waiting.answer().status, 200u);

  Client parked = client();
  parked.send("GET /parked?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n");
  parked.shutdownWrite();
  EXPECT_EQ(parked.answer().body, "[]");

  Client partial = client();
  partial.send("GET /version HT");
  partial.shutdownWrite();
  EXPECT_EQ(partial.answer().status, 400u);
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; }));
}

TEST_F(HttpServer, long_poll_ends_with_an_empty_list) {
  start();
  Client c = client();
  const Nanos begin = monotonicNow();
  const auto a = c.get("/parked?timeout=0.2");
  const Nanos took = monotonicNow() - begin;
  EXPECT_EQ(a.status, 200u);
  EXPECT_EQ(a.body, "[]");
  EXPECT_GE(took, 200 * kMillisecond);
  EXPECT_LT(took, 2 * kSecond);
}

TEST_F(HttpServer, five_hundred_parked_polls_wake_together) {
  start();
  std::vector<Client> parked;
  for (int i = 0; i < 500; ++i) {
    parked.push_back(client());
    parked.back().send("GET /parked?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 500; }));
  EXPECT_EQ(server->figures().connectionsCurrent, 500u);
  for (int i = 0; i < 250; i += 2) parked[static_cast<std::size_t>(i)].close();
  for (int i = 1; i < 250; i += 2) parked[static_cast<std::size_t>(i)].reset();
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 250; }));
  app->tell("1");
  for (std::size_t i = 250; i < 500; ++i) EXPECT_EQ(parked[i].answer().body, "[1]");
}

TEST_F(HttpServer, beyond_the_bound_the_connection_that_is_idle_for_longest_is_closed) {
  ServerOptions options;
  options.maxConnections = 4;
  start(options);
  std::vector<Client> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(client());
    EXPECT_EQ(held.back().get("/version").status, 200u);
  }
  EXPECT_EQ(held[0].get("/version").status, 200u);  // now the second one is
  held[1].send("GET /ver");                         // now the third one
  ASSERT_TRUE(until([&] { return server->figures().bytesReceived >= 5 * kGet.size() + 8; }));
  std::vector<Client> late;
  for (std::size_t oldest : {2, 3, 0, 1}) {
    late.push_back(client());
    EXPECT_EQ(late.back().get("/version").status, 200u);
    EXPECT_TRUE(held[oldest].ended());
  }
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent <= 4; }));
}

TEST_F(HttpServer, more_connections_than_allowed_are_answered_503_where_all_are_busy) {
  ServerOptions options;
  options.maxConnections = 4;
  start(options);
  std::vector<Client> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(client());
    held.back().send("GET /parked?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 4; }));
  Client late = client();
  const auto refused = late.answer();
  EXPECT_EQ(refused.status, 503u);
  EXPECT_TRUE(refused.has("Retry-After: 1\r\n"));
  EXPECT_TRUE(late.ended());
  late.close();
  held.pop_back();
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 3; }));
  EXPECT_EQ(client().get("/version").status, 200u);
}

TEST_F(HttpServer, answers_that_are_not_read_are_bounded_together) {
  ServerOptions options;
  options.allAnswersBytes = 24 << 20;
  start(options);
  app->extraOctets = 16 << 20;  // more than the sockets take
  Client first = client(), second = client(), third = client();
  first.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 1; }));
  const auto refused = second.get("/answer/x");
  EXPECT_EQ(refused.status, 503u);
  EXPECT_TRUE(refused.has("Retry-After: 1\r\n"));
  EXPECT_EQ(second.get("/version").status, 200u) << "small ones leave";
  // A stream whose reader is behind is cut instead.
  third.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(until([&] { return server->figures().streamsCut == 1; }));
  EXPECT_GT(first.answer().body.size(), std::size_t{16} << 20);
  EXPECT_EQ(second.get("/answer/x").status, 200u);
  app->extraOctets = 32 << 20;
  EXPECT_EQ(second.get("/answer/x").status, 200u) << "one alone may be larger";
  first.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 7; }));
  first.close();
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 1; })) << "what it held is given back";
  EXPECT_EQ(second.get("/answer/x").status, 200u);
}

TEST_F(HttpServer, a_flood_of_connections_waits_its_turn) {
  ServerOptions options;
  options.maxConnections = 1;
  start(options);
  std::vector<Client> flood;
  for (int i = 0; i < 200; ++i) flood.push_back(client());
  flood.clear();
  ASSERT_TRUE(
      until([&] { return server->figures().connectionsTotal >= 200 && server->figures().connectionsCurrent == 0; }));
  EXPECT_EQ(client().get("/version").status, 200u);
}

TEST_F(HttpServer, stop_answers_whoever_waits) {
  start();
  Client parked = client();
  parked.send("GET /parked?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n");
  Client idle = client();
  EXPECT_EQ(idle.get("/version").status, 200u);
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 2; }));
  const Nanos begin = monotonicNow();
  stop();
  EXPECT_LT(monotonicNow() - begin, kSecond);
  const auto a = parked.answer();
  EXPECT_EQ(a.body, "[]");
  EXPECT_TRUE(a.has("Connection: close\r\n"));
  EXPECT_TRUE(parked.ended());
  EXPECT_TRUE(idle.ended());
  stop();
  app->tell("nobody listens");
}

TEST_F(HttpServer, stop_does_not_wait_for_a_handler_that_is_silent) {
  start();
  app->hold();
  Client c = client();
  c.send("GET /answer/x HTTP/1.1\r\nHost: x\r\n\r\n");
  c.shutdownWrite();
  ASSERT_TRUE(until([&] { return app->keptBack() == 1; }));
  stop();
  EXPECT_TRUE(c.ended());
  server.reset();
  app->release();  // too late, and harmless
}

TEST_F(HttpServer, large_answers_are_compressed_beside_the_thread) {
  ServerOptions options;
  options.filter = [](Response& r) { r.body.insert(0, "\n"); };
  start(options);
  app->extraOctets = 1 << 20;
  Client c = client();
  c.send("GET /answer/x HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" + std::string(kGet));
  const auto compressed = c.answer();
  EXPECT_EQ(compressed.status, 200u);
  EXPECT_TRUE(compressed.has("Content-Encoding: gzip\r\n"));
  EXPECT_LT(compressed.body.size(), std::size_t{100'000});
  EXPECT_TRUE(compressed.body.starts_with("\x1f\x8b"));
  EXPECT_EQ(c.answer().body, "\n0.1-1");
  const auto plain = c.get("/answer/x");
  EXPECT_FALSE(plain.has("Content-Encoding"));
  EXPECT_GT(plain.body.size(), std::size_t{1} << 20);
  EXPECT_TRUE(plain.body.starts_with("\n{\"answer\""));
  // A client that leaves meanwhile is no trouble.
  c.send("GET /answer/x HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  c.reset();
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; }));
}

TEST_F(HttpServer, a_reader_that_takes_nothing_is_cut_off) {
  ServerOptions options;
  options.writeTimeout = milliseconds(200);
  start(options);
  app->extraOctets = 16 << 20;
  Client c = client();
  c.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return server->figures().streamsCurrent == 1; }));
  EXPECT_TRUE(until([&] { return server->figures().streamsCut == 1; }));
  EXPECT_TRUE(until([&] { return server->figures().streamsCurrent == 0; }));
}

TEST_F(HttpServer, head_of_a_stream_is_its_head) {
  start();
  Client c = client();
  c.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(kGet));
  EXPECT_TRUE(c.answer(true).has("Content-Type: text/event-stream\r\n"));
  EXPECT_EQ(c.answer().body, "0.1-1");
}

TEST_F(HttpServer, a_port_in_use_is_one_clear_line) {
  start();
  ServerOptions options;
  options.hostname = "127.0.0.1";
  options.port = server->port();
  const auto second = Server::open(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "HTTP port " + std::to_string(server->port()) + " is in use");
  options.hostname = "no.such.host.invalid";
  EXPECT_EQ(Server::open(options).error().attribute, "http.hostname");
}

TEST_F(HttpServer, listens_on_both_families_by_default) {
  auto opened = Server::open({});
  ASSERT_TRUE(opened);
  IpAddress peer;
  (*opened)->start([&](const Request& request, const ReplyPtr& reply) {
    peer = request.peer;
    reply->send({200, "text/plain", std::string(request.headers["User-Agent"]), {}});
  });
  Client c((*opened)->port());
  c.send("GET / HTTP/1.1\r\nHost: x\r\nuser-agent: me \r\n\r\n");
  EXPECT_EQ(c.answer().body, "me");
  EXPECT_EQ(peer.text(), "127.0.0.1");
}

TEST_F(HttpServer, streams_go_on_until_the_client_leaves) {
  start();
  Client c = client();
  c.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = c.answer(true);
  EXPECT_TRUE(head.has("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(head.has("Connection: close\r\n"));
  EXPECT_FALSE(head.has("Content-Length"));
  EXPECT_EQ(c.upTo("\n\n"), kEventStreamBegin);
  for (const char* text : {"1", "2"}) {
    app->tell(text);
    EXPECT_EQ(c.upTo("\n\n"), eventText(text));
  }
  EXPECT_EQ(server->figures().streamsCurrent, 1u);
  c.close();
  EXPECT_TRUE(until([&] { return server->figures().streamsCurrent == 0; }));
  EXPECT_EQ(server->figures().streamsCut, 0u);
}

TEST_F(HttpServer, an_answer_in_pieces_ends_with_a_last_chunk) {
  start();
  Client c = client();
  c.send("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = c.answer(true);
  EXPECT_TRUE(head.has("Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(head.has("Content-Length"));
  EXPECT_EQ(c.upTo("0\r\n\r\n"), "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
  EXPECT_EQ(c.upTo("never"), "") << "closed";
  Client old = client();
  old.send("GET /pieces HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(old.answer(true).has("Transfer-Encoding"));
  EXPECT_EQ(old.upTo("three"), "onetwothree");
  EXPECT_EQ(old.upTo("never"), "") << "closed";
  EXPECT_TRUE(until([&] { return server->figures().streamsCurrent == 0; }));
  EXPECT_EQ(server->figures().streamsCut, 0u);
}

TEST(EventStream, events_are_lines) {
  EXPECT_EQ(eventText("{}"), "data: {}\n\n");
  EXPECT_EQ(eventText("{}", "7", "error"), "id: 7\nevent: error\ndata: {}\n\n");
}

}  // namespace
}  // namespace weir::http
