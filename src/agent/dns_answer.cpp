#include "agent/dns_answer.h"

#include <ares.h>

#include <algorithm>
#include <memory>

namespace weir::agent {

namespace {

constexpr std::size_t kHeader = 12;
/// Walks a message; at_ never leaves it.
class Walker {
 public:
  explicit Walker(Bytes message) : message_(message), at_(kHeader) {}

  bool name(std::string& out) {
    char* text = nullptr;
    long size = 0;
    const int status =
        ::ares_expand_name(message_.data() + at_, message_.data(), static_cast<int>(message_.size()), &text, &size);
    if (status != ARES_SUCCESS) return false;
    const std::unique_ptr<char, void (*)(void*)> owner(text, ::ares_free_string);
    out = text;
    return skip(static_cast<std::size_t>(size));
  }
  bool skip(std::size_t n) {
    if (n > message_.size() - at_) return false;
    at_ += n;
    return true;
  }
  bool u16(std::uint16_t& out) {
    if (message_.size() - at_ < 2) return false;
    out = loadBe16(message_.data() + at_);
    at_ += 2;
    return true;
  }
  bool u32(std::uint32_t& out) {
    if (message_.size() - at_ < 4) return false;
    out = loadBe32(message_.data() + at_);
    at_ += 4;
    return true;
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  void moveTo(std::size_t at) { at_ = at; }
  [[nodiscard]] std::size_t left() const { return message_.size() - at_; }
  [[nodiscard]] Bytes message() const { return message_; }

 private:
  Bytes message_;
  std::size_t at_;
};

bool readService(Walker& walker, DnsAnswer& out) {
  ServiceRecord record;
  if (!walker.u16(record.priority) || !walker.u16(record.weight) || !walker.u16(record.port) ||
      !walker.name(record.target))
    return false;
  // The root as target says that there is no such service (RFC 2782).
  if (!record.target.empty() && record.target != ".") out.services.push_back(std::move(record));
  return true;
}

void readTexts(Bytes data, DnsAnswer& out) {
  while (!data.empty()) {
    const std::size_t size = std::min<std::size_t>(data[0], data.size() - 1);
    out.texts.emplace_back(reinterpret_cast<const char*>(data.data()) + 1, size);
    data = data.subspan(1 + size);
  }
}

bool readRecord(Walker& walker, DnsAnswer& out) {
  std::string owner;
  std::uint16_t type = 0, cls = 0, size = 0;
  std::uint32_t ttl = 0;
  if (!walker.name(owner) || !walker.u16(type) || !walker.u16(cls) || !walker.u32(ttl) || !walker.u16(size) ||
      size > walker.left())
    return false;
  const std::size_t end = walker.at() + size;
  if (type == kSrvRecord && !readService(walker, out)) return false;
  if (type == kTxtRecord) readTexts(walker.message().subspan(walker.at(), size), out);
  if (type == kSrvRecord || type == kTxtRecord) out.ttl = std::min(out.ttl, ttl);
  walker.moveTo(end);
  return true;
}

}  // namespace

Expected<DnsAnswer> parseDnsAnswer(Bytes message) {
  DnsAnswer out;
  if (message.size() < kHeader) return fail("a DNS answer of " + std::to_string(message.size()) + " octets");
  Walker walker(message);
  const std::uint16_t questions = loadBe16(message.data() + 4), answers = loadBe16(message.data() + 6);
  std::string name;
  for (std::uint16_t i = 0; i < questions; ++i)
    if (!walker.name(name) || !walker.skip(4)) return fail("a DNS answer whose question is damaged");
  for (std::uint16_t i = 0; i < answers; ++i)
    if (!readRecord(walker, out)) return fail("a DNS answer that is damaged");
  return out;
}

}  // namespace weir::agent
