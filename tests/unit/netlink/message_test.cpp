#include "netlink/message.h"

#include <gtest/gtest.h>
#include <linux/genetlink.h>

#include "netlink/socket.h"

namespace weir::netlink {
namespace {

TEST(Message, WhatIsWrittenIsRead) {
  MessageWriter writer;
  writer.begin(20, NLM_F_REQUEST, 7, std::uint32_t{99});
  writer.text(1, "eth0");
  writer.attribute(2, std::uint16_t{5});
  writer.end();
  writer.begin(21, 0, 8, std::uint8_t{1});
  writer.end();

  MessageReader reader(writer.bytes());
  Message message;
  ASSERT_TRUE(reader.next(message));
  EXPECT_EQ(message.type, 20);
  EXPECT_EQ(message.sequence, 7);
  EXPECT_EQ(load<std::uint32_t>(message.body), 99);
  AttributeReader attributes = message.attributes(4);
  Attribute a;
  ASSERT_TRUE(attributes.next(a));
  EXPECT_EQ(a.type, 1);
  EXPECT_EQ(a.text(), "eth0");
  ASSERT_TRUE(attributes.next(a));
  EXPECT_EQ(a.u16(), 5);
  EXPECT_EQ(a.u32(), 0) << "too few octets for a u32";
  EXPECT_FALSE(attributes.next(a));
  ASSERT_TRUE(reader.next(message));
  EXPECT_EQ(message.type, 21);
  EXPECT_FALSE(reader.next(message));
}

TEST(Message, NoLengthIsTrusted) {
  MessageWriter writer;
  writer.begin(20, 0, 7, std::uint32_t{99});
  writer.text(1, "eth0");
  writer.end();
  const std::vector<std::uint8_t> good(writer.bytes().begin(), writer.bytes().end());
  for (std::size_t size = 0; size <= good.size(); ++size) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const int value : {0, 1, 0x7F, 0xFF}) {
        // A copy of exactly that size: reading behind it is an error that the sanitizer sees.
        std::vector<std::uint8_t> bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        if (at < size) bytes[at] = static_cast<std::uint8_t>(value);
        MessageReader reader(bytes);
        for (Message message; reader.next(message);) {
          AttributeReader attributes = message.attributes(4);
          for (Attribute a; attributes.next(a);) EXPECT_LE(a.text().size(), size);
        }
      }
    }
  }
}

TEST(Socket, FindsAFamilyThatEveryKernelHas) {
  auto socket = Socket::open(NETLINK_GENERIC);
  ASSERT_TRUE(socket) << socket.error().text();
  const auto family = findFamily(*socket, "nlctrl", "notify");
  ASSERT_TRUE(family) << family.error().text();
  EXPECT_EQ(family->id, GENL_ID_CTRL);
  EXPECT_NE(family->group, 0);
  EXPECT_FALSE(findFamily(*socket, "no_such_family", ""));
}

}  // namespace
}  // namespace weir::netlink
