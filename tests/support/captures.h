#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace weir::test {

/// Folder of the shared captures: WEIR_CAPTURES, else ../shared/captures beside the project.
inline std::string captureFolder() {
  if (const char* folder = std::getenv("WEIR_CAPTURES"); folder != nullptr) return folder;
  return std::string(WEIR_SOURCE_DIR) + "/../shared/captures";
}

/// A file of the shared captures, or nothing where they are absent: the test then skips, loudly.
inline std::optional<std::string> capturePath(const std::string& name) {
  std::string path = captureFolder() + "/" + name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

}  // namespace weir::test
