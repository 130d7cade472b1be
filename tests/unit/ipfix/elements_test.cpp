#include "ipfix/elements.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace weir::ipfix {
namespace {

TEST(Elements, OfKeys) {
  EXPECT_EQ(keyElements().size(), 17U);
  ASSERT_NE(findKeyElement("ip6nexthdr"), nullptr);
  EXPECT_EQ(findKeyElement("ip6nexthdr")->element.id, 4);
  EXPECT_EQ(findKeyElement("ipttl"), nullptr);
  EXPECT_EQ(findKeyElement("ipsource.1"), nullptr);
}

TEST(Elements, TableOfTheReferencePage) {
  std::ifstream page(WEIR_SOURCE_DIR "/docs/flow-definitions.md");
  std::ostringstream text;
  text << page.rdbuf();
  EXPECT_NE(text.str().find(elementsMarkdown()), std::string::npos) << "expected in the page:\n" << elementsMarkdown();
}

}  // namespace
}  // namespace weir::ipfix
