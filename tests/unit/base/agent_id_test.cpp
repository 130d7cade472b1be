#include "base/agent_id.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(AgentId, TextAndBack) {
  for (const char* text :
       {"10.0.0.30", "2001:db8::1", "10.0.0.30@192.0.2.2", "127.0.0.1@2001:db8::2", "::1@192.0.2.2"}) {
    const auto id = AgentId::parse(text);
    ASSERT_TRUE(id) << text;
    EXPECT_EQ(id->text(), text);
    EXPECT_EQ(id->hash(), AgentId::parse(text)->hash());
  }
  EXPECT_EQ(AgentId::parse("2001:DB8::A@FE80::1")->text(), "2001:db8::a@fe80::1") << "in any case";
  EXPECT_EQ(AgentId().text(), "");
  for (const char* text :
       {"", "@", "10.0.0.30@", "@10.0.0.30", "10.0.0.30@leaf1", "leaf1", "10.0.0.30@192.0.2.2@192.0.2.3"}) {
    EXPECT_FALSE(AgentId::parse(text)) << text;
  }
}

TEST(AgentId, IsInOrderOfAddressThenSender) {
  const auto id = [](const char* text) { return *AgentId::parse(text); };
  EXPECT_LT(id("10.0.0.30"), id("10.0.0.30@192.0.2.2"));
  EXPECT_LT(id("10.0.0.30@192.0.2.2"), id("10.0.0.30@192.0.2.3"));
  EXPECT_LT(id("10.0.0.30@192.0.2.3"), id("10.0.0.31"));
  EXPECT_NE(id("10.0.0.30@192.0.2.2").hash(), id("10.0.0.30").hash());
}

}  // namespace
}  // namespace weir
