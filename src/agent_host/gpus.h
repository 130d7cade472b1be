#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "wire/records.h"

namespace weir::agent {

/// NVIDIA GPUs through NVML, the driver's library, loaded at run time where it is. Thread: one.
class Gpus {
 public:
  /// Error: there is no such library, or no GPU that it knows.
  [[nodiscard]] static Expected<std::unique_ptr<Gpus>> open(const std::string& library = "libnvidia-ml.so.1");
  ~Gpus();
  Gpus(const Gpus&) = delete;
  Gpus& operator=(const Gpus&) = delete;

  /// Adds what the GPUs have done since the last call to their times and energy: NVML tells only how busy they are.
  void integrate(Nanos now);
  /// Totals over all GPUs; temperature and fan of the hottest.
  [[nodiscard]] wire::nvidia_gpu read();

 private:
  struct Library;
  explicit Gpus(std::unique_ptr<Library> library);
  std::unique_ptr<Library> library_;
  double gpuMs_ = 0, memoryMs_ = 0, energyMillijoules_ = 0;
  Nanos last_ = 0;
};

}  // namespace weir::agent
