#include "http/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "http/response.h"

namespace weir::http {
namespace {

std::string unzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string out(8 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Gzip, what_was_compressed_comes_out_again) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919) + ",";
  for (const std::string& each : {std::string(), std::string("x"), text}) {
    const auto compressed = gzip(each);
    ASSERT_TRUE(compressed);
    EXPECT_EQ(unzipped(*compressed), each);
  }
  EXPECT_LT(gzip(text)->size(), text.size() / 2);
}

TEST(Gzip, unpacks_what_is_whole_and_within_bounds) {
  const std::string text(100'000, 'x');
  const std::string packed = *gzip(text);
  EXPECT_EQ(gunzip(packed, text.size()), text);
  EXPECT_EQ(gunzip(*gzip(""), 0), "");
  EXPECT_FALSE(gunzip(packed, text.size() - 1));
  EXPECT_FALSE(gunzip(packed.substr(0, packed.size() - 1), text.size()));
  EXPECT_FALSE(gunzip(packed + "x", text.size()));
  EXPECT_FALSE(gunzip("hello", 100));
  EXPECT_FALSE(gunzip("", 100));
}

TEST(Gzip, accept_encoding_is_understood) {
  for (const char* yes :
       {"gzip", "GZIP", "deflate, gzip;q=1.0, *;q=0.5", "x-gzip", "*", "br , gzip ", "gzip;q=0.001"}) {
    EXPECT_TRUE(acceptsGzip(yes)) << yes;
  }
  for (const char* no : {"", "identity", "br", "gzip;q=0", "gzip; q=0.0", "*, gzip;q=0", "*;q=0", "gzipped", ",,;,"}) {
    EXPECT_FALSE(acceptsGzip(no)) << no;
  }
}

}  // namespace
}  // namespace weir::http
