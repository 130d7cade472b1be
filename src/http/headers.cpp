#include "http/headers.h"

#include <algorithm>

#include "http/ascii.h"

namespace weir::http {

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  text_.append(name).append(value);
}

bool Headers::isNamed(const Field& field, std::string_view name) const {
  return field.name == name.size() && equalsIgnoringCase(std::string_view(text_).substr(field.at, field.name), name);
}

std::string_view Headers::operator[](std::string_view name) const {
  for (const Field& field : fields_) {
    if (isNamed(field, name)) return std::string_view(text_).substr(field.at + field.name, field.value);
  }
  return {};
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const Field& f) { return isNamed(f, name); }));
}

}  // namespace weir::http
