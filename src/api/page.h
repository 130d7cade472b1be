#pragma once
#include <span>
#include <string_view>

namespace weir::api {

/// A file of the status page; its content is part of the program (made from src/api/page/ by page.cmake).
struct PageFile {
  std::string_view name, contentType, content;
};
[[nodiscard]] std::span<const PageFile> pageFiles();

}  // namespace weir::api
