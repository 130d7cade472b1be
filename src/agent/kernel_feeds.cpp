#include "agent/kernel_feeds.h"

#include <cmath>

#include "agent_config/sampling_rate.h"
#include "base/log.h"

namespace weir::agent {

namespace {

bool same(const std::optional<NflogSettings>& a, const std::optional<NflogSettings>& b) {
  return a.has_value() == b.has_value() && (!a || a->group == b->group);
}
bool same(const std::optional<PsampleSettings>& a, const std::optional<PsampleSettings>& b) {
  return a.has_value() == b.has_value() &&
         (!a || (a->group == b->group && a->ingress == b->ingress && a->egress == b->egress));
}

}  // namespace

void KernelFeeds::apply(const AgentSettings& settings, const Network& network) {
  if (nflog_ && (!same(settings.nflog, settings_.nflog) || settings.headerBytes != settings_.headerBytes)) {
    loop_.unwatch(nflog_->fd());
    nflog_.reset();
  }
  if (psample_ && !same(settings.psample, settings_.psample)) {
    loop_.unwatch(psample_->fd());
    psample_.reset();
  }
  settings_ = settings;
  network_ = network;
  std::erase_if(seen_, [&](std::uint32_t index) { return network.byIndex(index) == nullptr; });
  retryAt_ = 0;
  tick();
}

void KernelFeeds::tick() {
  const bool missing = (settings_.nflog && !nflog_) || (settings_.psample && !psample_);
  if (!missing || loop_.now() < retryAt_) return;
  retryAt_ = loop_.now() + kRetryAfter;
  if (settings_.nflog && !nflog_) openNflog();
  if (settings_.psample && !psample_) openPsample();
  complained_ = true;
}

void KernelFeeds::openNflog() {
  auto opened = NflogSource::open(settings_.nflog->group, settings_.headerBytes);
  if (!opened) {
    if (!complained_) log::warning("nflog { }: " + opened.error().text() + "; trying again");
    return;
  }
  nflog_.emplace(std::move(*opened));
  loop_.watch(nflog_->fd(), [this] { readNflog(); });
  log::info("Sampling packets of NFLOG group " + std::to_string(settings_.nflog->group));
}

void KernelFeeds::openPsample() {
  const PsampleSettings& s = *settings_.psample;
  auto opened = PsampleSource::open({s.ingress ? s.group : 0, s.egress ? s.group + 1 : 0});
  if (!opened) {
    if (!complained_) log::warning("psample { }: " + opened.error().text() + "; trying again");
    return;
  }
  psample_.emplace(std::move(*opened));
  loop_.watch(psample_->fd(), [this] { readPsample(); });
  log::info("Sampling packets of psample group " + std::to_string(s.group));
}

std::uint32_t KernelFeeds::wantedRate(std::uint32_t ifIndex) const {
  const Link* link = network_.byIndex(ifIndex);
  return portRate(settings_.sampling, {}, link == nullptr ? 0 : link->speed).n;
}

void KernelFeeds::readNflog() {
  const double probability = std::max(settings_.nflog->probability, 1e-9);
  const auto rate = static_cast<std::uint32_t>(std::llround(std::min(1.0 / probability, 4e9)));
  const std::uint32_t wanted = settings_.sampling.fallback;
  const std::uint32_t subsample = std::max(1U, (wanted + rate - 1) / std::max(rate, 1U));
  std::uint32_t last = 0;
  nflog_->read([&](const KernelSample& sample) {
    last = sample.device();
    pass(sample, rate, subsample, false);
  });
  if (last != 0) book_.of({0, last}).drops += nflog_->takeDrops();
  sampler_.finish(loop_.now());
}

void KernelFeeds::readPsample() {
  std::uint32_t last = 0;
  psample_->read([&](const KernelSample& sample) {
    last = sample.device();
    const std::uint32_t wanted = wantedRate(last);
    pass(sample, sample.rate, std::max(1U, (wanted + sample.rate - 1) / sample.rate), true);
  });
  if (last != 0) book_.of({0, last}).drops += psample_->takeDrops();
  sampler_.finish(loop_.now());
}

void KernelFeeds::pass(const KernelSample& sample, std::uint32_t rate, std::uint32_t subsample, bool bridge) {
  const std::uint32_t device = sample.device();
  if (device == 0) return;
  if (subsample > 1 && random_.below(subsample) != 0) return;
  SampledFrame& frame = sampler_.slot();
  if (!fillFrame(frame, sample, settings_.headerBytes)) return;
  if (frame.time == 0) frame.time = systemNow();
  newDevice_ |= seen_.insert(device).second;
  FlowSampler::Origin origin{device, rate * subsample, &book_.of({0, device}), {}, {}};
  // A switch tells both ports; a firewall rule tells those that it knows at its place.
  origin.input = sample.inDevice != 0 ? sample.inDevice : sample.fromHost && !bridge ? wire::kNoInterface : 0;
  origin.output = sample.outDevice != 0 ? sample.outDevice : sample.toHost && !bridge ? wire::kNoInterface : 0;
  sampler_.done(origin, {sample.egressQueue, sample.transitDelay, sample.queueDepth}, loop_.now());
}

}  // namespace weir::agent
