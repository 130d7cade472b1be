#include "agent_host/virtual_machines.h"

#include <dlfcn.h>
#include <net/if.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"

namespace weir::agent {

namespace {

// The part of libvirt that is used (libvirt-host.h, libvirt-domain.h; its ABI does not change). User nobody may
// open the read-only socket of the system's machines.
constexpr char kUri[] = "qemu:///system";
using Connection = void*;
using Domain = void*;
struct TypedParameter {
  char field[80];
  int type;
  union {
    int i;
    unsigned ui;
    long long l;
    unsigned long long ul;
    double d;
    char b;
    char* s;
  } value;
};
struct StatsRecord {
  Domain domain;
  TypedParameter* parameters;
  int count;
};
constexpr unsigned kState = 1, kCpu = 2, kBalloon = 4, kProcessors = 8, kInterface = 16, kBlock = 32;
constexpr unsigned kActive = 1, kNoWait = 1U << 29;  // what a machine does not answer at once is left out
constexpr auto kPatienceAtEnd = std::chrono::seconds(2);

std::uint64_t valueOf(const TypedParameter& p) {
  switch (p.type) {
    case 1:  // int
      return p.value.i < 0 ? 0 : static_cast<std::uint64_t>(p.value.i);
    case 2:  // unsigned
      return p.value.ui;
    case 3:  // long long
      return p.value.l < 0 ? 0 : static_cast<std::uint64_t>(p.value.l);
    case 4:  // unsigned long long
      return p.value.ul;
    default:
      return 0;
  }
}

/// Adds one parameter to the counters. Names: virConnectGetAllDomainStats.
void take(const TypedParameter& p, EntityCounters& out) {
  const std::string_view all(p.field, ::strnlen(p.field, sizeof p.field));
  const std::uint64_t value = valueOf(p);
  if (all == "state.state") out.state = static_cast<std::uint32_t>(std::min<std::uint64_t>(value, 7));
  if (all == "cpu.time") out.cpuMs = value / 1'000'000;
  if (all == "vcpu.current") out.processors = static_cast<std::uint32_t>(value);
  if (all == "balloon.current") out.memory = value * 1024;
  if (all == "balloon.maximum") out.maxMemory = value * 1024;
  const bool net = all.starts_with("net."), block = all.starts_with("block.");
  const std::size_t dot = all.find('.', net ? 4 : 6);
  if ((!net && !block) || dot == std::string_view::npos) return;
  const std::string_view name = all.substr(dot + 1);
  if (net) {
    if (!out.net) out.net.emplace();
    struct Row {
      std::string_view name;
      std::uint64_t NetCounters::* member;
    };
    using N = NetCounters;
    static constexpr Row kRows[] = {{"rx.bytes", &N::bytesIn},  {"rx.pkts", &N::packetsIn}, {"rx.errs", &N::errorsIn},
                                    {"rx.drop", &N::dropsIn},   {"tx.bytes", &N::bytesOut}, {"tx.pkts", &N::packetsOut},
                                    {"tx.errs", &N::errorsOut}, {"tx.drop", &N::dropsOut}};
    for (const auto& row : kRows)
      if (row.name == name) *out.net.*row.member += value;
    return;
  }
  struct Row {
    std::string_view name;
    std::uint64_t EntityCounters::* member;
  };
  using C = EntityCounters;
  static constexpr Row kRows[] = {{"rd.reqs", &C::readRequests},     {"rd.bytes", &C::readBytes},
                                  {"wr.reqs", &C::writeRequests},    {"wr.bytes", &C::writeBytes},
                                  {"errors", &C::diskErrors},        {"capacity", &C::diskCapacity},
                                  {"allocation", &C::diskAllocation}};
  for (const auto& row : kRows)
    if (row.name == name) out.*row.member += value;
}

std::string uuidText(const unsigned char* uuid) {
  std::string out;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    for (const int digit : {uuid[i] >> 4, uuid[i] & 15}) out += "0123456789abcdef"[digit];
  }
  return out;
}

/// What stands in quotes behind `before` in `text`.
std::string_view quoted(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find_first_of("'\"<"));
}

bool readMac(std::string_view text, std::array<std::uint8_t, 6>& out) {
  if (text.size() != 17) return false;
  for (std::size_t i = 0; i < 6; ++i) {
    int value = 0;
    for (const char c : text.substr(i * 3, 2)) {
      const char lower = static_cast<char>(c | 0x20);
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
      value = value * 16 + (c <= '9' ? c - '0' : lower - 'a' + 10);
    }
    out[i] = static_cast<std::uint8_t>(value);
  }
  return true;
}

}  // namespace

std::vector<Adapter> parseAdapters(std::string_view xml) {
  std::vector<Adapter> out;
  constexpr std::string_view kBegin = "<interface ", kEnd = "</interface>";
  constexpr std::size_t kMostAdapters = 32;
  for (std::size_t at = 0; out.size() < kMostAdapters && (at = xml.find(kBegin, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(xml.find(kEnd, at), xml.size());
    const std::string_view part = xml.substr(at, end - at);
    Adapter adapter;
    const std::string device(quoted(part, "<target dev='"));
    if (!device.empty()) adapter.ifIndex = ::if_nametoindex(device.c_str());
    if (readMac(quoted(part, "<mac address='"), adapter.mac)) out.push_back(adapter);
    at = end;
  }
  return out;
}

struct VirtualMachines::Library {
  void* handle = nullptr;
  Connection (*connect)(const char*) = nullptr;
  int (*close)(Connection) = nullptr;
  int (*stats)(Connection, unsigned, StatsRecord***, unsigned) = nullptr;
  void (*freeStats)(StatsRecord**) = nullptr;
  const char* (*name)(Domain) = nullptr;
  int (*uuid)(Domain, unsigned char*) = nullptr;
  char* (*describe)(Domain, unsigned) = nullptr;
  const char* (*lastError)() = nullptr;
  void (*onError)(void*, void (*)(void*, void*)) = nullptr;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  // Never unloaded: its threads may outlive the last connection.
  template <class Function>
  bool find(const char* symbol, Function& function) const {
    function = reinterpret_cast<Function>(::dlsym(handle, symbol));
    return function != nullptr;
  }
  [[nodiscard]] bool findAll() {
    return find("virConnectOpenReadOnly", connect) && find("virConnectClose", close) &&
           find("virConnectGetAllDomainStats", stats) && find("virDomainStatsRecordListFree", freeStats) &&
           find("virDomainGetName", name) && find("virDomainGetUUID", uuid) && find("virDomainGetXMLDesc", describe) &&
           find("virGetLastErrorMessage", lastError) && find("virSetErrorFunc", onError);
  }
};

/// What the thread and its owner share; lives as long as either.
struct VirtualMachines::Shared {
  struct Machine {
    std::string name;
    EntityCounters counters;
  };
  using Machines = std::map<std::string, Machine>;

  Library library;
  std::chrono::nanoseconds every{};
  mutable std::mutex mutex;
  std::condition_variable changed;
  // under the mutex
  Machines machines;
  std::uint64_t rounds = 0;
  bool ending = false, ended = false;
  // of the thread
  Connection connection = nullptr;
  bool complained = false;

  void run();
  bool ask(Machines& out);
};

bool VirtualMachines::Shared::ask(Machines& out) {
  if (connection == nullptr) connection = library.connect(kUri);
  StatsRecord** records = nullptr;
  const int count = connection == nullptr
                        ? -1
                        : library.stats(connection, kState | kCpu | kBalloon | kProcessors | kInterface | kBlock,
                                        &records, kActive | kNoWait);
  if (count < 0) {
    if (!std::exchange(complained, true))
      log::warning(std::string("kvm { }: ") + library.lastError() + "; trying again");
    if (connection != nullptr) library.close(std::exchange(connection, nullptr));
    return false;
  }
  complained = false;
  for (int i = 0; i < count && out.size() < kMaxEntities; ++i) {
    const StatsRecord& record = *records[i];
    unsigned char uuid[16] = {};
    const char* name = library.name(record.domain);
    if (name == nullptr || library.uuid(record.domain, uuid) != 0) continue;
    Machine& machine = out[uuidText(uuid)];
    machine.name = name;
    for (int p = 0; p < record.count; ++p) take(record.parameters[p], machine.counters);
    if (machine.counters.state == 7) machine.counters.state = 3;  // suspended by its guest: paused
    const std::unique_ptr<char, void (*)(void*)> xml(library.describe(record.domain, 0), std::free);
    if (xml) machine.counters.adapters = parseAdapters(xml.get());
  }
  library.freeStats(records);
  return true;
}

void VirtualMachines::Shared::run() {
  library.onError(nullptr, [](void*, void*) {});  // it would write to standard error
  auto due = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex);
  while (!ending) {
    lock.unlock();
    Machines fresh;
    const bool answered = ask(fresh);
    lock.lock();
    machines.swap(fresh);
    if (answered) ++rounds;
    due = std::max(due + every, std::chrono::steady_clock::now());
    changed.wait_until(lock, due, [this] { return ending; });
  }
  lock.unlock();
  if (connection != nullptr) library.close(connection);
  lock.lock();
  ended = true;
  changed.notify_all();
}

VirtualMachines::VirtualMachines(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
  std::thread([s = shared_] { s->run(); }).detach();
}

VirtualMachines::~VirtualMachines() {
  std::unique_lock lock(shared_->mutex);
  shared_->ending = true;
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, kPatienceAtEnd, [this] { return shared_->ended; });
}

Expected<std::unique_ptr<VirtualMachines>> VirtualMachines::open(Nanos every, const std::string& name) {
  auto shared = std::make_shared<Shared>();
  shared->every = std::chrono::nanoseconds(every);
  shared->library.handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (shared->library.handle == nullptr) return fail("there is no " + name + " (Debian package libvirt0)");
  if (!shared->library.findAll()) return fail(name + " lacks functions that libvirt has had since 1.2.8");
  return std::unique_ptr<VirtualMachines>(new VirtualMachines(std::move(shared)));
}

std::vector<Entity> VirtualMachines::list() const {
  const std::lock_guard lock(shared_->mutex);
  std::vector<Entity> out;
  for (const auto& [id, machine] : shared_->machines) {
    Entity entity;
    entity.kind = EntityKind::machine;
    entity.id = id;
    entity.name = machine.name;
    out.push_back(std::move(entity));
  }
  return out;
}

std::optional<EntityCounters> VirtualMachines::read(const std::string& id) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->machines.find(id);
  if (found == shared_->machines.end()) return std::nullopt;
  return found->second.counters;
}

std::uint64_t VirtualMachines::rounds() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->rounds;
}

}  // namespace weir::agent
