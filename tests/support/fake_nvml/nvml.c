// Stands in for NVIDIA's driver: two GPUs, the second half as busy as the first.
int nvmlInit_v2(void) { return 0; }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) { return *count = 2, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  static char devices[2];
  return *device = &devices[index], *(char*)*device = (char)(index + 1), 0;
}
int nvmlDeviceGetUtilizationRates(const char* device, unsigned* rates) {
  return rates[0] = 80u / (unsigned)*device, rates[1] = 20u / (unsigned)*device, 0;
}
int nvmlDeviceGetMemoryInfo(const char* device, unsigned long long* memory) {
  return (void)device, memory[0] = 16ull << 30, memory[1] = 10ull << 30, memory[2] = 6ull << 30, 0;
}
int nvmlDeviceGetPowerUsage(const char* device, unsigned* milliwatts) { return (void)device, *milliwatts = 100000, 0; }
int nvmlDeviceGetTemperature(const char* device, int sensor, unsigned* degrees) {
  return (void)sensor, *degrees = 50u + (unsigned)*device, 0;
}
int nvmlDeviceGetTotalEccErrors(const char* device, int type, int counter, unsigned long long* errors) {
  return (void)type, (void)counter, *errors = (unsigned long long)*device, 0;
}
int nvmlDeviceGetComputeRunningProcesses(const char* device, unsigned* count, void* processes) {
  return (void)device, (void)processes, *count = 3, 7;  // NVML_ERROR_INSUFFICIENT_SIZE
}
