#include "agent/dns_sd.h"

#include <algorithm>

#include "agent/collector_directory.h"
#include "agent_config/setting_table.h"
#include "base/log.h"

namespace weir::agent {

namespace {

bool same(const ServiceRecord& a, const ServiceRecord& b) {
  return a.priority == b.priority && a.weight == b.weight && a.port == b.port && a.target == b.target;
}

bool sameServices(const std::vector<ServiceRecord>& a, const std::vector<ServiceRecord>& b) {
  return a.size() == b.size() && std::is_permutation(a.begin(), a.end(), b.begin(), same);
}

/// Of those of one priority, drawn with the chance that the weights give.
std::size_t draw(const std::vector<ServiceRecord>& services, std::size_t begin, std::size_t end, Random& random) {
  std::uint64_t sum = 0;
  for (std::size_t i = begin; i < end; ++i) sum += services[i].weight;
  if (sum == 0) return begin;
  std::uint64_t at = random.below(sum);
  for (std::size_t i = begin; i < end; ++i) {
    if (at < services[i].weight) return i;
    at -= services[i].weight;
  }
  return begin;
}

bool mayComeFromDns(const std::string& key) {
  const std::string name = lowerCase(key);
  for (const char* allowed : {"sampling", "polling", "agentip", "agent", "agent.cidr", "headerbytes"})
    if (name == allowed) return true;
  return name.starts_with("sampling.") || name.starts_with("polling.");
}

bool applyText(AgentSettings& settings, const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return false;
  const std::string key = text.substr(0, equals), value = text.substr(equals + 1);
  if (lowerCase(key) == "txtvers") return true;
  const bool dropLimit = lowerCase(key) == "droplimit";
  if (!dropLimit && !mayComeFromDns(key)) return false;
  const SettingInfo* info = dropLimit ? findSetting("dropmon", "limit") : findSetting("", key);
  SettingValue read;
  if (info == nullptr || !readValue(*info, value, read)) return false;
  if (info->name.ends_with('.')) read.suffix = lowerCase(std::string_view(key).substr(info->name.size()));
  if (dropLimit && !settings.dropmon) return true;
  info->apply(settings, read);
  return true;
}

}  // namespace

void DnsSd::start(const std::string& domain) {
  if (domain_ == domain) return;
  stop();
  domain_ = domain;
  last_.reset();
  ask();
}

void DnsSd::stop() {
  loop_.cancel(timer_);
  domain_.reset();
  ++round_;  // answers that are still to come are ignored
}

void DnsSd::ask() {
  services_.reset();
  texts_.reset();
  const std::uint64_t round = ++round_;
  const std::string name = "_sflow._udp" + *domain_;
  const bool search = domain_->empty();
  const auto into = [this, round](std::optional<Expected<DnsAnswer>>& place) {
    return [this, round, &place](const Expected<DnsAnswer>& answer) {
      if (round != round_) return;
      place = answer;
      if (services_ && texts_) answered();
    };
  };
  resolver_.records(name, search, kSrvRecord, into(services_));
  resolver_.records(name, search, kTxtRecord, into(texts_));
}

void DnsSd::answered() {
  const Expected<DnsAnswer>& services = *services_;
  if (!services) {
    if (backOff_ == 0)
      log::warning("dns-sd { }: cannot ask for _sflow._udp" + *domain_ + ": " + services.error().text() +
                   (last_ ? "; the last answer stays in use" : "; trying again"));
    backOff_ = nextBackOff(backOff_);
    timer_ = loop_.after(backOff_, [this] { ask(); });
    return;
  }
  backOff_ = 0;
  DnsSdResult result;
  // Drawn anew only when the records are others: or collectors would change with every round.
  if (!sameServices(services->services, lastServices_)) lastServices_ = orderServices(services->services, random_);
  for (const auto& s : lastServices_) result.collectors.push_back({s.target, s.port, "", ""});
  // The settings of a TXT record that could not be asked for stay.
  if (*texts_) {
    result.texts = (*texts_)->texts;
  } else if (last_) {
    result.texts = last_->texts;
  }
  std::uint32_t ttl = services->ttl;
  if (*texts_) ttl = std::min(ttl, (*texts_)->ttl);
  const Nanos wait = result.collectors.empty() ? kRetryEmpty : std::clamp(ttl, kLeastTtl, kMostTtl) * kSecond;
  timer_ = loop_.after(wait, [this] { ask(); });
  if (last_ && *last_ == result) return;
  if (result.collectors.empty())
    log::warning("dns-sd { }: no SRV record of _sflow._udp" + *domain_ + "; nothing is sent until there is one");
  last_ = result;
  changed_(*last_);
}

std::vector<ServiceRecord> orderServices(std::vector<ServiceRecord> services, Random& random) {
  std::stable_sort(services.begin(), services.end(),
                   [](const ServiceRecord& a, const ServiceRecord& b) { return a.priority < b.priority; });
  for (std::size_t begin = 0; begin < services.size(); ++begin) {
    std::size_t end = begin;
    while (end < services.size() && services[end].priority == services[begin].priority) ++end;
    std::swap(services[begin], services[draw(services, begin, end, random)]);
  }
  return services;
}

AgentSettings withTexts(AgentSettings settings, const std::vector<std::string>& texts,
                        std::vector<std::string>& unknown) {
  for (const auto& text : texts)
    if (!text.empty() && !applyText(settings, text)) unknown.push_back(text);
  return settings;
}

}  // namespace weir::agent
