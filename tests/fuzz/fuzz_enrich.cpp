// Any octets as the answer of a name server, and as a URL.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "enrich/dns_resolver.h"
#include "flow/uri.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  const enrich::DnsAnswer answer = enrich::readPtrAnswer(IpAddress(), Bytes(data, size));
  check(answer.name.empty() || answer.name.back() == '.');
  check(answer.lifetime >= enrich::DnsResolver::kLeast && answer.lifetime <= enrich::DnsResolver::kMost);

  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string out(size, '\0');  // normalizing never makes a URL longer
  check(flow::normalizeUri(text, out.data()) <= size);
  const flow::Uri uri = flow::Uri::parse(text);
  check(!uri.extension() || uri.file());
  return 0;
}
