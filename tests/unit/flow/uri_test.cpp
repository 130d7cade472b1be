#include "flow/uri.h"

#include <gtest/gtest.h>

#include "test_sample.h"

namespace weir::flow {
namespace {

using Text = std::optional<std::string>;

Text text(const std::optional<std::string_view>& part) {
  return part ? Text(*part) : std::nullopt;
}

TEST(Uri, Parts) {
  const Uri uri = Uri::parse("http://user:pw@www.Example.com:8080/games/index.min.html?a=1&b=/2#top?");
  EXPECT_EQ(text(uri.scheme), "http");
  EXPECT_EQ(text(uri.authority), "user:pw@www.Example.com:8080");
  EXPECT_EQ(text(uri.user), "user:pw");
  EXPECT_EQ(text(uri.host), "www.Example.com");
  EXPECT_EQ(text(uri.port), "8080");
  EXPECT_EQ(uri.path, "/games/index.min.html");
  EXPECT_EQ(text(uri.file()), "index.min.html");
  EXPECT_EQ(text(uri.extension()), "html");
  EXPECT_EQ(text(uri.query), "a=1&b=/2");
  EXPECT_EQ(text(uri.fragment), "top?");
  EXPECT_FALSE(uri.isOpaque());
}

TEST(Uri, PathAlone) {
  const Uri uri = Uri::parse("/a/b:c?x");
  EXPECT_EQ(text(uri.scheme), std::nullopt);
  EXPECT_EQ(text(uri.authority), std::nullopt);
  EXPECT_EQ(text(uri.host), std::nullopt);
  EXPECT_EQ(uri.path, "/a/b:c");
  EXPECT_EQ(text(uri.query), "x");
  EXPECT_EQ(text(uri.extension()), std::nullopt);
  EXPECT_EQ(text(Uri::parse("/a/").file()), std::nullopt);
  EXPECT_EQ(text(Uri::parse("/a.").extension()), std::nullopt);
}

TEST(Uri, Authorities) {
  EXPECT_EQ(text(Uri::parse("//[2001:db8::1]:443/x").host), "[2001:db8::1]");
  EXPECT_EQ(text(Uri::parse("//[2001:db8::1]:443/x").port), "443");
  EXPECT_EQ(text(Uri::parse("//[2001:db8::1]/x").port), std::nullopt);
  EXPECT_EQ(text(Uri::parse("http://host:").port), std::nullopt);
  EXPECT_EQ(text(Uri::parse("http://host:").host), "host");
  EXPECT_EQ(text(Uri::parse("http://:80").host), std::nullopt);
  EXPECT_EQ(text(Uri::parse("file:///etc/hosts").host), std::nullopt);
  EXPECT_EQ(text(Uri::parse("file:///etc/hosts").authority), "");
  EXPECT_EQ(text(Uri::parse("http://a@b@c").host), "c");
}

TEST(Uri, OpaqueOnes) {
  EXPECT_TRUE(Uri::parse("mailto:a@example.com").isOpaque());
  EXPECT_EQ(text(Uri::parse("mailto:a@example.com").file()), std::nullopt);
  EXPECT_FALSE(Uri::parse("file:/a").isOpaque());
  EXPECT_FALSE(Uri::parse("1a:b").isOpaque()) << "a scheme begins with a letter";
  EXPECT_FALSE(Uri::parse("").isOpaque());
}

std::string normalized(std::string_view text) {
  std::string out(text.size(), '?');
  out.resize(normalizeUri(text, out.data()));
  return out;
}

TEST(Uri, Normalized) {
  EXPECT_EQ(normalized("HTTP://User@Example.COM:80/A/./b/../C?X=/../Y#Z"), "http://User@example.com:80/A/C?X=/../Y#Z");
  EXPECT_EQ(normalized("/a/b/c/./../../g"), "/a/g");  // RFC 3986 5.2.4
  EXPECT_EQ(normalized("mid/content=5/../6"), "mid/6");
  EXPECT_EQ(normalized("/../a"), "/a");
  EXPECT_EQ(normalized("/a/.."), "/");
  EXPECT_EQ(normalized("/a/."), "/a/");
  EXPECT_EQ(normalized("/a//b"), "/a//b");
  EXPECT_EQ(normalized(".."), "");
  EXPECT_EQ(normalized("a/../b"), "b");
  EXPECT_EQ(normalized("/..../.a/b.."), "/..../.a/b..");
  EXPECT_EQ(normalized(""), "");
  EXPECT_EQ(normalized("mailto:A@B/../c"), "mailto:A@B/../c");
}

TEST(Uri, KeyFunction) {
  test::TestSample sample;
  sample.layer(decode::Layer::eth, "00259058DFCC 000000CC0A0B 0800", 0x0800);
  sample.layer(decode::Layer::ip, "4500 0100 1267 4000 40 06 0000 0A000001 0A000002", 6);
  sample.layer(decode::Layer::tcp, "CB84 01BB 12345678 00000009 5012 FAF0 0000 0000", 443);
  const SampleFields& fields = sample.fields();
  const auto key = [&](const std::string& keys) { return test::keyText(keys, fields); };
  const std::string path = "[concat:/:agent:stack]";                             // 192.168.0.11/eth.ip.tcp
  const std::string server = R"([concat:\://:stack:ipsource])";                  // eth.ip.tcp://10.0.0.1
  const std::string whole = R"([concat:\::)" + server + ":tcpdestinationport]";  // eth.ip.tcp://10.0.0.1:443
  EXPECT_EQ(key("uri:" + path + ":file,uri:" + path + ":extension"), "eth.ip.tcp,tcp");
  EXPECT_EQ(key("uri:" + path + ":path"), "192.168.0.11/eth.ip.tcp");
  EXPECT_EQ(key("uri:" + path + ":isabsolute,uri:" + path + ":isopaque"), "false,false");
  EXPECT_EQ(key("uri:" + path + ":host"), std::nullopt);
  EXPECT_EQ(key("uri:" + server + ":host,null:[uri:" + server + ":port]:80"), "10.0.0.1,80");
  EXPECT_EQ(key("uri:" + whole + ":port,uri:" + whole + ":scheme"), "443,eth.ip.tcp");
  EXPECT_EQ(key("uri:" + whole + ":normalized"), "eth.ip.tcp://10.0.0.1:443");
  EXPECT_EQ(key("uri:" + whole + ":isabsolute"), "true");
  EXPECT_EQ(key("uri:nosuchkey:path"), std::nullopt);
  EXPECT_EQ(test::filterHolds("range:[uri:" + whole + ":port]:400:500=true", fields), true);
  EXPECT_EQ(test::filterHolds("uri:" + path + ":extension=tcp", fields), true);
  EXPECT_EQ(test::filterHolds("uri:" + path + ":path~.*/eth.*", fields), true);
}

}  // namespace
}  // namespace weir::flow
