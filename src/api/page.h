#pragma once
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace weir::api {

/// A file of the status page; its content is part of the program (made from src/api/page/ by page.cmake).
struct PageFile {
  std::string_view name, contentType, content;
};
[[nodiscard]] std::span<const PageFile> pageFiles();

/// A page or a part of one: everything it needs comes from here.
[[nodiscard]] http::Response pageResponse(std::string_view contentType, std::string content);
/// 302 to a relative address, so that it works behind any prefix.
[[nodiscard]] http::Response redirect(std::string_view where);

}  // namespace weir::api
