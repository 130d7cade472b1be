#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/counter_poller.h"
#include "agent/event_loop.h"
#include "agent/sample_sender.h"
#include "agent/sequence_book.h"
#include "agent_config/settings.h"
#include "base/random.h"
#include "base/rate_limit.h"

namespace weir::agent {

/// Metrics, flows and application samples that other programs send as JSON (docs/agent-rules.md): a datagram on a
/// loopback UDP port or a line of a FIFO is one object of at most kMaxMessage octets. Thread: one.
class JsonInput {
 public:
  static constexpr std::size_t kMaxMessage = 10'000;
  static constexpr std::size_t kMaxApplications = 1024;  ///< what is above is refused and counted

  JsonInput(EventLoop& loop, SampleSender& sender, SequenceBook& book, CounterPoller& poller, std::uint64_t seed)
      : loop_(loop), sender_(sender), book_(book), poller_(poller), random_(seed) {}
  ~JsonInput() { close(); }
  JsonInput(const JsonInput&) = delete;
  JsonInput& operator=(const JsonInput&) = delete;

  void apply(const AgentSettings& settings);
  /// One message, wherever it came from.
  void message(std::string_view text);
  /// Forgets applications that have been silent for long.
  void tick();

  struct Counters {
    std::uint64_t messages = 0;
    std::uint64_t refused = 0;  ///< that were no JSON or said nothing we know
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  static constexpr std::size_t kStatuses = 11;
  /// A program that sends application samples.
  struct Application {
    wire::DataSource source;
    Nanos heard = 0;
    Nanos countersHeard = 0;  // when it last sent counters of its own
    std::uint32_t operations[kStatuses] = {};
  };
  void open();
  void close();
  void readSocket(int fd);
  void readFifo();
  void rtSample(const boost::json::object& object, bool flow);
  void flowSample(const boost::json::object& object);
  void counterSample(const boost::json::object& object);
  void sendCounters(Application& application, std::string_view name, const boost::json::object& object);
  void synthesise(const std::string& name, wire::DatagramWriter& writer);
  [[nodiscard]] Application* application(const boost::json::object& object, std::string& name);
  void refuse(std::string_view why);

  EventLoop& loop_;
  SampleSender& sender_;
  SequenceBook& book_;
  CounterPoller& poller_;
  Random random_;
  AgentSettings settings_;
  netlink::Descriptor v4_, v6_, fifo_;
  std::string line_;  // of the FIFO, not yet ended
  std::map<std::string, Application, std::less<>> applications_;
  std::uint32_t nextIndex_ = 150'000;
  Counters counters_;
  RateLimit complaints_;
};

}  // namespace weir::agent
