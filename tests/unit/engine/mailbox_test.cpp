#include "engine/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>
#include <vector>

#include "engine/shard.h"

namespace weir::engine {
namespace {

/// Notes its steps, and its end.
class Task : public ShardTask {
 public:
  Task(std::vector<int>& log, int id, int steps = 1) : log_(log), id_(id), steps_(steps) {}
  ~Task() override { log_.push_back(-id_); }
  bool step(Shard&) override {
    log_.push_back(id_);
    return --steps_ == 0;
  }

 private:
  std::vector<int>& log_;
  int id_, steps_;
};

class MailboxTest : public testing::Test {
 protected:
  bool post(int id, int steps = 1) { return mailbox.post(std::make_unique<Task>(log, id, steps)); }
  bool readable() {
    pollfd wait{mailbox.fd(), POLLIN, 0};
    return ::poll(&wait, 1, 0) == 1;
  }
  model::MetricNames names;
  Shard shard{names};
  std::vector<int> log;
  Mailbox mailbox;
};

TEST_F(MailboxTest, TasksRunInTheirOrder) {
  EXPECT_FALSE(mailbox.run(shard));
  EXPECT_TRUE(post(1));
  EXPECT_TRUE(post(2));
  EXPECT_TRUE(log.empty()) << "not before run()";
  EXPECT_TRUE(mailbox.run(shard));
  EXPECT_EQ(log, (std::vector<int>{1, -1, 2, -2}));
  EXPECT_FALSE(mailbox.run(shard));
}

TEST_F(MailboxTest, LongTasksTakeTurns) {
  post(1, 3);
  post(2, 1);
  post(3, 2);
  std::vector<int> steps;
  while (mailbox.run(shard)) {
    for (int entry : std::exchange(log, {})) {
      if (entry > 0) steps.push_back(entry);
    }
  }
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3, 1, 3, 1}));
}

TEST_F(MailboxTest, UnfinishedTasksGoBeforeNewOnes) {
  post(1, 2);
  mailbox.run(shard);
  post(2);
  mailbox.run(shard);
  std::erase_if(log, [](int entry) { return entry < 0; });
  EXPECT_EQ(log, (std::vector<int>{1, 1, 2}));
}

TEST_F(MailboxTest, AFullMailboxRefusesAndDestroys) {
  for (std::size_t i = 0; i < Mailbox::kMaxTasks; ++i) ASSERT_TRUE(post(1));
  EXPECT_FALSE(post(7));
  EXPECT_EQ(log, std::vector<int>{-7});
  EXPECT_TRUE(mailbox.postAlways(std::make_unique<Task>(log, 8))) << "slices and definitions are never refused";
  mailbox.run(shard);
  EXPECT_TRUE(post(9)) << "room again";
}

TEST_F(MailboxTest, AClosedMailboxDestroysWhatWaits) {
  post(1);
  mailbox.close();
  EXPECT_EQ(log, std::vector<int>{-1});
  EXPECT_FALSE(post(2));
  EXPECT_FALSE(mailbox.postAlways(std::make_unique<Task>(log, 3)));
  EXPECT_EQ(log, (std::vector<int>{-1, -2, -3}));
  EXPECT_FALSE(mailbox.run(shard));
  mailbox.close();
}

TEST_F(MailboxTest, StepsEndWithTheTimeForThem) {
  for (int i = 1; i <= 3; ++i) post(i, 2);
  mailbox.run(shard, 0);
  EXPECT_EQ(log, (std::vector<int>{1})) << "one step at least";
  mailbox.run(shard, 0);
  mailbox.run(shard, 0);
  EXPECT_EQ(log, (std::vector<int>{1, 2, 3})) << "each in its turn";
  mailbox.run(shard, kSecond);
  EXPECT_EQ(log.size(), 9U) << "all finished: three more steps, three ends";
}

TEST_F(MailboxTest, TaskThatPostsWhileRunning) {
  struct Poster : ShardTask {
    Poster(Mailbox& m, std::vector<int>& l) : mailbox(m), log(l) {}
    bool step(Shard&) override { return mailbox.post(std::make_unique<Task>(log, 5)); }
    Mailbox& mailbox;
    std::vector<int>& log;
  };
  mailbox.post(std::make_unique<Poster>(mailbox, log));
  mailbox.run(shard);
  EXPECT_TRUE(log.empty()) << "its turn is next";
  mailbox.run(shard);
  EXPECT_EQ(log, (std::vector<int>{5, -5}));
}

TEST_F(MailboxTest, PostWakesWhoPolls) {
  EXPECT_FALSE(readable());
  post(1);
  EXPECT_TRUE(readable());
  mailbox.drain();
  EXPECT_FALSE(readable());
  mailbox.drain();
  mailbox.wake();
  EXPECT_TRUE(readable());
}

TEST_F(MailboxTest, ManyPostersLoseNothing) {
  std::atomic<int> done{0};
  struct Count : ShardTask {
    explicit Count(std::atomic<int>& d) : done(d) {}
    bool step(Shard&) override {
      ++done;
      return true;
    }
    std::atomic<int>& done;
  };
  std::vector<std::thread> posters;
  for (int p = 0; p < 3; ++p) {
    posters.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        while (!mailbox.post(std::make_unique<Count>(done))) std::this_thread::yield();
      }
    });
  }
  while (done < 15'000) mailbox.run(shard);
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(done, 15'000);
}

}  // namespace
}  // namespace weir::engine
