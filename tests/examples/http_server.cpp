// Serves the files of a folder, and at /ticks a stream of events that counts, with room http alone: http_server FOLDER.
// Says the port on standard output, and ends when standard input does.
#include <chrono>
#include <cstdio>
#include <string>

#include "http/event_stream.h"
#include "http/server.h"
#include "http/static_files.h"

using namespace weir::http;

namespace {

void tick(Server& server, const StreamPtr& stream, int n) {
  stream->write(eventText(std::to_string(n)), [&server, stream, n] {
    server.timers().after(std::chrono::milliseconds(10), [&server, stream, n] { tick(server, stream, n + 1); });
  });
}

}  // namespace

int main(int count, char** arguments) {
  const StaticFiles files(count > 1 ? arguments[1] : ".");
  const auto server = Server::open({.hostname = "127.0.0.1"});
  if (!server) return std::fprintf(stderr, "%s\n", server.error().text().c_str()), 1;
  Server& http = **server;
  http.start([&](const Request& request, const ReplyPtr& reply) {
    if (request.path.size() == 1 && request.path[0] == "ticks") {
      if (const auto stream = reply->stream(eventStreamHead())) tick(http, stream, 1);
      return;
    }
    http.offload(
        [&files, path = request.path, slash = request.slashAtEnd, reply] { reply->send(files.get(path, slash)); });
  });
  std::printf("%u\n", http.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) continue;
  http.stop();
}
