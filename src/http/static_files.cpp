#include "http/static_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "http/ascii.h"
#include "http/date.h"
#include "http/response.h"

namespace weir::http {

namespace {

constexpr std::pair<std::string_view, std::string_view> kMediaTypes[] = {
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"txt", "text/plain; charset=utf-8"},
    {"md", "text/markdown; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"xml", "application/xml"},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"ico", "image/x-icon"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"pdf", "application/pdf"},
    {"wasm", "application/wasm"},
    {"gz", "application/gzip"},
};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

class FileSource : public BodySource {
 public:
  FileSource(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::optional<std::string> read(std::uint64_t offset, std::size_t most) override {
    std::string out(most, '\0');
    const ssize_t n = pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
    if (n <= 0) return std::nullopt;
    out.resize(static_cast<std::size_t>(n));
    return out;
  }

 private:
  Descriptor file_;
  std::uint64_t size_;
};

bool isPlainName(std::string_view name) {
  return !name.empty() && name[0] != '.' && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

Response noSuchFile() {
  return errorResponse(404, {"there is no such file", {}, {}});
}

Response redirectTo(std::string where) {
  return {302, "", "", {{"Location", std::move(where)}}};
}

/// Opens `name` below `folder`; without O_NONBLOCK a FIFO would wait for a writer.
Descriptor openBelow(const Descriptor& folder, const std::string& name) {
  if (!isPlainName(name)) return Descriptor((errno = ENOENT, -1));
  return Descriptor(openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

std::string tagOf(const struct stat& file) {
  std::string out = "W/\"";
  char digits[20];
  for (const auto part : {file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec}) {
    out.append(digits, std::to_chars(digits, digits + sizeof digits, part, 16).ptr).append("-");
  }
  out.back() = '"';
  return out;
}

/// An element of a path as a relative link has it.
std::string encoded(std::string_view element) {
  constexpr std::string_view kDigits = "0123456789ABCDEF", kPlain = "-._~!$&'()*+,;=@";
  std::string out;
  for (const char c : element) {
    const auto octet = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.contains(c)) {
      out += c;
    } else {
      out.append({'%', kDigits[octet >> 4], kDigits[octet & 15]});
    }
  }
  return out;
}

Response answerOf(Descriptor file, const struct stat& about, std::string_view name) {
  Response out{200,
               std::string(mediaTypeOf(name)),
               "",
               {{"ETag", tagOf(about)},
                {"Last-Modified", dateText(about.st_mtim.tv_sec)},
                {"Cache-Control", "no-cache"},
                {"X-Content-Type-Options", "nosniff"}}};
  const auto size = static_cast<std::uint64_t>(about.st_size);
  auto source = std::make_shared<FileSource>(std::move(file), size);
  if (size > StaticFiles::kHeld) {
    out.source = std::move(source);
    return out;
  }
  while (out.body.size() < size) {
    const auto piece = source->read(out.body.size(), static_cast<std::size_t>(size) - out.body.size());
    if (!piece) break;  // the file has become shorter meanwhile
    out.body += *piece;
  }
  return out;
}

}  // namespace

std::string_view mediaTypeOf(std::string_view fileName) {
  const std::size_t dot = fileName.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string ending = lowerCase(fileName.substr(dot + 1));
    const auto* known = std::ranges::find(kMediaTypes, ending, &std::pair<std::string_view, std::string_view>::first);
    if (known != std::end(kMediaTypes)) return known->second;
  }
  return "application/octet-stream";
}

Response StaticFiles::get(std::span<const std::string> path, bool slashAtEnd) const {
  Descriptor at(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& name : path) {
    if (at.get() < 0) break;
    at = openBelow(at, name);
  }
  struct stat about {};
  if (at.get() >= 0 && fstat(at.get(), &about) == 0 && S_ISDIR(about.st_mode)) {
    if (!slashAtEnd) return path.empty() ? noSuchFile() : redirectTo(encoded(path.back()) + "/");
    at = openBelow(at, "index.html");
    if (at.get() >= 0 && fstat(at.get(), &about) == 0 && S_ISREG(about.st_mode)) {
      return answerOf(std::move(at), about, "index.html");
    }
  } else if (at.get() >= 0 && S_ISREG(about.st_mode) && !slashAtEnd) {
    return answerOf(std::move(at), about, path.back());
  }
  const bool scarce = at.get() < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM);
  return scarce ? errorResponse(503, {"files are short, try again", {}, {}}) : noSuchFile();
}

}  // namespace weir::http
