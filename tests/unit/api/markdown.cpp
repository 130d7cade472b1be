#include "api/markdown.h"

#include <gtest/gtest.h>

namespace weir::api {
namespace {

TEST(Markdown, lines) {
  EXPECT_EQ(htmlOfLine("a `{\"b\": <c>}` & **d** e"), "a <code>{&quot;b&quot;: &lt;c&gt;}</code> &amp; <b>d</b> e");
  EXPECT_EQ(htmlOfLine("array of [Flow](#flow) or text[]"), "array of <a href=\"#flow\">Flow</a> or text[]");
  EXPECT_EQ(htmlOfLine("[a] [b](c)"), "[a] <a href=\"c\">b</a>");
  EXPECT_EQ(htmlOfLine("`open [x](y"), "`open [x](y");
  EXPECT_EQ(htmlOfLine("**open"), "<b>open</b>");
}

TEST(Markdown, blocks) {
  EXPECT_EQ(htmlOf("# A b\n\n<!-- left\nout -->\none\ntwo `x\ny`\n- p\n  q\n- r\n\n    <code>\n    more\n\nend"),
            "<h1 id=\"a-b\">A b</h1>\n"
            "<p>one two <code>x y</code></p>\n"
            "<ul>\n<li>p q</li>\n<li>r</li>\n</ul>\n"
            "<pre>&lt;code&gt;\nmore\n</pre>\n"
            "<p>end</p>\n");
  EXPECT_EQ(htmlOf("| a | |\n|---|---|\n| `b` | c |\n"),
            "<div class=\"scroll\"><table>\n<tr><th>a</th><th></th></tr>\n<tr><td><code>b</code></td><td>c</td></tr>\n"
            "</table></div>\n");
  EXPECT_EQ(htmlOf(""), "");
}

TEST(Markdown, anchors_are_those_that_forges_make) {
  EXPECT_EQ(anchorOf("GET /flow/{name}/json"), "get-flownamejson");
  EXPECT_EQ(anchorOf("FlowBody"), "flowbody");
}

}  // namespace
}  // namespace weir::api
