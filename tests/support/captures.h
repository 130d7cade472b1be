#pragma once
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace weir::test {

/// Folder of captures beyond those of tests/captures: WEIR_CAPTURES, else ../shared/captures beside the project.
inline std::string captureFolder() {
  if (const char* folder = std::getenv("WEIR_CAPTURES"); folder != nullptr) return folder;
  return std::string(WEIR_SOURCE_DIR) + "/../shared/captures";
}

/// A capture by name: of tests/captures, which every clone has, else of captureFolder(). Nothing where it is absent:
/// the test then skips, loudly.
inline std::optional<std::string> capturePath(const std::string& name) {
  for (const std::string& folder : {std::string(WEIR_SOURCE_DIR) + "/tests/captures", captureFolder()}) {
    std::string path = folder + "/" + name;
    if (std::filesystem::exists(path)) return path;
  }
  return std::nullopt;
}

/// Those of `names` that are there: parameters for tests of each capture. Never empty if one of tests/captures is
/// named.
inline std::vector<const char*> presentCaptures(std::initializer_list<const char*> names) {
  std::vector<const char*> present;
  for (const char* name : names)
    if (capturePath(name)) present.push_back(name);
  return present;
}

}  // namespace weir::test
