#include "http/message.h"

namespace weir::http {

namespace {

constexpr std::pair<std::string_view, Method> kMethods[] = {
    {"GET", Method::get},   {"HEAD", Method::head},  {"PUT", Method::put},
    {"POST", Method::post}, {"DELETE", Method::del}, {"OPTIONS", Method::options},
};

}  // namespace

Method methodOf(std::string_view name) {
  for (const auto& [text, method] : kMethods) {
    if (text == name) return method;
  }
  return Method::other;
}

std::string_view methodName(Method method) {
  for (const auto& [text, m] : kMethods) {
    if (m == method) return text;
  }
  return "other";
}

const std::string* Request::parameter(std::string_view name) const {
  for (const auto& [parameter, value] : query) {
    if (parameter == name) return &value;
  }
  return nullptr;
}

}  // namespace weir::http
