#include "model/metric_text.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace weir::model {

namespace {

struct NumberName {
  std::uint32_t number;
  std::string_view name;
};

// IANAifType-MIB: those that network equipment and hosts report. Sorted.
constexpr NumberName kIfTypes[] = {{1, "other"},
                                   {2, "regular1822"},
                                   {5, "rfc877x25"},
                                   {6, "ethernetCsmacd"},
                                   {7, "iso88023Csmacd"},
                                   {8, "iso88024TokenBus"},
                                   {9, "iso88025TokenRing"},
                                   {15, "fddi"},
                                   {18, "ds1"},
                                   {20, "basicISDN"},
                                   {21, "primaryISDN"},
                                   {22, "propPointToPointSerial"},
                                   {23, "ppp"},
                                   {24, "softwareLoopback"},
                                   {28, "slip"},
                                   {30, "ds3"},
                                   {32, "frameRelay"},
                                   {33, "rs232"},
                                   {37, "atm"},
                                   {39, "sonet"},
                                   {44, "frameRelayService"},
                                   {45, "v35"},
                                   {46, "hssi"},
                                   {47, "hippi"},
                                   {49, "aal5"},
                                   {50, "sonetPath"},
                                   {51, "sonetVT"},
                                   {53, "propVirtual"},
                                   {54, "propMultiplexor"},
                                   {55, "ieee80212"},
                                   {56, "fibreChannel"},
                                   {62, "fastEther"},
                                   {63, "isdn"},
                                   {69, "fastEtherFX"},
                                   {71, "ieee80211"},
                                   {94, "adsl"},
                                   {97, "vdsl"},
                                   {108, "pppMultilinkBundle"},
                                   {112, "hostPad"},
                                   {117, "gigabitEthernet"},
                                   {118, "hdlc"},
                                   {131, "tunnel"},
                                   {134, "atmSubInterface"},
                                   {135, "l2vlan"},
                                   {136, "l3ipvlan"},
                                   {137, "l3ipxvlan"},
                                   {142, "ipForward"},
                                   {150, "mplsTunnel"},
                                   {161, "ieee8023adLag"},
                                   {166, "mpls"},
                                   {169, "shdsl"},
                                   {171, "pos"},
                                   {188, "radioMAC"},
                                   {195, "opticalChannel"},
                                   {196, "opticalTransport"},
                                   {199, "infiniband"},
                                   {209, "bridge"},
                                   {243, "wwanPP"},
                                   {244, "wwanPP2"},
                                   {251, "vdsl2"},
                                   {253, "aviciOpticalEther"}};

constexpr std::array<std::string_view, 5> kDirections = {"unknown", "full-duplex", "half-duplex", "in", "out"};
constexpr std::array<std::string_view, 13> kMachineTypes = {
    "unknown", "other", "x86", "x86_64", "ia64", "sparc", "alpha", "powerpc", "m68k", "mips", "arm", "hppa", "s390"};
constexpr std::array<std::string_view, 13> kOsNames = {"unknown", "other", "linux",     "windows", "darwin",
                                                       "hpux",    "aix",   "dragonfly", "freebsd", "netbsd",
                                                       "openbsd", "osf",   "solaris"};
constexpr std::array<std::string_view, 7> kVirStates = {"none",          "running",  "blocked", "paused",
                                                        "shutting-down", "shut-off", "crashed"};

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, std::uint32_t number) {
  return number < N ? names[number] : std::string_view{};
}

std::string_view ifTypeName(std::uint32_t number) {
  const auto* found = std::lower_bound(std::begin(kIfTypes), std::end(kIfTypes), number,
                                       [](const NumberName& n, std::uint32_t v) { return n.number < v; });
  return found != std::end(kIfTypes) && found->number == number ? found->name : std::string_view{};
}

constexpr char kUpper[] = "0123456789ABCDEF";
constexpr char kLower[] = "0123456789abcdef";

// `k8s_<container>_<pod>_<namespace>_<uid>_<n>`: the n-th part after the prefix. Names of that kind hold no underscore.
std::string_view kubernetesPart(std::string_view name, unsigned part) {
  if (!name.starts_with("k8s_") || std::count(name.begin(), name.end(), '_') < 5) return {};
  name.remove_prefix(4);
  if (name.starts_with("POD_")) return {};
  for (; part != 0; --part) name.remove_prefix(name.find('_') + 1);
  return name.substr(0, name.find('_'));
}

// `<service>.<25 characters>.<25 characters>`.
std::string_view swarmService(std::string_view name) {
  constexpr std::size_t kTail = 52;
  if (name.size() <= kTail) return {};
  const std::string_view tail = name.substr(name.size() - kTail);
  if (tail[0] != '.' || tail[26] != '.') return {};
  if (tail.substr(1, 25).find('.') != tail.npos || tail.substr(27).find('.') != tail.npos) return {};
  return name.substr(0, name.size() - kTail);
}

constexpr std::string_view kServiceSuffix = ".service";
std::string_view systemdService(std::string_view name) {
  if (!name.ends_with(kServiceSuffix)) return {};
  return name.substr(0, name.size() - kServiceSuffix.size());
}

}  // namespace

void enumerationText(MetricKind kind, std::uint32_t number, MetricValue& out) {
  std::string_view name;
  switch (kind) {
    case MetricKind::ifType:
      name = ifTypeName(number);
      break;
    case MetricKind::ifDirection:
      name = at(kDirections, number);
      break;
    case MetricKind::machineType:
      name = at(kMachineTypes, number);
      break;
    case MetricKind::osName:
      name = at(kOsNames, number);
      break;
    case MetricKind::virState:
      name = at(kVirStates, number);
      break;
    default:
      break;
  }
  if (name.empty()) {
    out.setDecimal(number);
  } else {
    out.setText(name);
  }
}

std::string_view nameText(NameText kind, std::string_view name) {
  switch (kind) {
    case NameText::k8sName:
      return kubernetesPart(name, 0);
    case NameText::k8sNamespace:
      return kubernetesPart(name, 2);
    case NameText::swarmName:
      return swarmService(name);
    case NameText::systemdService:
      return systemdService(name);
    case NameText::dockerName:
      return name.starts_with("k8s_") || !swarmService(name).empty() || !systemdService(name).empty()
                 ? std::string_view{}
                 : name;
  }
  return {};
}

void macText(std::uint64_t mac, MetricValue& out) {
  char* p = out.buffer();
  for (int shift = 44; shift >= 0; shift -= 4) *p++ = kUpper[mac >> shift & 15];
  out.setBuffered(12);
}

void hexText(std::uint64_t number, MetricValue& out) {
  char* p = out.buffer();
  for (int shift = 60; shift >= 0; shift -= 4) *p++ = kLower[number >> shift & 15];
  out.setBuffered(16);
}

}  // namespace weir::model
