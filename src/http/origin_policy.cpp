#include "http/origin_policy.h"

#include <algorithm>

#include "http/ascii.h"

namespace weir::http {

namespace {

constexpr std::string_view kOrigin = "Origin", kSite = "Sec-Fetch-Site";

std::string hostOf(const Authority& authority) {
  std::string out = authority.host;
  if (out.ends_with('.')) out.pop_back();  // a name with its root label (RFC 1034 section 3.1)
  return out;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 80;
  return "\"" + std::string(text.substr(0, kMost)) + (text.size() > kMost ? "…\"" : "\"");
}

std::string foreign(std::string_view what) {
  return std::string(what) + " may not change anything here; the property http.origins lists origins that may";
}

}  // namespace

OriginPolicy::OriginPolicy(const std::vector<std::string>& origins, const std::vector<std::string>& hosts) {
  for (const std::string& text : origins) {
    if (auto origin = parse(text)) origins_.push_back(std::move(*origin));
  }
  for (const std::string& text : hosts) {
    if (const auto authority = parseAuthority(text)) hosts_.push_back(hostOf(*authority));
  }
}

std::uint16_t OriginPolicy::Origin::portOf(const Authority& given) const {
  return given.port.value_or(scheme == "https" ? 443 : 80);
}

bool OriginPolicy::Origin::isAt(const Authority& other) const {
  return hostOf(authority) == hostOf(other) && portOf(authority) == portOf(other);
}

std::optional<OriginPolicy::Origin> OriginPolicy::parse(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  auto authority = parseAuthority(text.substr(colon + 3));
  if (!authority || authority->host.empty()) return std::nullopt;
  return Origin{lowerCase(text.substr(0, colon)), std::move(*authority)};
}

bool OriginPolicy::lists(const Origin& origin) const {
  return std::ranges::any_of(origins_,
                             [&](const Origin& o) { return o.scheme == origin.scheme && o.isAt(origin.authority); });
}

bool OriginPolicy::lists(const Request& request) const {
  if (origins_.empty() || request.headers.count(kOrigin) != 1) return false;
  const auto origin = parse(request.headers[kOrigin]);
  return origin && lists(*origin);
}

bool OriginPolicy::knows(const Authority& authority) const {
  const std::string host = hostOf(authority);
  if (authority.isAddress || host == "localhost" || host.ends_with(".localhost")) return true;
  return std::ranges::find(hosts_, host) != hosts_.end();
}

std::optional<std::string> OriginPolicy::refusal(const Request& request) const {
  const std::size_t origins = request.headers.count(kOrigin), sites = request.headers.count(kSite);
  if (origins == 0 && sites == 0) return std::nullopt;
  if (origins > 1 || sites > 1) return foreign("a request with two headers Origin or Sec-Fetch-Site");
  const std::string_view site = request.headers[kSite];
  const auto host = parseAuthority(request.authority);
  if (origins == 0) {
    if (site != "same-origin" && site != "none") return foreign("a page of another site (Sec-Fetch-Site)");
  } else {
    const std::string_view text = request.headers[kOrigin];
    const auto origin = parse(text);
    if (!origin) return foreign("a page of origin " + quoted(text));
    if (!lists(*origin)) {
      const bool here = (origin->scheme == "http" || origin->scheme == "https") && host && origin->isAt(*host);
      if (!here) return foreign("a page of origin " + quoted(text) + ", sent to " + quoted(request.authority) + ",");
      if (site == "cross-site") return foreign("a page of another site (Sec-Fetch-Site)");
    }
  }
  if (host && knows(*host)) return std::nullopt;
  return quoted(request.authority) +
         " is not known as a name of this server, so no page may change anything under it; the property http.hosts "
         "lists names";
}

}  // namespace weir::http
