#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_host/entity.h"
#include "base/error.h"
#include "base/time.h"

namespace weir::agent {

/// Virtual machines through libvirt, loaded at run time where it is: one question for the counters of all that run. The
/// daemon that answers may take its time, so a thread of its own asks, each `every`; others see what came last. A
/// connection that breaks is made again.
class VirtualMachines {
 public:
  /// Error: there is no such library.
  [[nodiscard]] static Expected<std::unique_ptr<VirtualMachines>> open(Nanos every,
                                                                       const std::string& library = "libvirt.so.0");
  /// Waits a moment for the thread; one that libvirt holds is left to itself.
  ~VirtualMachines();
  VirtualMachines(const VirtualMachines&) = delete;
  VirtualMachines& operator=(const VirtualMachines&) = delete;

  // From any thread:
  /// Those that run, at most kMaxEntities.
  [[nodiscard]] std::vector<Entity> list() const;
  /// Counters by id as they were last asked for; nothing where it runs no more.
  [[nodiscard]] std::optional<EntityCounters> read(const std::string& id) const;
  /// How often libvirt has answered.
  [[nodiscard]] std::uint64_t rounds() const;

 private:
  struct Library;
  struct Shared;
  explicit VirtualMachines(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

/// The adapters in libvirt's description of a machine (formatdomain, <interface>): each with its MAC address, and the
/// ifIndex of the host's device where it is named.
[[nodiscard]] std::vector<Adapter> parseAdapters(std::string_view xml);

}  // namespace weir::agent
