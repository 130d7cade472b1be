#include "agent/docker_names.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "agent/json_record.h"
#include "agent_host/cgroups.h"
#include "base/log.h"
#include "json/lenient.h"

namespace weir::agent {

namespace {

namespace bj = boost::json;

/// `/web`; names with more than one slash are what other containers link to it as.
std::string nameOf(const bj::object& container) {
  const bj::value* names = container.if_contains("Names");
  if (names == nullptr || !names->is_array()) return "";
  for (const auto& name : names->get_array()) {
    if (!name.is_string()) continue;
    const std::string_view text(name.get_string().data(), name.get_string().size());
    if (text.size() > 1 && text[0] == '/' && text.find('/', 1) == std::string_view::npos)
      return std::string(text.substr(1));
  }
  return "";
}

}  // namespace

Expected<DockerNames::Names> parseContainerList(std::string_view body) {
  const auto parsed = json::parseLenient(body);
  if (!parsed) return std::unexpected(parsed.error());
  if (!parsed->is_array()) return fail("Docker's answer is not a list of containers");
  DockerNames::Names out;
  for (const auto& entry : parsed->get_array()) {
    const bj::object* container = entry.if_object();
    if (container == nullptr || out.size() == kMaxEntities) continue;
    const std::string_view id = textOf(*container, "Id");
    if (isContainerId(id)) out.emplace(id, nameOf(*container));
  }
  return out;
}

std::string parseHostname(std::string_view body) {
  const auto parsed = json::parseLenient(body);
  if (!parsed || !parsed->is_object()) return "";
  const bj::value* config = parsed->get_object().if_contains("Config");
  const bj::object* members = config == nullptr ? nullptr : config->if_object();
  return members == nullptr ? "" : std::string(textOf(*members, "Hostname"));
}

DockerNames::Names uniqueNames(const DockerNames::Names& names) {
  std::map<std::string_view, int> owners;
  for (const auto& [id, name] : names) ++owners[name];
  DockerNames::Names out;
  for (const auto& [id, name] : names)
    if (!name.empty()) out.emplace(id, owners[name] == 1 ? name : name + "." + id.substr(0, kShortId));
  return out;
}

void DockerNames::apply(const std::optional<EntitySettings>& settings) {
  const bool same = settings.has_value() == settings_.has_value() &&
                    (!settings || (settings->hostname == settings_->hostname &&
                                   settings->refreshSeconds == settings_->refreshSeconds));
  settings_ = settings;
  if (same) return;
  loop_.cancel(timer_);
  http_.close();
  names_.clear();
  hostnames_.clear();
  notBefore_ = 0;
  if (!settings_) return;
  timer_ = loop_.every(settings_->refreshSeconds.value_or(kRefreshSeconds) * kSecond, [this] { ask(); });
  ask();
}

void DockerNames::ask() {
  if (!settings_ || http_.busy() || loop_.now() < notBefore_) return;
  http_.get("/containers/json", [this](const auto& body) { takeList(body); });
}

void DockerNames::takeList(const Expected<std::string>& body) {
  const auto names = body ? parseContainerList(*body) : Expected<Names>(std::unexpected(body.error()));
  if (!names) return failed(names.error());
  complained_ = false;
  names_ = *names;
  std::erase_if(hostnames_, [this](const auto& known) { return !names_.contains(known.first); });
  inspect_.clear();
  if (settings_->hostname)
    for (const auto& [id, name] : names_)
      if (!hostnames_.contains(id)) inspect_.push_back(id);
  inspectNext();
}

void DockerNames::inspectNext() {
  if (inspect_.empty()) {
    Names called = names_;
    for (const auto& [id, hostname] : hostnames_)
      if (!hostname.empty()) called[id] = hostname;
    return changed_(uniqueNames(called));
  }
  const std::string id = inspect_.back();
  inspect_.pop_back();
  http_.get("/containers/" + id + "/json", [this, id](const Expected<std::string>& body) {
    if (body) hostnames_[id] = parseHostname(*body);  // or it has ended meanwhile
    inspectNext();
  });
}

void DockerNames::failed(const Error& error) {
  notBefore_ = loop_.now() + kRetryAfter;
  loop_.after(kRetryAfter, [this] { ask(); });
  if (!std::exchange(complained_, true))
    log::warning("docker { }: containers are named by their ids: " + error.text() + "; trying again");
}

}  // namespace weir::agent
