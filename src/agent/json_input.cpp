#include "agent/json_input.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cerrno>
#include <cstring>

#include "agent/json_record.h"
#include "agent_config/sampling_rate.h"
#include "base/log.h"
#include "json/lenient.h"

namespace weir::agent {

namespace {

namespace bj = boost::json;

constexpr Nanos kSynthesiseAfter = 120 * kSecond, kForgetAfter = 7200 * kSecond;  // docs/agent-rules.md
// In the order of sFlow's app_status and of the fields of app_operations (0:2202).
constexpr std::string_view kStatusNames[] = {"success",     "other",       "timeout",     "internal_error",
                                             "bad_request", "forbidden",   "too_large",   "not_implemented",
                                             "not_found",   "unavailable", "unauthorized"};

netlink::Descriptor bindLoopback(int family, std::uint16_t port) {
  netlink::Descriptor fd(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fd;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  const auto* address =
      family == AF_INET ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
  if (::bind(fd.get(), address, size) != 0) fd.reset();
  return fd;
}

bool isDataSourceName(std::string_view name) {
  if (name.empty() || name.size() > 64 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

const bj::object* objectOf(const bj::object& object, const char* member) {
  const bj::value* value = object.if_contains(member);
  return value == nullptr ? nullptr : value->if_object();
}

std::size_t statusOf(const bj::object& operation) {
  const std::string name = lowerCase(textOf(operation, "status"));
  const auto* begin = std::begin(kStatusNames);
  if (const auto* found = std::find(begin, std::end(kStatusNames), name); found != std::end(kStatusNames))
    return static_cast<std::size_t>(found - begin);
  return std::min<std::size_t>(numberOf(operation, "status"), std::size(kStatusNames) - 1);
}

void addIfThere(wire::DatagramWriter& writer, wire::RecordSpace space, std::uint32_t tag, const bj::object* object,
                std::string_view application) {
  const wire::RecordSpec* spec = wire::recordSpec(space, tag);
  if (object != nullptr && spec != nullptr) addRecord(writer, *spec, *object, application);
}

}  // namespace

void JsonInput::apply(const AgentSettings& settings) {
  const auto place = [](const AgentSettings& s) {
    return s.json ? std::pair(s.json->port, s.json->fifo) : std::pair(std::uint16_t{0}, std::string());
  };
  const bool other = place(settings) != place(settings_);
  settings_ = settings;
  if (!other) return;
  close();
  if (settings_.json) open();
}

void JsonInput::open() {
  const JsonSettings& s = *settings_.json;
  if (s.port != 0) {
    v4_ = bindLoopback(AF_INET, s.port);
    v6_ = bindLoopback(AF_INET6, s.port);
    if (!v4_ && !v6_)
      log::warning("json { }: cannot listen on UDP port " + std::to_string(s.port) + ": " + std::strerror(errno));
    if (v4_) loop_.watch(v4_.get(), [this] { readSocket(v4_.get()); });
    if (v6_) loop_.watch(v6_.get(), [this] { readSocket(v6_.get()); });
  }
  if (!s.fifo.empty()) {
    // For writing too: or it would be at its end whenever no program has it open.
    fifo_ = netlink::Descriptor(::open(s.fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fifo_) return log::warning("json { }: cannot read " + s.fifo + ": " + std::strerror(errno));
    loop_.watch(fifo_.get(), [this] { readFifo(); });
  }
}

void JsonInput::close() {
  for (netlink::Descriptor* fd : {&v4_, &v6_, &fifo_}) {
    if (!*fd) continue;
    loop_.unwatch(fd->get());
    fd->reset();
  }
  line_.clear();
}

void JsonInput::readSocket(int fd) {
  std::array<char, kMaxMessage + 1> buffer;
  ssize_t n;
  while ((n = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0) {
    if (static_cast<std::size_t>(n) > kMaxMessage) {
      refuse("a message of more than 10000 octets");
    } else {
      message(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    }
  }
}

void JsonInput::readFifo() {
  std::array<char, 4096> buffer;
  const ssize_t n = ::read(fifo_.get(), buffer.data(), buffer.size());
  if (n <= 0) return;
  std::string_view text(buffer.data(), static_cast<std::size_t>(n));
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    line_.append(text.substr(0, end));
    if (line_.size() > kMaxMessage) {
      refuse("a line of more than 10000 octets");
    } else if (!line_.empty()) {
      message(line_);
    }
    line_.clear();
  }
  // What is longer than a message may be only has to be known as such.
  line_.append(text.substr(0, kMaxMessage + 1 - std::min(line_.size(), kMaxMessage + 1)));
}

void JsonInput::refuse(std::string_view why) {
  ++counters_.refused;
  log::warning(complaints_, "json { }: " + std::string(why));
}

void JsonInput::message(std::string_view text) {
  ++counters_.messages;
  const auto parsed = json::parseLenient(text);
  if (!parsed) return refuse(parsed.error().text());
  const bj::object* object = parsed->if_object();
  if (object == nullptr) return refuse("expected an object");
  bool known = false;
  const auto pass = [&](const char* member, auto&& handle) {
    const bj::object* inner = objectOf(*object, member);
    if (inner == nullptr) return;
    known = true;
    handle(*inner);
  };
  pass("rtmetric", [&](const bj::object& o) { rtSample(o, false); });
  pass("rtflow", [&](const bj::object& o) { rtSample(o, true); });
  pass("flow_sample", [&](const bj::object& o) { flowSample(o); });
  pass("counter_sample", [&](const bj::object& o) { counterSample(o); });
  if (!known) refuse("expected rtmetric, rtflow, flow_sample or counter_sample");
}

void JsonInput::rtSample(const bj::object& object, bool flow) {
  if (!isDataSourceName(textOf(object, "datasource")))
    return refuse("expected datasource, up to 64 letters, digits, - and _ that begin with no digit");
  (void)sender_.addWhole(loop_.now(), [&](wire::DatagramWriter& writer) {
    if (flow) {
      writeRtFlow(writer, object);
    } else {
      writeRtMetric(writer, object);
    }
  });
}

JsonInput::Application* JsonInput::application(const bj::object& object, std::string& name) {
  name = textOf(object, "app_name").substr(0, 255);
  if (name.empty()) {
    refuse("expected app_name");
    return nullptr;
  }
  auto found = applications_.find(name);
  if (found == applications_.end()) {
    if (applications_.size() == kMaxApplications) {
      refuse("more than 1024 applications");
      return nullptr;
    }
    Application added;
    const std::uint64_t servicePort = numberOf(object, "service_port");
    added.source = {kLogicalEntity,
                    servicePort != 0 && servicePort < 65'536 ? static_cast<std::uint32_t>(servicePort) : nextIndex_++};
    found = applications_.emplace(name, added).first;
    const std::uint32_t seconds =
        valueFor(settings_.polling.byName, settings_.polling.fallback, "app." + lowerCase(name));
    poller_.setSource(
        added.source, seconds, [this, name](wire::DatagramWriter& writer) { synthesise(name, writer); }, loop_.now());
  }
  found->second.heard = loop_.now();
  return &found->second;
}

void JsonInput::flowSample(const bj::object& object) {
  std::string name;
  Application* app = application(object, name);
  if (app == nullptr) return;
  const auto given = static_cast<std::uint32_t>(std::max<std::uint64_t>(numberOf(object, "sampling_rate"), 1));
  const bj::object* operation = objectOf(object, "app_operation");
  if (operation != nullptr) app->operations[statusOf(*operation)] += given;
  const std::uint32_t wanted =
      valueFor(settings_.sampling.byName, settings_.sampling.fallback, "app." + lowerCase(name));
  if (wanted == 0) return;
  // The program has sampled already: what is missing to the rate of the settings is done here.
  const std::uint32_t more = std::max(1U, wanted / given);
  SourceNumbers& numbers = book_.of(app->source);
  numbers.pool += given;
  if (random_.below(more) != 0 || !sender_.isSending()) return;
  wire::Sample sample;
  sample.kind = wire::SampleKind::flow;
  sample.expanded = true;
  sample.source = app->source;
  sample.sequence = ++numbers.flow;
  sample.samplingRate = given * more;
  sample.samplePool = numbers.pool;
  const std::uint32_t self = wire::kNoInterface;
  const bool client = object.contains("client") && numberOf(object, "client") != 0;
  sample.input.value = client ? self : 0;
  sample.output.value = client ? 0 : self;
  (void)sender_.add(loop_.now(), sample, [&](wire::DatagramWriter& writer) {
    using wire::RecordSpace;
    const auto add = [&](std::uint32_t tag, const char* member) {
      addIfThere(writer, RecordSpace::flow, tag, objectOf(object, member), name);
    };
    add(wire::app_operation::kTag, "app_operation");
    add(wire::app_parent_context::kTag, "app_parent_context");
    add(wire::app_initiator::kTag, "app_initiator");
    add(wire::app_target::kTag, "app_target");
    add(wire::extended_socket_ipv4::kTag, "extended_socket_ipv4");
    add(wire::extended_socket_ipv6::kTag, "extended_socket_ipv6");
  });
}

void JsonInput::counterSample(const bj::object& object) {
  std::string name;
  Application* app = application(object, name);
  if (app == nullptr) return;
  app->countersHeard = loop_.now();
  sendCounters(*app, name, object);
}

void JsonInput::sendCounters(Application& app, std::string_view name, const bj::object& object) {
  if (!sender_.isSending()) return;
  wire::Sample sample;
  sample.kind = wire::SampleKind::counters;
  sample.expanded = true;
  sample.source = app.source;
  sample.sequence = ++book_.of(app.source).counters;
  (void)sender_.add(loop_.now(), sample, [&](wire::DatagramWriter& writer) {
    using wire::RecordSpace;
    writer.add(wire::host_parent{kHostSource.cls, kHostSource.index});
    const auto add = [&](std::uint32_t tag, const char* member) {
      addIfThere(writer, RecordSpace::counter, tag, objectOf(object, member), name);
    };
    add(wire::app_operations::kTag, "app_operations");
    add(wire::app_resources::kTag, "app_resources");
    add(wire::app_workers::kTag, "app_workers");
  });
}

/// Counters of a program that sends none, from its flow samples. Called when they are due; a program that does send its
/// own has none here.
void JsonInput::synthesise(const std::string& name, wire::DatagramWriter& writer) {
  const auto found = applications_.find(name);
  writer.add(wire::host_parent{kHostSource.cls, kHostSource.index});
  if (found == applications_.end()) return;
  const Application& app = found->second;
  if (app.countersHeard != 0 && loop_.now() - app.countersHeard < kSynthesiseAfter) return;
  bj::object operations;
  for (std::size_t i = 0; i < kStatuses; ++i)
    operations[bj::string_view(kStatusNames[i].data(), kStatusNames[i].size())] = app.operations[i];
  addIfThere(writer, wire::RecordSpace::counter, wire::app_operations::kTag, &operations, name);
}

void JsonInput::tick() {
  for (auto app = applications_.begin(); app != applications_.end();) {
    if (loop_.now() - app->second.heard < kForgetAfter) {
      ++app;
      continue;
    }
    poller_.removeSource(app->second.source);
    app = applications_.erase(app);
  }
}

}  // namespace weir::agent
