#include "http/event_stream.h"

#include "http/response.h"

namespace weir::http {

Response eventStreamHead() {
  // The last header keeps nginx from holding events back.
  return {200, std::string(kMediaEvents), "", {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}}};
}

void appendEvent(std::string& out, std::string_view data, std::string_view id, std::string_view type) {
  if (!id.empty()) out.append("id: ").append(id).append("\n");
  if (!type.empty()) out.append("event: ").append(type).append("\n");
  out.append("data: ").append(data).append("\n\n");
}

std::string eventText(std::string_view data, std::string_view id, std::string_view type) {
  std::string out;
  appendEvent(out, data, id, type);
  return out;
}

}  // namespace weir::http
