#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/unix_http.h"
#include "agent_config/settings.h"

namespace weir::agent {

inline constexpr char kDockerSocket[] = "/var/run/docker.sock";

/// Names of the containers that Docker runs, asked over its socket (Engine API, list and inspect). Everything else of a
/// container is read from its cgroup: what Docker tells comes from there. Without the socket it is tried again every
/// kRetryAfter, and nothing else is disturbed. Thread: one.
class DockerNames {
 public:
  /// By the id of the container. A name that two would have gets the beginning of the id added.
  using Names = std::map<std::string, std::string>;

  /// changed: called when all names are known anew.
  DockerNames(EventLoop& loop, std::string socket, std::function<void(const Names&)> changed)
      : loop_(loop), http_(loop, std::move(socket)), changed_(std::move(changed)) {}

  void apply(const std::optional<EntitySettings>& settings);
  /// Containers have come: asks, unless it is asking or Docker has not answered a moment ago.
  void ask();

 private:
  static constexpr Nanos kRetryAfter = 10 * kSecond;    // docs/agent-rules.md
  static constexpr std::uint32_t kRefreshSeconds = 60;  // default of refreshVMs

  void takeList(const Expected<std::string>& body);
  void inspectNext();
  void failed(const Error& error);

  EventLoop& loop_;
  UnixHttp http_;
  std::function<void(const Names&)> changed_;
  std::optional<EntitySettings> settings_;
  EventLoop::TimerId timer_ = 0;
  Names names_;                       // as Docker has them
  Names hostnames_;                   // inspected once each
  std::vector<std::string> inspect_;  // still to be inspected in this round
  Nanos notBefore_ = 0;
  bool complained_ = false;
};

/// The running containers in an answer of GET /containers/json, at most kMaxEntities: id to name. Error: it is no such
/// answer.
[[nodiscard]] Expected<DockerNames::Names> parseContainerList(std::string_view body);
/// The host name in an answer of GET /containers/ID/json; empty where there is none.
[[nodiscard]] std::string parseHostname(std::string_view body);
/// Makes each name the only one of its kind: `web` becomes `web.0123456789ab` where two have it.
[[nodiscard]] DockerNames::Names uniqueNames(const DockerNames::Names& names);

}  // namespace weir::agent
