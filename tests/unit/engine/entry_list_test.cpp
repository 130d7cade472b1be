#include "engine/entry_list.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace weir::engine {
namespace {

struct Named {
  std::string name;
  int value = 0;
};
using List = EntryList<Named>;
using Change = std::tuple<std::string, int, int>;  // name, value before and after; -1: none

std::shared_ptr<const Named> named(std::string name, int value = 0) {
  return std::make_shared<const Named>(Named{std::move(name), value});
}

std::vector<Change> changes(const List& before, const List& after) {
  std::vector<Change> out;
  List::eachChange(before, after, [&](const Named* old, const Named* fresh) {
    out.emplace_back((old != nullptr ? old : fresh)->name, old != nullptr ? old->value : -1,
                     fresh != nullptr ? fresh->value : -1);
  });
  return out;
}

TEST(EntryList, IsLikeAMap) {
  std::mt19937 random(1);
  std::map<std::string, int> expected;
  List list;
  std::vector<std::pair<List, std::map<std::string, int>>> kept;
  for (int i = 0; i < 6'000; ++i) {
    const std::string name = "n" + std::to_string(random() % 700);
    if (random() % 3 != 0) {
      list = list.with(named(name, i));
      expected[name] = i;
    } else if (expected.erase(name) != 0) {
      list = list.without(name);
    }
    ASSERT_EQ(list.size(), expected.size());
    if (random() % 200 == 0) kept.emplace_back(list, expected);
  }
  while (!expected.empty()) {
    const std::string name = expected.begin()->first;
    list = list.without(name);
    expected.erase(name);
    if (expected.size() % 100 == 0) kept.emplace_back(list, expected);
  }
  // All of them as they were, whatever was made of them later; and what changed from each to each.
  for (const auto& [is, was] : kept) {
    auto at = was.begin();
    for (const Named& entry : is) {
      ASSERT_NE(at, was.end());
      ASSERT_EQ(entry.name, at->first);
      ASSERT_EQ(entry.value, at->second);
      ASSERT_EQ(is.find(entry.name), &entry);
      ++at;
    }
    ASSERT_EQ(at, was.end());
    ASSERT_EQ(is.empty(), was.empty());
    ASSERT_EQ(is.find("n"), nullptr);
    ASSERT_EQ(is.find("z"), nullptr);
    for (const auto& [other, otherWas] : kept) {
      std::vector<Change> found = changes(is, other);
      std::vector<Change> wanted;
      std::map<std::string, std::pair<int, int>> both;
      for (const auto& [name, value] : was) both[name] = {value, -1};
      for (const auto& [name, value] : otherWas) both.try_emplace(name, -1, -1).first->second.second = value;
      for (const auto& [name, values] : both) {
        if (values.first != values.second) wanted.emplace_back(name, values.first, values.second);
      }
      ASSERT_EQ(found, wanted);
    }
  }
}

TEST(EntryList, ListsShareWhatDidNotChange) {
  List list;
  const auto first = named("a");
  list = list.with(first);
  for (int i = 0; i < 10'000; ++i) list = list.with(named("b" + std::to_string(i)));
  const long before = first.use_count();
  std::vector<List> versions;
  for (int i = 0; i < 1'000; ++i) versions.push_back(list = list.with(named("z", i)));
  EXPECT_EQ(first.use_count(), before) << "the piece that it is in was not copied";
  EXPECT_EQ(versions[500].find("z")->value, 500);
  EXPECT_TRUE(list.sameAs(List(list)));
  EXPECT_FALSE(list.sameAs(versions[500]));
}

}  // namespace
}  // namespace weir::engine
