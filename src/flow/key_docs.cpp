#include "flow/foreign_words.h"
#include "flow/key_functions.h"
#include "flow/key_table.h"

namespace weir::flow {

std::string_view typeName(Type type) {
  switch (type) {
    case Type::number:
      return "number";
    case Type::bits:
      return "bits";
    case Type::boolean:
      return "boolean";
    case Type::name:
      return "name";
    case Type::interface:
      return "port";
    case Type::hex:
      return "hex";
    case Type::choice:
      return "text";
    case Type::mac:
      return "MAC";
    case Type::ip4:
      return "IPv4";
    case Type::ip6:
      return "IPv6";
    case Type::address:
      return "address";
    case Type::dataSource:
      return "data source";
    case Type::layers:
      return "layers";
    case Type::text:
    case Type::joined:
      return "text";
  }
  return {};
}

namespace {

std::string code(std::string_view text) {
  return '`' + std::string(text) + '`';
}

void appendKeys(std::string& out) {
  std::string_view section;
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    if (entry.section != section) {
      section = entry.section;
      out += "\n### " + std::string(section) +
             "\n\n| key | type | suffix | value | example | meaning |\n|---|---|---|---|---|---|\n";
    }
    out += "| " + code(entry.name);
    if (!entry.aliases.empty()) out += ", " + code(entry.aliases);
    out += " | " + std::string(typeName(entry.type));
    if (entry.type == Type::bits) out += ' ' + std::to_string(entry.bits);
    out += entry.layered ? " | `.N`" : " |";
    out += entry.numeric() ? " | yes | " : " | | ";
    out += code(entry.example) + " | " + std::string(entry.doc) + " |\n";
  }
}

void appendFunctions(std::string& out) {
  out += "\n## Key functions\n\n| function | example | result |\n|---|---|---|\n";
  for (const KeyFunction& function : keyFunctionTable()) {
    out += "| " + code(function.usage) + " | " + code(function.example) + " | " + std::string(function.doc);
    out += " |\n";
  }
}

}  // namespace

std::string flowKeysMarkdown() {
  std::string out =
      "# Flow keys\n\n"
      "Made from the tables in `src/flow/key_table.cpp`, `packet_keys.cpp`, `record_keys.cpp`, "
      "`key_functions.cpp`\n"
      "and `foreign_words.cpp`; a test keeps this page in step (`WEIR_UPDATE_DOCS=1` writes it anew).\n\n"
      "A key with suffix `.N` takes one: `ipsource` is the outermost IPv4 header's address, `ipsource.1` that of the "
      "next\n"
      "IPv4 header inside. Keys marked as value may be counted (`\"value\":\"ipbytes\"`). A sample that lacks one of "
      "a\n"
      "definition's keys is not counted; `null:` gives such a key a default.\n\n"
      "A name that is not listed may be a field that an application defines and sends in rtflow samples (enterprise "
      "4300,\n"
      "format 1003): `field`, or `datasource.field`, which may be counted too. Their flows belong to the agent's host "
      "data\n"
      "source, 2.1.\n\n"
      "## Keys\n";
  appendKeys(out);
  appendFunctions(out);
  out.append("\n").append(foreignWordsMarkdown());
  return out;
}

}  // namespace weir::flow
