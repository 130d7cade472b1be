#pragma once
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace weir::http {

/// The files below a folder, as they are on disk. Whatever is asked for, nothing outside of the folder is opened:
/// elements of the path are opened one below the other, links are not followed, and names that begin with a dot or hold
/// a separator are not looked for. An immutable value. It reads a disk, so call it beside the server's thread. Thread:
/// any.
class StaticFiles {
 public:
  static constexpr std::size_t kHeld = std::size_t{1}
                                       << 20;  ///< octets up to which a file is read whole, and compressed

  explicit StaticFiles(std::string folder) : folder_(std::move(folder)) {}

  /// `path`: decoded elements below the folder. A folder is answered with its index.html, after a redirect where the
  /// path has no slash at its end. 404 for whatever is no regular file, 503 when it cannot be opened now.
  [[nodiscard]] Response get(std::span<const std::string> path, bool slashAtEnd) const;

 private:
  std::string folder_;
};

/// The media type that a file's name tells; application/octet-stream for unknown ones.
[[nodiscard]] std::string_view mediaTypeOf(std::string_view fileName);

}  // namespace weir::http
