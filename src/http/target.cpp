#include "http/target.h"

#include <algorithm>

#include "base/utf8.h"
#include "http/ascii.h"
#include "http/authority.h"

namespace weir::http {

namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Splitter {
 public:
  Splitter(std::string_view target, Request& request) : target_(target), request_(request) {}

  Expected<void> split() {
    std::size_t begin = 0;
    // Absolute form: its authority counts, and not that of Host (RFC 9112 section 3.2.2).
    if (!target_.starts_with('/')) {
      const std::size_t scheme = target_.find("://");
      const std::string_view name = target_.substr(0, std::min(scheme, target_.size()));
      if (scheme == std::string_view::npos ||
          !(equalsIgnoringCase(name, "http") || equalsIgnoringCase(name, "https"))) {
        return fail("expected a path that begins with /", "target", 0);
      }
      begin = std::min(target_.find_first_of("/?#", scheme + 3), target_.size());
      request_.authority = target_.substr(scheme + 3, begin - scheme - 3);
      if (request_.authority.empty() || !isAuthority(request_.authority))
        return fail("expected a host behind ://", "target", scheme + 3);
    }
    const std::size_t end = std::min(target_.find('#', begin), target_.size());
    const std::size_t mark = std::min(target_.find('?', begin), end);
    if (auto done = path(begin, mark); !done) return done;
    return mark < end ? query(mark + 1, end) : Expected<void>();
  }

 private:
  Expected<void> path(std::size_t begin, std::size_t end) {
    while (begin < end && target_[begin] == '/') ++begin;
    request_.slashAtEnd = end > 0 && begin <= end && target_[end - 1] == '/';
    while (end > begin && target_[end - 1] == '/') --end;
    while (begin < end) {
      const std::size_t slash = std::min(target_.find('/', begin), end);
      if (auto done = decode(begin, slash, false, request_.path.emplace_back()); !done) return done;
      begin = slash + 1;
    }
    return {};
  }

  Expected<void> query(std::size_t begin, std::size_t end) {
    while (begin < end) {
      const std::size_t next = std::min(target_.find('&', begin), end);
      const std::size_t equals = std::min(target_.find('=', begin), next);
      if (next > begin) {
        auto& [name, value] = request_.query.emplace_back();
        if (auto done = decode(begin, equals, true, name); !done) return done;
        if (equals < next) {
          if (auto done = decode(equals + 1, next, true, value); !done) return done;
        }
      }
      begin = next + 1;
    }
    return {};
  }

  Expected<void> decode(std::size_t begin, std::size_t end, bool plusIsBlank, std::string& out) const {
    for (std::size_t i = begin; i < end; ++i) {
      char c = target_[i];
      if (c == '%') {
        const int high = i + 2 < end ? hexDigit(target_[i + 1]) : -1;
        const int low = high >= 0 ? hexDigit(target_[i + 2]) : -1;
        if (low < 0) return fail("expected two hex digits behind %", "target", i);
        c = static_cast<char>(high * 16 + low);
        i += 2;
      } else if (c == '+' && plusIsBlank) {
        c = ' ';
      }
      out.push_back(c);
    }
    const auto* p = reinterpret_cast<const unsigned char*>(out.data());
    for (const auto* last = p + out.size(); p < last;) {
      const std::size_t n = utf8Length(p, last);
      if (n == 0) return fail("expected UTF-8", "target", begin);
      p += n;
    }
    return {};
  }

  std::string_view target_;
  Request& request_;
};

}  // namespace

Expected<void> parseTarget(std::string_view target, Request& request) {
  return Splitter(target, request).split();
}

}  // namespace weir::http
