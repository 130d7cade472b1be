#include "ipfix/exporter.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>

#include "base/log.h"

namespace weir::ipfix {

void Exporter::adopt(std::vector<std::shared_ptr<const FlowExport>> flows) {
  const bool needed = !flows.empty();
  {
    const std::lock_guard lock(mutex_);
    if (coming_.ending) return;
    coming_.flows = std::move(flows);
    coming_.flowsChanged = true;
    wake_.notify_all();
  }
  if (needed && !thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Exporter::post(std::vector<Record> records) {
  std::uint64_t lost = 0;
  {
    const std::lock_guard lock(mutex_);
    std::vector<Record>& waiting = coming_.records;
    const bool first = waiting.empty(), hadRoom = waiting.size() < kMaxWaiting / 2;
    const auto rest =
        records.begin() + static_cast<std::ptrdiff_t>(std::min(records.size(), kMaxWaiting - waiting.size()));
    waiting.insert(waiting.end(), std::move_iterator(records.begin()), std::move_iterator(rest));
    for (auto it = rest; it != records.end(); ++it) lost += it->of->collectors().size();
    if (first) sendAt_ = monotonicNow() + kGather;
    if (first || (hadRoom && waiting.size() >= kMaxWaiting / 2)) wake_.notify_all();
  }
  figures_.recordsLost += lost;
}

void Exporter::stop() {
  {
    const std::lock_guard lock(mutex_);
    coming_.ending = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Exporter::run() {
  pthread_setname_np(pthread_self(), "weir-ipfix");
  for (bool ending = false; !ending;) {
    Work work = takeWork(nextTimer());
    ending = work.ending;
    perform(std::move(work));
  }
}

Nanos Exporter::nextTimer() const {
  Nanos next = names_.nextQuestion();
  for (const auto& [collector, destination] : destinations_) {
    if (destination.address) next = std::min(next, destination.session->nextAnnouncement());
  }
  return next;
}

Exporter::Work Exporter::takeWork(Nanos timer) {
  std::unique_lock lock(mutex_);
  while (!coming_.ending && !coming_.flowsChanged && coming_.answers.empty() &&
         coming_.records.size() < kMaxWaiting / 2) {
    const Nanos due = std::min(timer, sendAt_);
    if (due == INT64_MAX) {
      wake_.wait(lock);
      continue;
    }
    const Nanos left = due - monotonicNow();
    if (left <= 0) break;
    wake_.wait_for(lock, std::chrono::nanoseconds(left));
  }
  sendAt_ = INT64_MAX;
  Work work = std::exchange(coming_, {});
  coming_.ending = work.ending;
  return work;
}

void Exporter::perform(Work work) {
  std::span<Record> records(work.records);
  if (work.flowsChanged) {
    // What was made by a definition that goes now, goes first.
    const auto others = std::ranges::stable_partition(records, [&](const Record& r) { return flows_.contains(r.of); });
    send({records.begin(), others.begin()});
    records = {others.begin(), others.end()};
    takeFlows(work.flows);
  }
  for (const auto& [name, answer] : work.answers) names_.answered(name, answer, monotonicNow());
  if (!work.ending) askForNames();
  if (work.flowsChanged || !work.answers.empty()) findAddresses();
  send(records);
}

void Exporter::takeFlows(const std::vector<std::shared_ptr<const FlowExport>>& flows) {
  flows_ = {flows.begin(), flows.end()};
  std::map<Collector, std::vector<std::shared_ptr<const FlowExport>>> wanted;
  for (const auto& flow : flows) {
    for (const Collector& collector : flow->collectors()) wanted[collector].push_back(flow);
  }
  if (destinations_.size() > kRemembered) {
    std::erase_if(destinations_, [&](const auto& entry) { return !wanted.contains(entry.first); });
  }
  for (auto& [collector, destination] : destinations_) {
    if (!wanted.contains(collector)) destination.session->setFlows({});
  }
  std::set<std::string> names;
  for (const auto& [collector, itsFlows] : wanted) {
    Destination& destination = destinations_[collector];
    if (destination.session == nullptr) destination.session = sessionTo(collector, destination);
    destination.session->setFlows(itsFlows);
    if (!IpAddress::parse(collector.host)) names.insert(collector.host);
  }
  names_.want(names);
}

/// Destinations stay where they are in the map, and live as long as their session; one without address sends nothing.
std::unique_ptr<Session> Exporter::sessionTo(const Collector& collector, const Destination& to) {
  auto send = [this, collector, &to](Bytes message, unsigned records) {
    const std::error_code problem = sender_.send(to.address.value(), collector.port, message);
    if (!problem) {
      ++figures_.messages;
      figures_.recordsSent += records;
      return;
    }
    figures_.recordsLost += records;
    log::warning(complaints_, "IPFIX collector " + collector.text() + " cannot be sent to: " + problem.message());
  };
  return std::make_unique<Session>(std::move(send), nextDomain_++);
}

void Exporter::askForNames() {
  for (const std::string& name : names_.toAsk(monotonicNow())) {
    resolve_(name, [this, name](Expected<HostAddresses> answer) {
      const std::lock_guard lock(mutex_);
      coming_.answers.emplace_back(name, std::move(answer));
      wake_.notify_all();
    });
  }
}

void Exporter::findAddresses() {
  for (auto& [collector, destination] : destinations_) {
    auto address = IpAddress::parse(collector.host);
    if (!address) address = names_.address(collector.host);
    if (address == destination.address) continue;
    destination.address = address;
    if (!address || address == destination.last) continue;
    destination.last = address;
    destination.session->beginAnew();
  }
}

void Exporter::send(std::span<const Record> records) {
  for (const Record& record : records) {
    for (const Collector& collector : record.of->collectors()) {
      const auto found = destinations_.find(collector);
      const bool sent =
          found != destinations_.end() && found->second.address && found->second.session->add(record, now());
      if (!sent) ++figures_.recordsLost;
    }
  }
  for (auto& [collector, destination] : destinations_) {
    if (!destination.address) continue;
    destination.session->announce(now());
    destination.session->flush(now());
  }
}

}  // namespace weir::ipfix
