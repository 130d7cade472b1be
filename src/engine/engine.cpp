#include <malloc.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/definition_hints.h"
#include "engine/engine_impl.h"
#include "enrich/geo_table.h"
#include "enrich/vendor_table.h"

namespace weir::engine {

namespace {

/// Answers of name servers on their way to a shard.
struct NamesTask : ShardTask {
  explicit NamesTask(std::vector<enrich::DnsAnswer> a) : answers(std::move(a)) {}
  bool step(Shard& shard) override {
    if (shard.names() != nullptr) shard.names()->put(std::move(answers));
    return true;
  }
  std::vector<enrich::DnsAnswer> answers;
};

}  // namespace

// --- Prefaulter

void Prefaulter::start() {
  thread_ = std::thread([this] { run(); });
}

void Prefaulter::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Prefaulter::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    bool worked = false;
    for (auto& shard : shards_) worked = shard->arena().prefault(kAhead) || worked;
    lock.lock();
    if (!worked) wake_.wait_for(lock, std::chrono::milliseconds(20), [this] { return stopping_; });
  }
}

// --- EngineImpl

namespace {

std::vector<std::shared_ptr<const ipfix::FlowExport>> exportsOf(const Definitions& definitions) {
  std::vector<std::shared_ptr<const ipfix::FlowExport>> out;
  for (const FlowEntry& flow : definitions.flows) {
    if (flow.ipfix != nullptr) out.push_back(flow.ipfix);
  }
  return out;
}

/// What the flow tables of a shard can grow to; the fabric's shard has some, too.
Expected<std::size_t> tableBytesOf(unsigned shards) {
  const std::size_t bytes = Arena::affordableReserve(shards + 1);
  if (bytes == 0) {
    return fail("no room for the flow tables of " + std::to_string(shards) +
                " shards: raise the limit of address space (ulimit -v) or lower workers.number");
  }
  if (bytes < Arena::kDefaultReserve) {
    // The C library reserves 64 MiB of addresses for a heap of each thread, which then lack for stacks and tables.
    ::mallopt(M_ARENA_MAX, 1);
    log::warning("the flow tables of a shard end at " + std::to_string(bytes >> 20) +
                 " MiB, since address space is limited (ulimit -v) or not overcommitted (vm.overcommit_memory=2)");
  }
  return bytes;
}

}  // namespace

std::unique_ptr<OwnedEngine> makeEngine(Settings settings, std::unique_ptr<DatagramSource> source) {
  return std::make_unique<EngineImpl>(std::move(settings), std::move(source));
}

EngineImpl::EngineImpl(Settings settings, std::unique_ptr<DatagramSource> source)
    : settings_(std::move(settings)),
      listeners_(std::make_shared<Listeners>(source == nullptr ? Listeners::Clock::system : Listeners::Clock::replay,
                                             [this] { return now(); })),
      sequencer_(settings_.eventsKept, settings_.flowsKept, *listeners_),
      store_(
          names_, [this](const std::shared_ptr<const Definitions>& definitions) { publish(definitions); },
          [this] { return timeOfDay(); }, [this](const DefinitionChanged& changed) { listeners_->tell(changed); }),
      replay_(source == nullptr ? nullptr
                                : std::make_unique<Replay>(
                                      std::move(source), Replay::Options{settings_.speed, settings_.loop}, shards_,
                                      fabric_, sequencer_, std::vector<ReplayParticipant*>{&hosts_, listeners_.get()})),
      startedMonotonic_(monotonicNow()) {
  if (settings_.live) store_.setOwnPort(settings_.port);
}

EngineImpl::~EngineImpl() {
  stop();
}

void EngineImpl::publish(const std::shared_ptr<const Definitions>& definitions) {
  // The exporter first: it must know a definition before there are records of it. Then the fabric shard: it must know
  // the definitions whose updates it gets.
  if (exporter_ != nullptr) exporter_->adopt(exportsOf(*definitions));
  if (fabric_ != nullptr) fabric_->adopt(definitions);
  for (auto& shard : shards_) shard->adopt(definitions);
}

Expected<void> EngineImpl::loadTables() {
  if (tablesLoaded_) return {};
  const auto take = [&](const char* property, auto&& tables) -> Expected<void> {
    if (!tables) return fail(tables.error().text(), property);
    store_.addTables(std::move(*tables));
    return {};
  };
  if (!settings_.countryFiles.empty()) {
    if (auto done = take("geo.country", enrich::readCountries(settings_.countryFiles)); !done) return done;
  }
  if (!settings_.asnFiles.empty()) {
    if (auto done = take("geo.asn", enrich::readAsns(settings_.asnFiles)); !done) return done;
  }
  if (!settings_.vendorFile.empty()) {
    auto vendors = enrich::readVendors(settings_.vendorFile);
    if (!vendors) return fail(vendors.error().text(), "oui.names");
    store_.addTables({{{flow::LookupKind::oui, ""}, std::move(*vendors)}});
  }
  tablesLoaded_ = true;
  return {};
}

/// Without name servers the engine works all the same.
void EngineImpl::openResolver() {
  auto resolver =
      enrich::DnsResolver::open(settings_.dnsServers, [this](unsigned shard, std::vector<enrich::DnsAnswer> a) {
        (void)shards_[shard]->mailbox().postAlways(std::make_unique<NamesTask>(std::move(a)));
      });
  if (!resolver) return log::warning(resolver.error().text());
  resolver_ = std::move(*resolver);
}

void EngineImpl::openExporter() {
  auto resolve = [this](const std::string& host, ipfix::Exporter::Answered done) {
    if (resolver_ == nullptr) return done(fail("there is no name server to ask"));
    resolver_->addresses(host, std::move(done));
  };
  // The clock of a replay begins with its first datagram; templates go out before that.
  auto clock = [this] {
    const Nanos time = timeOfDay();
    return time != 0 ? time : weir::timeOfDay();
  };
  exporter_ = std::make_unique<ipfix::Exporter>(std::move(resolve), std::move(clock));
  sequencer_.exportTo(*exporter_);
}

Expected<void> EngineImpl::start() {
  if (auto done = loadTables(); !done) return done;
  const auto tableBytes = tableBytesOf(settings_.shards);
  if (!tableBytes) return std::unexpected(tableBytes.error());
  if (settings_.exportFlows) {
    openExporter();
  } else if (!exportsOf(*store_.snapshot()).empty()) {
    log::warning("ipfixCollectors have no effect here: weir replay sends nothing");
  }
  if (settings_.live || settings_.exportFlows) openResolver();
  if (replay_ == nullptr && settings_.live) {
    ingest::UdpReceiver::Options options;
    options.address = settings_.address;
    options.port = settings_.port;
    options.bufferBytes = settings_.receiveBufferBytes;
    options.group = settings_.shards;
    auto receivers = ingest::UdpReceiver::openGroup(options);
    if (!receivers) return std::unexpected(receivers.error());
    port_ = receivers->front().port();
    store_.setOwnPort(port_);
    for (auto& receiver : *receivers) {
      shards_.push_back(std::make_unique<ShardThread>(std::move(receiver), names_, sequencer_, *tableBytes));
    }
    if (resolver_ != nullptr) {
      for (unsigned i = 0; i < shards_.size(); ++i) shards_[i]->askNames(*resolver_, i);
    }
  } else {
    for (unsigned i = 0; i < settings_.shards; ++i) {
      shards_.push_back(std::make_unique<ShardThread>(std::nullopt, names_, sequencer_, *tableBytes));
    }
  }
  fabric_ = std::make_unique<ShardThread>(std::nullopt, names_, sequencer_, *tableBytes);
  for (auto& shard : shards_) shard->passEdgeTo(*fabric_);
  if (replay_ == nullptr) fabric_->beLive();
  publish(store_.snapshot());
  fabric_->start();
  for (auto& shard : shards_) shard->start();
  prefaulter_.start();
  if (replay_ != nullptr) {
    replay_->start();
  } else {
    hosts_.start();
  }
  return {};
}

void EngineImpl::stop() {
  if (stopped_) return;
  stopped_ = true;
  if (replay_) replay_->stop();
  prefaulter_.stop();
  hosts_.stop();
  for (auto& shard : shards_) shard->stop();
  if (fabric_) fabric_->stop();
  listeners_->close();
  if (exporter_ != nullptr) exporter_->stop();  // stays to hear the answers that it asked for
  resolver_.reset();
}

void EngineImpl::waitForReplay() {
  if (replay_) replay_->wait();
}

Nanos EngineImpl::now() const {
  return replay_ != nullptr ? replay_->now() : systemNow();
}

/// now() for time stamps: live the system's clock, which may have been set since the engine began.
Nanos EngineImpl::timeOfDay() const {
  return replay_ != nullptr ? now() : weir::timeOfDay();
}

Engine::Hints EngineImpl::hintsOnNames(Named named, const std::vector<std::string>& names) const {
  const auto definitions = store_.snapshot();
  Hints hints;
  constexpr std::size_t kMost = 10;  // each looks for a near name among all
  for (const std::string& name : names) {
    if (hints.size() == kMost) break;
    auto hint = named == Named::threshold    ? hintOnThreshold(name, *definitions)
                : named == Named::loggedFlow ? hintOnLoggedFlow(name, *definitions)
                                             : hintOnMetric(name, *definitions, names_);
    if (hint) hints.push_back(std::move(*hint));
  }
  return hints;
}

Engine::LogPiece EngineImpl::recordsAfter(Log log, const LogRequest& request, std::size_t most) const {
  const auto piece = [&](auto found) { return LogPiece{std::move(found.records), found.cursor, found.overtaken}; };
  return log == Log::events ? piece(sequencer_.events().following(request.names, request.after, request.max, most))
                            : piece(sequencer_.flows().following(request.names, request.after, request.max, most));
}

std::optional<std::string> EngineImpl::logRecords(Log log, const LogRequest& request) const {
  return log == Log::events ? sequencer_.events().json(request.names, request.after, request.max)
                            : sequencer_.flows().json(request.names, request.after, request.max);
}

}  // namespace weir::engine
