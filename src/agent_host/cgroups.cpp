#include "agent_host/cgroups.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "agent_host/text_file.h"

namespace weir::agent {

namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 12;
constexpr std::size_t kIdLength = 64;

bool isHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string_view lastPart(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// The container id in a folder's name: `docker-<id>.scope`, `cri-containerd-<id>.scope`, `crio-<id>.scope`,
/// `libpod-<id>.scope`, or the id alone.
std::string containerId(std::string_view folder) {
  std::string_view name = lastPart(folder);
  if (name.ends_with(".scope")) name.remove_suffix(6);
  if (const std::size_t dash = name.rfind('-'); dash != std::string_view::npos) name = name.substr(dash + 1);
  return isContainerId(name) ? std::string(name) : std::string();
}

/// The uid in a pod's folder: `kubepods-besteffort-pod<uid>.slice` with underscores, or `pod<uid>`.
std::string podUid(std::string_view folder) {
  if (folder.find("/kubepods") == std::string_view::npos) return "";
  std::string_view name = lastPart(folder);
  if (name.ends_with(".slice")) name.remove_suffix(6);
  const std::size_t at = name.rfind("pod");
  if (at == std::string_view::npos || (at != 0 && name[at - 1] != '-')) return "";
  std::string uid(name.substr(at + 3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  std::string digits = uid;
  std::erase(digits, '-');
  return digits.size() == 32 && isHex(digits) ? uid : "";
}

template <class Visit>
void forEachFolder(const std::string& path, Visit&& visit) {
  std::error_code error;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    if (at->is_directory(error)) visit(at->path().filename().string());
}

std::uint64_t keyed(std::string_view line, std::string_view key) {
  for (std::string_view word; nextWord(line, word);)
    if (word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=')
      return number(word.substr(key.size() + 1));
  return 0;
}

/// `8:0 Read 123` lines of version 1.
void readBlkio(const std::string& path, std::uint64_t& reads, std::uint64_t& writes) {
  const auto text = readText(path);
  if (!text) return;
  std::string_view rest = *text;
  for (std::string_view line, device, operation, value; nextLine(rest, line);) {
    if (!nextWord(line, device) || !nextWord(line, operation) || !nextWord(line, value)) continue;
    if (operation == "Read") reads += number(value);
    if (operation == "Write") writes += number(value);
  }
}

}  // namespace

bool isContainerId(std::string_view text) {
  return text.size() == kIdLength && isHex(text);
}

CgroupTree::CgroupTree(std::string root) : root_(std::move(root)) {
  const std::string base = root_ + "/sys/fs/cgroup";
  const std::string unified = base + "/unified";
  if (const auto controllers = readText(base + "/cgroup.controllers", 4096)) {
    names_ = version2_ = base;
    return;
  }
  version1_ = base;
  // Side by side: version 2 may have the controllers, or only the names.
  if (const auto controllers = readText(unified + "/cgroup.controllers", 4096); controllers && controllers->size() > 1)
    version2_ = unified;
  names_ = fs::exists(base + "/systemd") ? base + "/systemd" : base + "/cpuacct";
}

std::vector<Entity> CgroupTree::find(const Wanted& wanted) const {
  std::vector<Entity> out;
  walk("", wanted, out, 0);
  std::sort(out.begin(), out.end(), [](const Entity& a, const Entity& b) { return a.folder < b.folder; });
  return out;
}

void CgroupTree::walk(const std::string& folder, const Wanted& wanted, std::vector<Entity>& out, int depth) const {
  if (depth > kMaxDepth) return;
  forEachFolder(names_ + folder, [&](const std::string& name) {
    if (out.size() >= kMaxEntities) return;
    const std::string below = folder + "/" + name;
    if (auto entity = entityAt(below, wanted)) {
      entity->process = anyProcess(below, 0);
      if (entity->process != 0) {
        collectInodes(below, entity->cgroups, 0);
        out.push_back(std::move(*entity));
      }
      return;  // what is inside belongs to it
    }
    walk(below, wanted, out, depth + 1);
  });
}

std::optional<Entity> CgroupTree::entityAt(const std::string& folder, const Wanted& wanted) const {
  Entity out;
  out.folder = folder;
  if (const std::string uid = podUid(folder); !uid.empty()) {
    out.kind = EntityKind::pod;
    out.id = uid;
    if (!wanted.pods) return std::nullopt;
  } else if (const std::string id = containerId(folder); !id.empty()) {
    out.kind = EntityKind::container;
    out.id = id;
    if (!wanted.containers) return std::nullopt;
  } else if (folder.starts_with("/system.slice/") && folder.ends_with(".service")) {
    out.kind = EntityKind::service;
    out.id = lastPart(folder);
    if (!wanted.services) return std::nullopt;
  } else {
    return std::nullopt;
  }
  out.name = nameOf(out.kind, out.id);
  return out;
}

std::string CgroupTree::nameOf(EntityKind kind, const std::string& id) const {
  if (kind == EntityKind::service) return id;
  if (kind == EntityKind::container) {
    const auto config = readText(root_ + "/var/lib/docker/containers/" + id + "/config.v2.json");
    constexpr std::string_view kKey = R"("Name":"/)";
    const std::size_t at = config ? config->find(kKey) : std::string::npos;
    if (at == std::string::npos) return id.substr(0, kShortId);
    const std::size_t begin = at + kKey.size();
    return config->substr(begin, config->find('"', begin) - begin);
  }
  // The kubelet keeps logs in NAMESPACE_POD_UID.
  std::string out = id;
  forEachFolder(root_ + "/var/log/pods", [&](const std::string& folder) {
    if (!folder.ends_with("_" + id)) return;
    const std::string name = folder.substr(0, folder.size() - id.size() - 1);
    const std::size_t split = name.find('_');
    if (split != std::string::npos) out = "k8s__" + name.substr(split + 1) + "_" + name.substr(0, split) + "_u_a";
  });
  return out;
}

std::uint64_t CgroupTree::anyProcess(const std::string& folder, int depth) const {
  if (const auto text = readText(names_ + folder + "/cgroup.procs", 4096); text && !text->empty()) return number(*text);
  std::uint64_t found = 0;
  if (depth < kMaxDepth)
    forEachFolder(names_ + folder, [&](const std::string& name) {
      if (found == 0) found = anyProcess(folder + "/" + name, depth + 1);
    });
  return found;
}

void CgroupTree::collectInodes(const std::string& folder, std::vector<std::uint64_t>& out, int depth) const {
  // Sockets tell the cgroup of version 2.
  const std::string& hierarchy = version1_.empty() ? names_ : version1_ + "/unified";
  struct stat s{};
  if (::stat((hierarchy + folder).c_str(), &s) == 0) out.push_back(s.st_ino);
  if (depth < kMaxDepth)
    forEachFolder(hierarchy + folder,
                  [&](const std::string& name) { collectInodes(folder + "/" + name, out, depth + 1); });
}

EntityCounters CgroupTree::read(const Entity& entity) const {
  EntityCounters out;
  if (!version2_.empty()) readVersion2(version2_ + entity.folder, out);
  if (!version1_.empty()) readVersion1(entity.folder, out);
  const auto info = readText(root_ + "/proc/meminfo");
  const std::uint64_t total = (info ? valueOf(*info, "MemTotal").value_or(0) : 0) * 1024;
  if (out.maxMemory == 0 || (total != 0 && out.maxMemory > total)) out.maxMemory = total;
  if (entity.kind != EntityKind::service) out.net = readNet(anyProcess(entity.folder, 0));
  return out;
}

void CgroupTree::readVersion2(const std::string& folder, EntityCounters& out) const {
  if (const auto cpu = readText(folder + "/cpu.stat", 4096)) out.cpuMs = valueOf(*cpu, "usage_usec").value_or(0) / 1000;
  out.memory = readNumber(folder + "/memory.current").value_or(0);
  out.maxMemory = readNumber(folder + "/memory.max").value_or(0);  // "max" is no number
  if (const auto max = readText(folder + "/cpu.max", 64)) {
    std::string_view rest = *max, quota, period;
    if (nextWord(rest, quota) && nextWord(rest, period) && quota != "max" && number(period) != 0)
      out.processors = static_cast<std::uint32_t>((number(quota) + number(period) - 1) / number(period));
  }
  const auto io = readText(folder + "/io.stat");
  if (!io) return;
  std::string_view rest = *io;
  for (std::string_view line; nextLine(rest, line);) {
    out.readBytes += keyed(line, "rbytes");
    out.writeBytes += keyed(line, "wbytes");
    out.readRequests += keyed(line, "rios");
    out.writeRequests += keyed(line, "wios");
  }
}

void CgroupTree::readVersion1(const std::string& folder, EntityCounters& out) const {
  if (const auto usage = readNumber(version1_ + "/cpuacct" + folder + "/cpuacct.usage")) out.cpuMs = *usage / 1'000'000;
  const std::string memory = version1_ + "/memory" + folder;
  if (const auto usage = readNumber(memory + "/memory.usage_in_bytes")) out.memory = *usage;
  if (const auto limit = readNumber(memory + "/memory.limit_in_bytes")) out.maxMemory = *limit;
  const std::string blkio = version1_ + "/blkio" + folder + "/blkio.throttle.io_";
  readBlkio(blkio + "service_bytes", out.readBytes, out.writeBytes);
  readBlkio(blkio + "serviced", out.readRequests, out.writeRequests);
}

std::optional<NetCounters> CgroupTree::readNet(std::uint64_t process) const {
  const std::string path = root_ + "/proc/" + std::to_string(process) + "/net/dev";
  // Each network namespace has a file of its own there: the same file is the same network. Reading it needs no
  // privileges.
  struct stat ours{}, theirs{};
  if (::stat(path.c_str(), &theirs) != 0) return std::nullopt;
  if (::stat((root_ + "/proc/self/net/dev").c_str(), &ours) == 0 && ours.st_ino == theirs.st_ino) return std::nullopt;
  const auto text = readText(path);
  if (!text) return std::nullopt;
  NetCounters out;
  std::string_view rest = *text;
  for (std::string_view line; nextLine(rest, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view before = line.substr(0, colon), name, after = line.substr(colon + 1), word;
    if (!nextWord(before, name) || name == "lo") continue;
    std::uint64_t f[12] = {};
    for (auto& field : f) field = nextWord(after, word) ? number(word) : 0;
    out.bytesIn += f[0];
    out.packetsIn += f[1];
    out.errorsIn += f[2];
    out.dropsIn += f[3];
    out.bytesOut += f[8];
    out.packetsOut += f[9];
    out.errorsOut += f[10];
    out.dropsOut += f[11];
  }
  return out;
}

}  // namespace weir::agent
