#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent_config/settings.h"
#include "agent_config/tokens.h"

namespace weir::agent {

enum class SettingType : std::uint8_t {
  integer,      ///< within [least, most]
  probability,  ///< 0 to 1
  onOff,
  speeds,   ///< a range of link speeds
  text,     ///< anything
  device,   ///< a network device
  path,     ///< a file; one that is not there is a warning
  pattern,  ///< POSIX extended regular expression
  host,     ///< an address or a host name
  cidr,
  uuid,
};

enum class SettingStatus : std::uint8_t {
  works,
  ignored,     ///< accepted for the sake of existing files; makes no difference here, and that is fine
  deprecated,  ///< an older spelling that works
  absent,      ///< accepted with a warning that it has no effect
};

/// The value of a setting, checked; the member of its type is filled in, `text` always.
struct SettingValue {
  std::string text;
  std::string suffix;  ///< what followed the prefix of a setting whose name ends in a dot
  std::uint64_t number = 0;
  double real = 0;
  bool on = false;
  SpeedRange speeds;
  Cidr cidr;
  std::array<std::uint8_t, 16> uuid{};
  [[nodiscard]] std::uint32_t u32() const { return static_cast<std::uint32_t>(number); }
};

/// One setting. The table of these makes the parser's checks, its advice and docs/agent-settings.md.
struct SettingInfo {
  std::string_view block;  ///< "" for the top level
  std::string_view name;   ///< ends in a dot where any suffix may follow (`sampling.`); case does not matter
  SettingType type;
  std::int64_t least;
  std::int64_t most;
  std::string_view defaultText;
  SettingStatus status;
  std::string_view meaning;  ///< one line, with the unit
  void (*apply)(AgentSettings&, const SettingValue&);
};

/// One block. Entering it makes it exist in the settings.
struct BlockInfo {
  std::string_view name;
  std::string_view parent;  ///< "" for blocks of sFlow { }
  SettingStatus status;
  std::string_view meaning;
  void (*enter)(AgentSettings&);
};

[[nodiscard]] std::span<const SettingInfo> settingTable();
[[nodiscard]] std::span<const BlockInfo> blockTable();

/// The setting `name` of `block`; of those that end in a dot the longest that matches, if no name does as a whole.
[[nodiscard]] const SettingInfo* findSetting(std::string_view block, std::string_view name);
[[nodiscard]] const BlockInfo* findBlock(std::string_view parent, std::string_view name);
/// The setting or block of `block` whose name is nearest, or empty where none is near.
[[nodiscard]] std::string nearestWord(std::string_view block, std::string_view name);

/// What a value may be: "a number from 0 to 300".
[[nodiscard]] std::string expectation(const SettingInfo& info);
/// Reads a value; false when it is not of the type or out of range.
[[nodiscard]] bool readValue(const SettingInfo& info, std::string_view text, SettingValue& out);

/// The text of docs/agent-settings.md.
[[nodiscard]] std::string settingReference();

}  // namespace weir::agent
