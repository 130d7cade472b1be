#include "agent/tap_set.h"

#include <regex.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace weir::agent {

namespace {

bool matches(const std::string& pattern, const std::string& name) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = regexec(&compiled, name.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

/// Kinds whose packets another device shows too.
bool needsName(const Link& link) {
  static constexpr std::string_view kKinds[] = {"bond", "team", "vlan", "veth", "vif", "openvswitch"};
  return std::find(std::begin(kKinds), std::end(kKinds), link.kind) != std::end(kKinds);
}

bool fits(const Link& link, const TapSettings& tap) {
  if (tap.device && *tap.device != link.name) return false;
  if (tap.pattern && !matches(*tap.pattern, link.name)) return false;
  if (tap.speed && (link.speed == 0 || !tap.speed->holds(link.speed))) return false;
  if (tap.device || (tap.dynamic && link.kind == "veth" && link.endsElsewhere)) return true;
  return !needsName(link) && (!link.isLoopback() || tap.pattern);
}

std::string whyUnmatched(const Link& link, std::span<const TapSettings> taps) {
  if (link.isLoopback()) return "loopback is sampled only if pcap { dev= } names it";
  if (needsName(link)) return "a " + link.kind + " is sampled only if pcap { dev= } names it";
  const bool bySpeed = std::any_of(taps.begin(), taps.end(), [](const auto& tap) { return tap.speed.has_value(); });
  if (link.speed == 0 && bySpeed)
    return "its speed is unknown, so that pcap { speed= } does not match it; pcap { dev=" + link.name + " } would";
  return "no pcap { } block matches it";
}

std::string rateText(std::uint32_t n, const std::string& reason) {
  return "1 in " + std::to_string(n) + " (" + reason + ")";
}

}  // namespace

TapPlan planTap(const Link& link, std::span<const TapSettings> taps, const RateSettings& rates) {
  TapPlan out;
  for (const auto& tap : taps)
    if (fits(link, tap)) {
      out.settings = &tap;
      break;
    }
  if (out.settings == nullptr) {
    out.reason = whyUnmatched(link, taps);
  } else if (!link.isUp()) {
    out.reason = "it is down";
  } else {
    out.rate = portRate(rates, *out.settings, link.speed);
    if (out.rate.n == 0) out.reason = "rate 0 (" + out.rate.reason + ")";
  }
  return out;
}

TapSet::TapSet(EventLoop& loop, FlowSampler& sampler, SequenceBook& book, std::uint64_t seed)
    : loop_(loop), sampler_(sampler), book_(book), maker_(seed) {}

void TapSet::update(const Network& network, const AgentSettings& settings) {
  std::set<std::uint32_t> wanted;
  for (const auto& link : network.links) {
    const TapPlan plan = planTap(link, settings.taps, settings.sampling);
    if (plan.rate.n == 0) continue;
    const TapOptions options{plan.rate.n, settings.headerBytes, plan.settings->promiscuous};
    wanted.insert(link.index);
    const auto known = taps_.find(link.index);
    if (known != taps_.end() && known->second.name == link.name && known->second.mac == link.mac) {
      adjust(known->second, options, plan.rate.reason);
      continue;
    }
    if (known != taps_.end()) close(link.index);  // another device has taken the index
    open(link, options, plan.rate.reason);
  }
  for (auto tap = taps_.begin(); tap != taps_.end();) {
    const std::uint32_t index = (tap++)->first;
    if (!wanted.contains(index)) close(index);
  }
  std::erase_if(failed_, [&](const std::string& name) { return network.byName(name) == nullptr; });
  const bool none = !settings.taps.empty() && taps_.empty();
  if (none && !std::exchange(none_, true)) log::warning("No device is sampled; weir-agent --check says why");
  if (!none) none_ = false;
}

void TapSet::open(const Link& link, const TapOptions& options, const std::string& reason) {
  auto opened = PacketTap::open(link.index, options);
  if (!opened) {
    if (failed_.insert(link.name).second)
      log::warning("cannot sample packets on " + link.name + ": " + opened.error().text() + "; trying again");
    return;
  }
  failed_.erase(link.name);
  const bool counts = opened->packets().has_value();
  auto [tap, added] = taps_.try_emplace(link.index, Tap{link.name, std::move(*opened), options, link.isEthernet(),
                                                        link.mac, &book_.of({0, link.index}), 0, link.index});
  loop_.watch(tap->second.tap.fd(), [this, t = &tap->second] { read(*t); });
  log::info("Sampling packets on " + link.name + ", " + rateText(options.n, reason) +
            (counts ? "" : "; pools are estimated, since BPF programs cannot be loaded"));
}

void TapSet::adjust(Tap& tap, const TapOptions& options, const std::string& reason) {
  if (tap.options.n == options.n && tap.options.headerBytes == options.headerBytes &&
      tap.options.promiscuous == options.promiscuous)
    return;
  auto changed = tap.tap.pause();
  read(tap);  // the last ones under the old rate
  if (changed) changed = tap.tap.resume(options);
  if (!changed) {
    log::warning("cannot sample packets on " + tap.name + ": " + changed.error().text());
    return close(tap.ifIndex);
  }
  tap.options = options;
  log::info("Sampling packets on " + tap.name + ", now " + rateText(options.n, reason));
}

void TapSet::close(std::uint32_t ifIndex) {
  const auto tap = taps_.find(ifIndex);
  loop_.unwatch(tap->second.tap.fd());
  log::info("No longer sampling packets on " + tap->second.name);
  taps_.erase(tap);
}

void TapSet::read(Tap& tap) {
  const FlowSampler::Origin origin{tap.ifIndex, tap.options.n, tap.numbers, {}, {}};
  const Nanos now = loop_.now();
  const auto tellPackets = [&] {
    const auto seen = tap.tap.packets();
    if (!seen) return;
    sampler_.setPacketsSeen(*seen - tap.packetsTold);
    tap.packetsTold = *seen;
  };
  std::size_t waiting = 0;
  tap.tap.read([&](const TapPacket& packet) {
    maker_.make(
        packet, tap.options.n, tap.options.headerBytes, tap.ethernet,
        [&]() -> SampledFrame& { return sampler_.slot(); },
        [&](const SampledFrame&) {
          if (++waiting == SocketLookup::kMaxBatch) {
            tellPackets();  // this one fills the batch, which then leaves
            waiting = 0;
          }
          sampler_.done(origin, {}, now);
        });
  });
  if (waiting != 0) tellPackets();
  sampler_.finish(now);
}

void TapSet::tick() {
  for (auto& [index, tap] : taps_) tap.numbers->drops += tap.tap.takeDrops();
}

}  // namespace weir::agent
