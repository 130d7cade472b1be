// Answers in pieces, made of something that is held.
#include "api/piece_streams.h"

#include <new>
#include <utility>

#include "bench.h"

namespace weir::api::test {
namespace {

class PieceStreamsTest : public testing::Test {
 protected:
  std::shared_ptr<TestReply> ask(std::size_t held, bool slow = false) {
    auto reply = std::make_shared<TestReply>();
    reply->slow = slow;
    streams.send(reply, {200, "text/plain", "", {}}, held, [left = 3](std::string& out) mutable {
      out += std::to_string(left) + ";";
      return --left != 0;
    });
    return reply;
  }
  PieceStreams streams{[](const std::function<void()>& task) { task(); },
                       [](const std::function<void()>& task) { task(); }};
};

TEST_F(PieceStreamsTest, TheNextPieceIsMadeWhenTheLastHasLeft) {
  const auto reply = ask(100, true);
  ASSERT_TRUE(reply->streamed);
  EXPECT_EQ(reply->streamed->take(), "3;");
  EXPECT_EQ(streams.held(), 100U);
  reply->streamed->sent();
  EXPECT_EQ(reply->streamed->take(), "2;");
  reply->streamed->sent();
  EXPECT_EQ(reply->streamed->take(), "1;");
  EXPECT_FALSE(reply->streamed->ended);
  reply->streamed->sent();
  EXPECT_TRUE(reply->streamed->ended);
  EXPECT_FALSE(reply->streamed->cut);
  EXPECT_EQ(streams.held(), 0U);
}

TEST_F(PieceStreamsTest, WhatTheyHoldIsBounded) {
  const auto first = ask(2 * PieceStreams::kMostHeld, true);
  EXPECT_TRUE(first->streamed) << "one alone may hold more";
  EXPECT_EQ(ask(1)->response->status, 503U);
  first->streamed->under = nullptr;  // the client leaves
  std::exchange(first->streamed->gone, nullptr)();
  EXPECT_EQ(streams.held(), 0U) << "the client is gone";
  EXPECT_TRUE(ask(1)->streamed);
}

TEST_F(PieceStreamsTest, MemoryThatEndsCutsTheAnswer) {
  auto reply = std::make_shared<TestReply>();
  streams.send(reply, {200, "text/plain", "", {}}, 1, [](std::string&) -> bool { throw std::bad_alloc(); });
  ASSERT_TRUE(reply->streamed);
  EXPECT_TRUE(reply->streamed->cut);
  EXPECT_EQ(streams.held(), 0U);
}

}  // namespace
}  // namespace weir::api::test
