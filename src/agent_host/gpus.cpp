#include "agent_host/gpus.h"

#include <dlfcn.h>

#include <algorithm>
#include <vector>

namespace weir::agent {

namespace {

// The part of NVML that is used (NVML API Reference Guide). Every call gives 0 for success.
using Device = void*;
struct Utilization {
  unsigned gpu;     // percent
  unsigned memory;  // percent
};
struct Memory {
  unsigned long long total, free, used;
};
constexpr int kUncorrected = 1, kAggregate = 1, kCoreTemperature = 0;
constexpr unsigned kMaxGpus = 64;

}  // namespace

struct Gpus::Library {
  void* handle = nullptr;
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*device)(unsigned, Device*) = nullptr;
  int (*utilization)(Device, Utilization*) = nullptr;
  int (*memory)(Device, Memory*) = nullptr;
  int (*power)(Device, unsigned*) = nullptr;  // milliwatts
  int (*temperature)(Device, int, unsigned*) = nullptr;
  int (*fan)(Device, unsigned*) = nullptr;
  int (*errors)(Device, int, int, unsigned long long*) = nullptr;
  int (*processes)(Device, unsigned*, void*) = nullptr;
  std::vector<Device> devices;

  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle == nullptr) return;
    if (!devices.empty()) shutdown();
    ::dlclose(handle);
  }
  template <class Function>
  bool find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    return function != nullptr;
  }
  /// Those without which there is nothing to tell.
  [[nodiscard]] bool findAll() {
    (void)find("nvmlDeviceGetPowerUsage", power);
    (void)find("nvmlDeviceGetTemperature", temperature);
    (void)find("nvmlDeviceGetFanSpeed", fan);
    (void)find("nvmlDeviceGetTotalEccErrors", errors);
    (void)find("nvmlDeviceGetComputeRunningProcesses", processes);
    return find("nvmlInit_v2", init) && find("nvmlShutdown", shutdown) && find("nvmlDeviceGetCount_v2", count) &&
           find("nvmlDeviceGetHandleByIndex_v2", device) && find("nvmlDeviceGetUtilizationRates", utilization) &&
           find("nvmlDeviceGetMemoryInfo", memory);
  }
};

Gpus::Gpus(std::unique_ptr<Library> library) : library_(std::move(library)) {}

Gpus::~Gpus() = default;

Expected<std::unique_ptr<Gpus>> Gpus::open(const std::string& name) {
  auto library = std::make_unique<Library>();
  library->handle = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library->handle == nullptr) return fail("there is no " + name + " (NVIDIA's driver)");
  if (!library->findAll()) return fail(name + " lacks functions that every NVML has");
  if (library->init() != 0) return fail("the NVIDIA driver does not answer");
  unsigned count = 0;
  (void)library->count(&count);
  for (unsigned i = 0; i < std::min(count, kMaxGpus); ++i)
    if (Device device = nullptr; library->device(i, &device) == 0) library->devices.push_back(device);
  if (library->devices.empty()) {
    library->shutdown();
    return fail("the NVIDIA driver reports no GPU");
  }
  return std::unique_ptr<Gpus>(new Gpus(std::move(library)));
}

void Gpus::integrate(Nanos now) {
  const double seconds = last_ == 0 ? 0 : secondsFromNanos(now - last_);
  last_ = now;
  for (const Device device : library_->devices) {
    if (Utilization busy{}; library_->utilization(device, &busy) == 0) {
      gpuMs_ += seconds * 10 * busy.gpu;
      memoryMs_ += seconds * 10 * busy.memory;
    }
    if (unsigned milliwatts = 0; library_->power != nullptr && library_->power(device, &milliwatts) == 0)
      energyMillijoules_ += seconds * milliwatts;
  }
}

wire::nvidia_gpu Gpus::read() {
  wire::nvidia_gpu out;
  out.device_count = static_cast<std::uint32_t>(library_->devices.size());
  // Counters wrap at 2^32 like all others.
  out.gpu_time = static_cast<std::uint32_t>(static_cast<std::uint64_t>(gpuMs_));
  out.mem_time = static_cast<std::uint32_t>(static_cast<std::uint64_t>(memoryMs_));
  out.energy = static_cast<std::uint32_t>(static_cast<std::uint64_t>(energyMillijoules_));
  for (const Device device : library_->devices) {
    if (Memory memory{}; library_->memory(device, &memory) == 0) {
      out.mem_total += memory.total;
      out.mem_free += memory.free;
    }
    unsigned value = 0;
    if (library_->temperature != nullptr && library_->temperature(device, kCoreTemperature, &value) == 0)
      out.temperature = std::max(out.temperature, value);
    if (library_->fan != nullptr && library_->fan(device, &value) == 0) out.fan_speed = std::max(out.fan_speed, value);
    if (unsigned long long errors = 0;
        library_->errors != nullptr && library_->errors(device, kUncorrected, kAggregate, &errors) == 0)
      out.ecc_errors += static_cast<std::uint32_t>(errors);
    // Without room for them the call only tells how many there are.
    if (value = 0; library_->processes != nullptr) {
      (void)library_->processes(device, &value, nullptr);
      out.processes += value;
    }
  }
  return out;
}

}  // namespace weir::agent
