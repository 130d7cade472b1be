#include "api/server.h"

#include <gtest/gtest.h>

#include <vector>

#include "server_fixture.h"

namespace weir::api {
namespace {

using Client = weir::test::HttpClient;
using test::Server;
using Log = engine::Engine::Log;

constexpr std::string_view kGet = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(Server, options_and_wrong_methods) {
  start();
  Client c = client();
  c.send("OPTIONS /flow/x/json HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(c.answer().has("Allow: GET, HEAD, PUT, POST, DELETE, OPTIONS\r\n"));
  c.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.answer().status, 204u);
  c.send("PATCH /flow/x/json HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.answer().status, 405u);
  c.send("BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.answer().status, 404u);
  EXPECT_EQ(c.get("/flow/%zz/json").status, 400u);
}

TEST_F(Server, long_poll_wakes) {
  start();
  Client c = client();
  for (int i = 1; i <= 3; ++i) {
    c.send("GET /events/json?thresholdID=t&maxEvents=10&timeout=60&eventID=" + std::to_string(i - 1) +
           " HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(until([&] { return server->figures().messagesReceived == static_cast<unsigned>(i); }));
    engine.append(Log::events, "t");
    EXPECT_EQ(c.answer().body, R"([{"id":)" + std::to_string(i) + R"(,"name":"t"}])");
  }
}

TEST_F(Server, stop_answers_whoever_waits) {
  start();
  Client parked = client();
  parked.send("GET /events/json?timeout=60 HTTP/1.1\r\nHost: x\r\n\r\n");
  Client idle = client();
  EXPECT_EQ(idle.get("/version").status, 200u);
  ASSERT_TRUE(until([&] { return server->figures().messagesReceived == 2; }));
  const Nanos begin = monotonicNow();
  server->stop();
  EXPECT_LT(monotonicNow() - begin, kSecond);
  const auto a = parked.answer();
  EXPECT_EQ(a.body, "[]");
  EXPECT_TRUE(a.has("Connection: close\r\n"));
  EXPECT_TRUE(parked.ended());
  EXPECT_TRUE(idle.ended());
  server->stop();
  engine.append(Log::events, "nobody listens");
}

TEST_F(Server, stop_does_not_wait_for_an_engine_that_is_silent) {
  start();
  engine.hold();
  Client c = client();
  c.send("GET /metrics/json HTTP/1.1\r\nHost: x\r\n\r\n");
  c.shutdownWrite();
  ASSERT_TRUE(until([&] { return engine.keptBack() == 1; }));
  server->stop();
  EXPECT_TRUE(c.ended());
  server.reset();
  engine.release();  // too late, and harmless
}

TEST_F(Server, large_answers_are_compressed_beside_the_thread) {
  engine.extraOctets = 1 << 20;
  Options options;
  options.jsonIndent = 1;
  start(options);
  Client c = client();
  c.send("GET /metrics/json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n" + std::string(kGet));
  const auto compressed = c.answer();
  EXPECT_EQ(compressed.status, 200u);
  EXPECT_TRUE(compressed.has("Content-Encoding: gzip\r\n"));
  EXPECT_LT(compressed.body.size(), std::size_t{100'000});
  EXPECT_TRUE(compressed.body.starts_with("\x1f\x8b"));
  EXPECT_EQ(c.answer().body, "0.1-1");
  const auto plain = c.get("/metrics/json");
  EXPECT_FALSE(plain.has("Content-Encoding"));
  EXPECT_GT(plain.body.size(), std::size_t{1} << 20);
  EXPECT_TRUE(plain.body.starts_with("{\n \"metricNames"));
  // A client that leaves meanwhile is no trouble.
  c.send("GET /metrics/json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  c.reset();
  EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; }));
}

TEST_F(Server, streams_tell_records_as_they_come) {
  start();
  engine.append(Log::events, "a");
  Client c = client();
  c.send("GET /events/stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = c.answer(true);
  EXPECT_EQ(head.status, 200u);
  EXPECT_TRUE(head.has("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(head.has("Connection: close\r\n"));
  EXPECT_FALSE(head.has("Content-Length"));
  EXPECT_EQ(c.upTo("\n\n"), "retry: 1000\n\n");
  EXPECT_EQ(c.upTo("\n\n"), "id: 1\ndata: {\"name\":\"a\"}\n\n");
  for (int i = 2; i < 20; ++i) {
    engine.append(Log::events, "b");
    EXPECT_EQ(c.upTo("\n\n"), "id: " + std::to_string(i) + "\ndata: {\"name\":\"b\"}\n\n");
  }
  EXPECT_EQ(server->figures().streamsCurrent, 1u);
  c.close();
  EXPECT_TRUE(until([&] { return server->figures().streamsCurrent == 0; }));
  EXPECT_EQ(server->figures().streamsCut, 0u);
  Client again = client();
  again.send("GET /events/stream?timeout=0 HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 18\r\n\r\n");
  again.answer(true);
  EXPECT_EQ(again.upTo("\n\n"), "retry: 1000\n\n");
  EXPECT_EQ(again.upTo("\n\n"), "id: 19\ndata: {\"name\":\"b\"}\n\n");
  EXPECT_TRUE(again.ended());
}

// A client that has gone when its stream would open: the stream is not opened, and what was to write to it lives on.
TEST_F(Server, a_client_that_leaves_before_its_stream_opens_leaves_nothing) {
  start();
  for (const char* path : {"/events/stream", "/flows/stream", "/activeflows/ALL/e/stream"}) {
    engine.hold();
    Client c = client();
    c.send("GET /dump/ALL/ALL/json HTTP/1.1\r\nHost: x\r\n\r\nGET " + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\n\r\n");
    c.shutdownWrite();
    ASSERT_TRUE(until([&] { return engine.keptBack() == 1; })) << path;
    engine.release();
    EXPECT_EQ(c.answer().status, 200u) << path;
    EXPECT_TRUE(until([&] { return server->figures().connectionsCurrent == 0; })) << path;
    EXPECT_EQ(server->figures().streamsCurrent, 0u) << path;
  }
  engine.append(Log::events, "a");
  EXPECT_EQ(client().get("/version").body, "0.1-1");
}

// The engine answers when it can, and that may be after the server has gone.
TEST_F(Server, answers_for_streams_outlive_the_server) {
  start();
  engine.hold();
  Client c = client();
  c.send("GET /activeflows/ALL/e/stream HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(until([&] { return engine.keptBack() == 1; }));
  server.reset();
  engine.release();
}

TEST_F(Server, head_of_a_stream_is_its_beginning) {
  start();
  Client c = client();
  for (const char* path : {"/events/stream", "/flows/stream", "/activeflows/ALL/e/stream"}) {
    c.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = c.answer(true);
    EXPECT_EQ(head.status, 200u) << path;
    EXPECT_TRUE(head.has("Content-Type: text/event-stream\r\n")) << path;
    EXPECT_FALSE(head.has("Content-Length")) << path << ": what it would be nobody knows";
  }
  EXPECT_EQ(c.get("/version").body, "0.1-1") << "the connection goes on";
  EXPECT_EQ(server->figures().streamsCurrent, 0u);
}

TEST_F(Server, many_streams_need_no_thread_each) {
  start();
  std::vector<Client> readers;
  for (int i = 0; i < 400; ++i) {
    readers.push_back(client());
    readers.back().send(i % 2 == 0 ? "GET /events/stream HTTP/1.1\r\nHost: x\r\n\r\n"
                                   : "GET /activeflows/ALL/e/stream HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  ASSERT_TRUE(until([&] { return server->figures().streamsCurrent == 400; }));
  engine.append(Log::events, "a");
  for (int i = 0; i < 400; i += 2) {
    Client& c = readers[static_cast<std::size_t>(i)];
    EXPECT_EQ(c.answer(true).status, 200u);
    c.upTo("\n\n");
    EXPECT_EQ(c.upTo("\n\n"), "id: 1\ndata: {\"name\":\"a\"}\n\n");
  }
  const Nanos begin = monotonicNow();
  server->stop();
  EXPECT_LT(monotonicNow() - begin, kSecond);
  EXPECT_TRUE(readers[0].ended());
}

}  // namespace
}  // namespace weir::api
