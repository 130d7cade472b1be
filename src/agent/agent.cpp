#include "agent/agent.h"

#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <random>

#include "agent/address_election.h"
#include "agent_config/auto_file.h"
#include "agent_config/config_file.h"
#include "base/log.h"

namespace weir::agent {

namespace {

// Several changes of the network come at once: one look at it for all of them.
constexpr Nanos kNetworkSettles = 100 * kMillisecond;
// How often services, containers and pods are looked for.
constexpr Nanos kEntitiesChange = 10 * kSecond;

std::uint64_t seed() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

}  // namespace

Agent::Agent(AgentCommandLine line, AgentSettings settings, KernelNetwork network)
    : line_(std::move(line)),
      file_(settings),
      settings_(std::move(settings)),
      source_(std::move(network)),
      resolver_(loop_),
      directory_(loop_, resolver_, [this] { applyTargets(); }),
      dnsSd_(loop_, resolver_, seed(),
             [this](const DnsSdResult& result) {
               fromDns_ = result;
               applyDns();
               apply();
             }),
      sender_([this](Bytes datagram) { sockets_.send(datagram, loop_.now()); }, loop_.now()),
      poller_(sender_, book_, source_, "", seed()),
      entities_(poller_, ""),
      docker_(loop_, kDockerSocket, [this](const auto& names) { entities_.setContainerNames(names); }),
      sampler_(sender_, entities_),
      taps_(loop_, sampler_, book_, seed()),
      feeds_(loop_, sampler_, book_, seed()),
      drops_(loop_, sender_, book_, openDropSource),
      json_(loop_, sender_, book_, poller_, seed()) {}

Expected<std::unique_ptr<Agent>> Agent::make(const AgentCommandLine& line, const AgentSettings& settings) {
  auto network = KernelNetwork::open();
  if (!network) return std::unexpected(network.error());
  std::unique_ptr<Agent> out(new Agent(line, settings, std::move(*network)));
  if (auto started = out->start(); !started) return std::unexpected(started.error());
  return out;
}

Expected<> Agent::start() {
  if (auto watched = watchSignals(); !watched) return watched;
  if (auto watched = watchNetwork(); !watched) return watched;
  auto network = source_.read();
  if (!network) return std::unexpected(network.error());
  network_ = std::move(*network);
  identity_ = hostIdentity("", line_.machineId);  // now: the firmware tells its UUID to root only
  autoFile_ = netlink::Descriptor(::open(line_.autoPath.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!autoFile_) log::warning("cannot write " + line_.autoPath + ": " + std::strerror(errno));
  applyFile();
  loop_.every(kSecond, [this] { tick(); });
  loop_.every(kEntitiesChange, [this] {
    if (entities_.refresh(loop_.now())) docker_.ask();
  });
  return {};
}

void Agent::run(std::function<void()> hangUp, std::function<void(const AgentSettings&)> reread) {
  hangUp_ = std::move(hangUp);
  reread_ = std::move(reread);
  log::info("weir-agent runs");
  loop_.run();
  sender_.flush();
}

Expected<> Agent::watchSignals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = netlink::Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return fail(std::string("signalfd: ") + std::strerror(errno));
  loop_.watch(signals_.get(), [this] { onSignals(); });
  return {};
}

Expected<> Agent::watchNetwork() {
  auto socket = netlink::Socket::open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!socket) return std::unexpected(socket.error());
  networkEvents_ = std::move(*socket);
  loop_.watch(networkEvents_.fd(), [this] {
    // What changed does not matter: everything is read again, as also after an overrun.
    std::array<std::uint8_t, 16 * 1024> buffer;
    Bytes message;
    while (networkEvents_.receive(buffer, message) != netlink::Socket::Received::nothing) {
    }
    if (std::exchange(networkChanged_, true)) return;
    loop_.after(kNetworkSettles, [this] { readNetwork(); });
  });
  return {};
}

void Agent::onSignals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGHUP:
        hangUp_();
        reload();
        break;
      case SIGUSR1:
      case SIGUSR2:
        logStatus();
        break;
      default:
        loop_.stop();
    }
  }
}

void Agent::reload() {
  const auto file = readConfig(line_.configPath);
  if (!file) return log::error(file.error().text() + "; the old configuration stays in force");
  for (const auto& problem : file->problems) log::warning(problemText(line_.configPath, problem));
  if (!file->usable()) return log::error("the old configuration stays in force");
  file_ = file->settings;
  log::info("Read " + line_.configPath + " again");
  reread_(file_);
  applyFile();
}

void Agent::applyFile() {
  // Speeds may change without a message from the kernel.
  loop_.cancel(refreshTimer_);
  refreshTimer_ = loop_.every(file_.refreshAdaptors * kSecond, [this] { readNetwork(); });
  if (file_.dnsSd) {
    dnsSd_.start(file_.dnsSd->domain);
  } else {
    dnsSd_.stop();
    fromDns_.reset();
  }
  givenAddress_ = {};
  applyDns();
  apply();
}

/// The settings in force: those of the file, and with dns-sd { } those of DNS over them.
void Agent::applyDns() {
  settings_ = file_;
  if (file_.dnsSd) settings_.collectors.clear();
  if (!fromDns_) return;
  std::vector<std::string> unknown;
  settings_ = withTexts(settings_, fromDns_->texts, unknown);
  for (const auto& text : unknown) log::warning("dns-sd { }: \"" + text + "\" in the TXT record is not a setting");
  settings_.collectors = fromDns_->collectors;
}

void Agent::readNetwork() {
  networkChanged_ = false;
  auto network = source_.read();
  if (!network) return log::warning("cannot read the network interfaces: " + network.error().text());
  network_ = std::move(*network);
  apply();
}

bool Agent::isPolled(const Link& link) const {
  if (taps_.isTapped(link.index) || feeds_.isSeen(link.index)) return true;
  return link.isUp() && !link.isLoopback() && link.kind != "veth";
}

void Agent::apply() {
  electAddress();
  sender_.setLimit(settings_.datagramBytes);
  directory_.set(settings_.collectors);
  applyTargets();
  HostIdentity identity = identity_;
  if (settings_.uuid) identity.uuid = *settings_.uuid;
  if (const auto uuid = parseUuid(line_.uuid)) identity.uuid = *uuid;
  poller_.setIdentity(identity);
  sampler_.setLocal(network_);
  sampler_.setTcp(settings_.tcp);
  taps_.update(network_, settings_);
  feeds_.apply(settings_, network_);
  applyMachines();
  entities_.apply(settings_, identity, loop_.now());
  docker_.apply(settings_.docker);
  json_.apply(settings_);
  applyGpus();
  drops_.apply(settings_.dropmon, settings_.headerBytes);
  applyPolling();
}

void Agent::applyGpus() {
  if (std::exchange(nvmlApplied_, settings_.nvml) == settings_.nvml) return;
  gpus_.reset();
  poller_.setHostExtra({});
  if (!settings_.nvml) return;
  auto opened = Gpus::open();
  if (!opened) return log::warning("nvml { }: " + opened.error().text());
  gpus_ = std::move(*opened);
  poller_.setHostExtra([this](wire::DatagramWriter& writer) { writer.add(gpus_->read()); });
}

/// They are asked for as often as they are polled, so that each poll tells of one interval.
void Agent::applyMachines() {
  const std::uint32_t seconds = settings_.kvm ? settings_.polling.fallback : 0;
  if (std::exchange(machinesEvery_, seconds) == seconds) return;
  entities_.setMachines(nullptr);
  machines_.reset();
  if (seconds == 0) return;
  auto opened = VirtualMachines::open(seconds * kSecond);
  if (!opened) return log::warning("kvm { }: " + opened.error().text());
  machines_ = std::move(*opened);
  entities_.setMachines(machines_.get());
}

void Agent::applyPolling() {
  poller_.setNetwork(
      network_, [this](const Link& link) { return isPolled(link); }, settings_.polling.fallback, loop_.now());
}

void Agent::electAddress() {
  const auto ranking = rankAgentAddresses(network_, settings_);
  IpAddress chosen;
  agentDevice_.clear();
  if (const auto given = IpAddress::parse(settings_.agentIp)) {
    chosen = *given;
  } else if (!settings_.agentIp.empty()) {
    chosen = givenAddress_;
    resolveAgentAddress();
  } else if (!ranking.empty()) {
    chosen = ranking.front().address;
    agentDevice_ = ranking.front().device;
  }
  if (chosen != sender_.agent()) {
    std::string others;
    for (std::size_t i = 1; i < ranking.size() && i < 8; ++i)
      others += (others.empty() ? "; then " : ", ") + ranking[i].address.text() + " on " + ranking[i].device;
    if (chosen.family == IpAddress::Family::none) {
      log::warning("this agent has no address, and nothing is sent until it has one (agentIP= sets it)");
    } else {
      log::info("Agent address " + chosen.text() + (agentDevice_.empty() ? "" : " on " + agentDevice_) + others);
    }
  }
  sender_.setIdentity(chosen, settings_.subAgent);
}

/// agentIP=NAME: asked for once a configuration; until it is known nothing is sent.
void Agent::resolveAgentAddress() {
  if (givenAddress_.family != IpAddress::Family::none || std::exchange(resolvingAddress_, true)) return;
  resolver_.addresses(settings_.agentIp, [this, name = settings_.agentIp](const Expected<Resolver::Addresses>& answer) {
    resolvingAddress_ = false;
    if (name != settings_.agentIp) return apply();
    if (answer && !answer->list.empty()) {
      givenAddress_ = answer->list.front();
      return apply();
    }
    log::warning("cannot resolve agentIP=" + name + "; trying again");
    loop_.after(10 * kSecond, [this] { apply(); });
  });
}

void Agent::applyTargets() {
  auto targets = directory_.targets();
  if (settings_.dnsSd && settings_.dnsSd->priorities && targets.size() > 1) targets.resize(1);
  sockets_.setTargets(targets);
  sender_.setSending(!sockets_.empty());
  writeAutoFile();
}

void Agent::writeAutoFile() {
  AutoFile file;
  file.hostname = identity_.hostname;
  file.agentAddress = sender_.agent().text();
  file.agentDevice = agentDevice_;
  file.elected = settings_.agentIp.empty();
  file.sending = sender_.isSending();
  AgentSettings resolved = settings_;
  resolved.collectors.clear();
  for (const auto& target : sockets_.targets()) {
    resolved.collectors.push_back(target.settings);
    resolved.collectors.back().host = target.address.text();
  }
  std::string text = autoFileText(file, resolved);
  if (text == autoText_) return;
  autoText_ = std::move(text);
  file.revision = ++revision_;
  const std::string all = autoFileText(file, resolved);
  // In place, as readers know it; the revision lines tell them of a torn read.
  if (autoFile_ && (::pwrite(autoFile_.get(), all.data(), all.size(), 0) != static_cast<ssize_t>(all.size()) ||
                    ::ftruncate(autoFile_.get(), static_cast<off_t>(all.size())) != 0))
    log::warning("cannot write " + line_.autoPath + ": " + std::strerror(errno));
}

void Agent::tick() {
  if (gpus_) gpus_->integrate(loop_.now());
  taps_.tick();
  feeds_.tick();
  if (feeds_.takeNewDevice()) applyPolling();
  drops_.tick(loop_.now());
  json_.tick();
  poller_.poll(loop_.now());
  sender_.flushOld(loop_.now());
}

void Agent::logStatus() const {
  const auto& c = sender_.counters();
  log::info("datagrams " + std::to_string(c.datagrams) + ", samples " + std::to_string(c.samples) + ", flow samples " +
            std::to_string(sampler_.samples()) + ", suppressed " + std::to_string(c.suppressed) + ", too large " +
            std::to_string(c.tooLarge) + ", taps " + std::to_string(taps_.size()));
  if (const SocketLookup* sockets = sampler_.sockets(); sockets != nullptr)
    log::info("sockets asked for " + std::to_string(sockets->counters().asked) + ", TCP connections known " +
              std::to_string(sockets->counters().answered));
  for (const auto& collector : sockets_.status())
    log::info("collector " + collector.name + ": sent " + std::to_string(collector.sent) + ", failed " +
              std::to_string(collector.failed));
}

std::string describePlan(const Network& network, const AgentSettings& settings) {
  std::string out;
  const auto ranking = rankAgentAddresses(network, settings);
  if (!settings.agentIp.empty()) {
    out += "agent address: " + settings.agentIp + " (agentIP)\n";
  } else if (ranking.empty()) {
    out += "agent address: none; nothing would be sent\n";
  } else {
    out += "agent address: " + ranking.front().address.text() + " on " + ranking.front().device + "\n";
  }
  for (const auto& link : network.links) {
    const TapPlan plan = planTap(link, settings.taps, settings.sampling);
    out += link.name + ": ";
    out += plan.rate.n == 0 ? "no packet samples: " + plan.reason
                            : "1 packet in " + std::to_string(plan.rate.n) + " (" + plan.rate.reason + ")";
    out += link.speed == 0 ? ", speed unknown\n" : ", " + std::to_string(link.speed / 1'000'000) + " Mbit/s\n";
  }
  return out;
}

}  // namespace weir::agent
