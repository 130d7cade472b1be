#include "ipfix/collector.h"

#include <gtest/gtest.h>

namespace weir::ipfix {
namespace {

std::string parsed(std::string_view text) {
  const auto collector = Collector::parse(text);
  return collector ? collector->text() : "error: " + collector.error().message;
}

TEST(Collector, HostAndPort) {
  EXPECT_EQ(parsed("10.0.0.9"), "10.0.0.9:4739");
  EXPECT_EQ(parsed("10.0.0.9:2055"), "10.0.0.9:2055");
  EXPECT_EQ(parsed("flows.example.com"), "flows.example.com:4739");
  EXPECT_EQ(parsed("Flows:9995"), "flows:9995");
  EXPECT_EQ(parsed("2001:db8::1"), "[2001:db8::1]:4739");
  EXPECT_EQ(parsed("[2001:db8::1]"), "[2001:db8::1]:4739");
  EXPECT_EQ(parsed("[2001:db8::1]:65535"), "[2001:db8::1]:65535");
}

TEST(Collector, WhatIsNone) {
  for (const char* text : {"",
                           ":",
                           ":4739",
                           "host:",
                           "host:0",
                           "host:65536",
                           "host:x",
                           "host:1 ",
                           "a b",
                           "http://h",
                           "h/x",
                           "-h",
                           ".h",
                           "10.0.0",
                           "10.0.0.256",
                           "300.1.1.1:80",
                           "[",
                           "[]",
                           "[::1",
                           "[::1]x",
                           "[::1]:",
                           "[::1]:0",
                           "[10.0.0.1]",
                           "[host]",
                           "2001:db8::1::2",
                           "fe80::1%eth0",
                           "::1:x:"}) {
    EXPECT_TRUE(parsed(text).starts_with("error: expected ")) << text << ": " << parsed(text);
  }
  EXPECT_FALSE(Collector::parse(std::string(254, 'a')));
  EXPECT_TRUE(Collector::parse(std::string(253, 'a')));
}

}  // namespace
}  // namespace weir::ipfix
