#pragma once
#include <span>
#include <string>
#include <string_view>

/// What users of other tools call a flow key, so that a definition with their word is answered with ours.
namespace weir::flow {

struct ForeignWords {
  std::string_view keys;   ///< flow keys as a definition has them: a comma list where a word means several
  std::string_view words;  ///< in lower case without . _ - and blanks; a blank between two
};

/// Words of NetFlow 9 and IPFIX (their information elements), nfdump, Wireshark (display filters) and tcpdump (pcap
/// filters), in the order of docs/flow-keys.md.
[[nodiscard]] std::span<const ForeignWords> foreignWordTable();

/// The flow keys that a word stands for, in any case and spelling (`ip.src`, `SRC_IP`, `src ip`); empty: not known.
[[nodiscard]] std::string_view keysOfForeignWord(std::string_view word);

/// The number of a protocol by the name that tools show (`tcp`: 6); empty: not known.
[[nodiscard]] std::string_view protocolNumber(std::string_view name);

/// The section of docs/flow-keys.md.
[[nodiscard]] std::string foreignWordsMarkdown();

}  // namespace weir::flow
