#include "agent/sequence_book.h"

#include <gtest/gtest.h>

namespace weir::agent {
namespace {

TEST(SequenceBook, WhatComesBackGoesOnAndWhatIsLongGoneIsForgotten) {
  SequenceBook book;
  book.of({0, 1}).flow = 7;
  book.of({0, 2}).flow = 8;
  SourceNumbers& stays = book.of({0, 3});
  stays.flow = 9;
  book.retire({0, 1});
  book.retire({0, 2});
  EXPECT_EQ(book.of({0, 2}).flow, 8) << "it is back";
  for (std::uint32_t i = 0; i < 2 * SequenceBook::kMaxRetired; ++i) {
    book.of({3, 100'000 + i}).counters = 1;
    book.retire({3, 100'000 + i});
    book.retire({3, 100'000 + i});
  }
  EXPECT_EQ(book.of({0, 1}).flow, 0);
  EXPECT_EQ(book.of({0, 2}).flow, 8);
  EXPECT_EQ(&book.of({0, 3}), &stays);
  EXPECT_EQ(stays.flow, 9);
  EXPECT_EQ(book.of({3, 100'000 + 2 * SequenceBook::kMaxRetired - 1}).counters, 1);
}

}  // namespace
}  // namespace weir::agent
