#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "test_sample.h"

namespace weir::flow::test {

/// What one sample has under each key. The suffix form is tested where the packet has a layer twice.
struct Case {
  std::string name;
  std::function<void(TestSample&)> build;
  std::map<std::string, std::string> keys;
};

/// Headers, and what a sample itself says.
[[nodiscard]] std::vector<Case> packetCases();
/// Flow records.
[[nodiscard]] std::vector<Case> recordCases();
/// All of them.
[[nodiscard]] std::vector<Case> keyCases();

inline constexpr const char* kEth = "00259058DFCC 000000CC0101 0800";
inline constexpr const char* kIp = "4560 05DC 1267 4000 40 06 1234 0A000001 0A000002";
// Hop-by-hop and fragment header, UDP; offset 185, more fragments.
inline constexpr const char* kIp6 =
    "6607A5FC 003C 00 3F FE800000000000000A0027FFFEB8326D FF020000000000000000000000000001"
    "2C00010400000000 110005C900000001";

}  // namespace weir::flow::test
