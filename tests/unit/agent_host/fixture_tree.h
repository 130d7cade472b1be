#pragma once
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace weir::agent {

/// A folder of files made for one test, in place of /proc, /sys and cgroups; gone with it.
class FixtureTree {
 public:
  FixtureTree() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-fixture-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~FixtureTree() { std::filesystem::remove_all(root_); }
  FixtureTree(const FixtureTree&) = delete;
  FixtureTree& operator=(const FixtureTree&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }
  FixtureTree& file(const std::string& path, const std::string& text) {
    const std::filesystem::path full = root_ + "/" + path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
    return *this;
  }
  FixtureTree& folder(const std::string& path) {
    std::filesystem::create_directories(root_ + "/" + path);
    return *this;
  }

 private:
  std::string root_;
};

}  // namespace weir::agent
