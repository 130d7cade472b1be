#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/rate_limit.h"
#include "base/time.h"
#include "ipfix/collector_names.h"
#include "ipfix/figures.h"
#include "ipfix/flow_export.h"
#include "ipfix/sender.h"
#include "ipfix/session.h"

namespace weir::ipfix {

/// Sends flow records to their collectors, on a thread of its own that starts with the first definition that has any.
/// Records gather for kGather and are packed into few datagrams. Callers never wait for it: at kMaxWaiting records that
/// are not sent yet, new ones are lost and counted.
class Exporter {
 public:
  static constexpr std::size_t kMaxWaiting = 65'536;
  static constexpr Nanos kGather = 500 * kMillisecond;
  /// Collectors that no definition names any more are remembered while there are no more than so many: a collector that
  /// is used again goes on with its numbers.
  static constexpr std::size_t kRemembered = 1'024;

  using Answered = std::function<void(Expected<HostAddresses>)>;
  /// Asks for the addresses of a host. Called on the exporter's thread, must not wait; `Answered` may be called on any
  /// thread, once or never, as long as the exporter lives.
  using Resolve = std::function<void(const std::string& host, Answered done)>;
  /// `clock`: the engine's, for the export time.
  Exporter(Resolve resolve, std::function<Nanos()> clock) : resolve_(std::move(resolve)), clock_(std::move(clock)) {}
  ~Exporter() { stop(); }
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  /// All definitions in force that have collectors. Records of others are lost. Thread: one at a time.
  void adopt(std::vector<std::shared_ptr<const FlowExport>> flows);
  /// Thread: any; does not wait.
  void post(std::vector<Record> records);
  /// Sends what waits and ends the thread. Idempotent.
  void stop();

  [[nodiscard]] Figures figures() const { return figures_.now(); }

 private:
  /// A collector and what it is sent.
  struct Destination {
    std::optional<IpAddress> address;
    std::optional<IpAddress> last;  ///< that it was sent to
    std::unique_ptr<Session> session;
  };
  /// What came for the thread since it last looked.
  struct Work {
    bool flowsChanged = false, ending = false;
    std::vector<std::shared_ptr<const FlowExport>> flows;
    std::vector<std::pair<std::string, Expected<HostAddresses>>> answers;
    std::vector<Record> records;
  };

  void run();
  /// Waits until there is something to do, `timer` at the latest, and takes it over.
  Work takeWork(Nanos timer);
  void perform(Work work);
  void takeFlows(const std::vector<std::shared_ptr<const FlowExport>>& flows);
  void askForNames();
  void findAddresses();
  void send(std::span<const Record> records);
  [[nodiscard]] Nanos nextTimer() const;
  [[nodiscard]] Session::Moment now() const { return {clock_(), monotonicNow()}; }
  std::unique_ptr<Session> sessionTo(const Collector& collector, const Destination& to);

  const Resolve resolve_;
  const std::function<Nanos()> clock_;
  FigureCounters figures_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Work coming_;               // under the mutex
  Nanos sendAt_ = INT64_MAX;  // when the records that wait are to be taken; under the mutex
  std::thread thread_;        // started by adopt(), ended by stop()

  // of the thread
  std::set<std::shared_ptr<const FlowExport>> flows_;
  std::map<Collector, Destination> destinations_;
  std::uint32_t nextDomain_ = 0;
  CollectorNames names_;
  Sender sender_;
  RateLimit complaints_{5, 60 * kSecond};
};

}  // namespace weir::ipfix
