#include "sim/traffic.h"

#include <array>
#include <utility>

#include "base/hash.h"

namespace weir::sim {

namespace {

constexpr std::size_t kMediums = 8;
constexpr std::size_t kMice = 400;
constexpr std::uint64_t kElephantPeriod = 20 * kTicksPerSecond;
constexpr std::uint64_t kElephantDuration = 12 * kTicksPerSecond;
constexpr std::uint64_t kFirstElephant = 3 * kTicksPerSecond;
constexpr std::uint64_t kMegabit = 1'000'000;
constexpr std::uint32_t kFullFrame = 1518;
constexpr std::uint32_t kAcknowledgement = 70;   // IPv4 and TCP without data, a few options
constexpr std::uint32_t kAcknowledgement6 = 90;  // the same in IPv6

struct Service {
  std::uint8_t protocol;
  std::uint16_t port;
};
constexpr std::array<Service, 4> kBulkServices = {{{6, 2049}, {6, 3260}, {6, 9000}, {6, 5001}}};
constexpr std::array<Service, 8> kServices = {
    {{6, 443}, {6, 80}, {6, 22}, {6, 3306}, {6, 6379}, {17, 53}, {17, 123}, {17, 443}}};

std::uint64_t flowHash(const Flow& flow) {
  const std::uint64_t ends = flow.source << 32 | flow.destination;
  const std::uint64_t ports =
      std::uint64_t{flow.sourcePort} << 32 | std::uint64_t{flow.destinationPort} << 8 | flow.protocol;
  return mixHash(ends + 1, ports + 1);
}

}  // namespace

Traffic::Traffic(const FabricTopology& fabric, std::uint64_t seed) : fabric_(&fabric), random_(seed) {
  conversations_.resize(1 + kMediums + kMice);
  for (std::size_t i = 0; i < conversations_.size(); ++i) {
    Conversation& c = conversations_[i];
    c.kind = i == 0 ? Kind::elephant : i <= kMediums ? Kind::medium : Kind::mouse;
    if (c.kind == Kind::elephant) c.endsAt = kFirstElephant;
    c.beginsAt = c.endsAt;
  }
}

void Traffic::renew(Conversation& c, std::uint64_t tick) {
  c.beginsAt = tick;
  if (c.kind == Kind::elephant) {
    // The times are fixed, so that the pattern shows at once. It pauses from its end to the next start.
    const bool rests = c.forward.packetsPerSecond != 0;
    c.endsAt = tick + (rests ? kElephantPeriod - kElephantDuration : kElephantDuration);
    if (rests) {
      c.forward.packetsPerSecond = c.backward.packetsPerSecond = 0;
      return;
    }
  } else if (c.kind == Kind::medium) {
    c.endsAt = tick + random_.between(4 * kTicksPerSecond, 15 * kTicksPerSecond);
  } else {
    c.endsAt = tick + random_.between(kTicksPerSecond / 2, 6 * kTicksPerSecond);
  }
  c.forward = c.backward = {};
  drawHosts(c);
  drawTransport(c);
  drawRate(c);
  c.forward.path = fabric_->path(c.forward.source, c.forward.destination, flowHash(c.forward));
  c.backward.path = fabric_->path(c.backward.source, c.backward.destination, flowHash(c.backward));
}

void Traffic::drawHosts(Conversation& c) {
  const std::size_t hosts = fabric_->hosts.size();
  c.forward.source = random_.below(hosts);
  // Never itself; an elephant always crosses the spines.
  do {
    c.forward.destination = random_.below(hosts);
  } while (c.forward.destination == c.forward.source ||
           (c.kind == Kind::elephant &&
            fabric_->hosts[c.forward.source].leaf == fabric_->hosts[c.forward.destination].leaf));
  c.forward.ip6 = c.kind == Kind::mouse && random_.below(10) == 0;
}

void Traffic::drawTransport(Conversation& c) {
  const Service service = c.kind == Kind::mouse ? kServices[random_.below(kServices.size())]
                                                : kBulkServices[random_.below(kBulkServices.size())];
  c.forward.protocol = service.protocol;
  c.forward.sourcePort = static_cast<std::uint16_t>(random_.between(32768, 60999));
  c.forward.destinationPort = service.port;
  c.backward = c.forward;
  std::swap(c.backward.source, c.backward.destination);
  std::swap(c.backward.sourcePort, c.backward.destinationPort);
}

void Traffic::drawRate(Conversation& c) {
  std::uint64_t bitsPerSecond = 0;
  c.forward.frameLength = kFullFrame;
  switch (c.kind) {
    case Kind::elephant:
      bitsPerSecond = random_.between(4700, 5300) * kMegabit;
      break;
    case Kind::medium:
      bitsPerSecond = random_.between(50, 300) * kMegabit;
      break;
    case Kind::mouse:
      bitsPerSecond = random_.between(kMegabit / 20, 4 * kMegabit);
      c.forward.frameLength = static_cast<std::uint32_t>(random_.between(90, kFullFrame));
      break;
  }
  c.forward.packetsPerSecond = bitsPerSecond / (8 * std::uint64_t{c.forward.frameLength});
  // Acknowledgements and answers: one small packet for every eight.
  c.backward.frameLength = c.forward.ip6 ? kAcknowledgement6 : kAcknowledgement;
  c.backward.packetsPerSecond = c.forward.packetsPerSecond / 8;
}

}  // namespace weir::sim
