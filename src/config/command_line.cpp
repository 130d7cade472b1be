#include "config/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "config/property_table.h"

namespace weir::config {

namespace {

constexpr const char* kUsage =
    "weir: live flows, metrics, thresholds and events from sFlow\n"
    "\n"
    "  weir [-Dname=value ...]                  receive sFlow and serve the REST API\n"
    "  weir --demo                              the same with a simulated leaf-and-spine fabric\n"
    "  weir --check [-Dname=value ...]          report mistakes in the configuration, then exit\n"
    "  weir decode [FILE | -]                   print each datagram of a capture as a line of JSON\n"
    "  weir decode --listen PORT                the same for datagrams from a UDP port\n"
    "  weir replay CAPTURE --define FILE.json   run definitions over a capture at full speed and print\n"
    "              [--dump] [-Dname=value ...]  events and flow records; with --dump also all metrics;\n"
    "              [--expect NAME[=N] ...]      test rules: fail unless threshold NAME has (N) events\n"
    "  weir --help | --version                  also weir decode --help and weir replay --help\n"
    "\n"
    "Examples:\n"
    "  weir -Dsflow.file=yesterday.pcap -Dsflow.file.speed=10\n"
    "  weir replay yesterday.pcap --define elephants.json | grep '\"event\"'\n"
    "\n"
    "Properties (name=default):\n";

constexpr const char* kFiles =
    "\n"
    "Properties are read from /usr/local/sflow-rt/conf.d/*.conf and /etc/weir/*.conf (lines name=value), or from the "
    "files\n"
    "named by -Dsystem.propertyFiles=a.conf,b.conf; then from -Dname=value in the environment variable RTPROP; then\n"
    "from the command line. Later values replace earlier ones.\n";

constexpr const char* kDecodeHelp =
    "weir decode: prints each datagram of a capture file or a UDP port as a line of JSON\n"
    "\n"
    "  weir decode [FILE | -]      pcap or pcapng file; - or no file: standard input\n"
    "  weir decode --listen PORT   datagrams from a UDP port, until interrupted\n"
    "\n"
    "The names of members are those of sflowtool -J. Results go to standard output, the log to standard error.\n"
    "\n"
    "Examples:\n"
    "  weir decode yesterday.pcap | head -1\n"
    "  weir decode --listen 6343\n";

constexpr const char* kReplayHelp =
    "weir replay: runs definitions over a capture file at full speed; the output is the same in every run\n"
    "\n"
    "  weir replay CAPTURE [--define FILE.json] [--dump] [-Dname=value ...]\n"
    "              [--expect NAME[=N] ...] [--expect-none NAME ...] [--strict]\n"
    "\n"
    "  CAPTURE             pcap or pcapng file; -: standard input\n"
    "  --define FILE       flows, thresholds, groups, maps and topology, in the shapes of the REST API\n"
    "  --dump              also print all metrics at the end\n"
    "  --expect NAME[=N]   fail unless threshold NAME has at least one event (exactly N); NAME can also be a flow\n"
    "                      with log:true, whose records are counted\n"
    "  --expect-none NAME  fail if there is any\n"
    "  --strict            fail if there are hints on the definitions, or warnings\n"
    "  -Dname=value        properties; weir --help lists them\n"
    "\n"
    "Prints lines {\"event\":...}, {\"flow\":...} (for flows with log:true) and {\"metric\":...}. The log goes to\n"
    "standard error. Exit status: 0 on success; 1 if the capture, definitions or properties are wrong; 2 if the\n"
    "command line is wrong; 3 if an expectation is not met.\n"
    "\n"
    "Example: pairs of addresses above 10 Mbit/s\n"
    "  echo '{flows:{pairs:{keys:\"ipsource,ipdestination\",value:bytes}},\n"
    "         thresholds:{big:{metric:pairs,value:1250000,byFlow:true}}}' > rules.json\n"
    "  weir replay yesterday.pcap --define rules.json\n"
    "\n"
    "Example: a test of these rules\n"
    "  weir replay attack.pcap --define rules.json --strict --expect big=1\n"
    "  weir replay yesterday.pcap --define rules.json --strict --expect-none big\n";

/// The options that take a value, and an example of each.
constexpr std::pair<std::string_view, std::string_view> kWithValue[] = {
    {"--listen", "expected a UDP port, as in --listen 6343"},
    {"--define", "expected a file of definitions, as in --define rules.json"},
    {"--expect", "expected the name of a threshold, as in --expect big or --expect big=3"},
    {"--expect-none", "expected the name of a threshold, as in --expect-none big"},
    {"-D", "expected -Dname=value"},
};
/// Options of one command.
constexpr std::pair<std::string_view, std::string_view> kOfCommand[] = {
    {"--listen", "decode"}, {"--define", "replay"},      {"--dump", "replay"},
    {"--expect", "replay"}, {"--expect-none", "replay"}, {"--strict", "replay"}};

/// The error for an unknown argument, with what was probably meant.
std::unexpected<Error> unknown(const std::string& word, bool afterCommand) {
  for (const auto& [option, command] : kOfCommand) {
    if (word != option) continue;
    const std::string shown(command);
    return fail(word + ": is an option of weir " + shown + " only; see weir " + shown + " --help");
  }
  const bool isOption = word.starts_with("-");
  if (!isOption && word.find('=') != std::string::npos) return fail(word + ": expected -D" + word);
  if (!isOption && !afterCommand && word.find_first_of("./") != std::string::npos) {
    return fail(word + ": expected a command before a file: \"weir replay " + word +
                "\" runs definitions over a capture, \"weir decode " + word +
                "\" prints its datagrams, \"weir -Dsflow.file=" + word + "\" serves it on the REST API");
  }
  return fail(word + ": unknown; see weir --help");
}

/// The error for an option without its value, with an example of one.
std::unexpected<Error> withoutValue(std::string_view told) {
  for (const auto& [option, expected] : kWithValue) {
    if (told.starts_with(std::string(option) + ":")) return fail(std::string(option) + ": " + std::string(expected));
  }
  return fail(std::string(told));
}

Expected<Assignment> assignmentOf(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return fail("-D" + text + ": expected -Dname=value");
  return Assignment{text.substr(0, equals), text.substr(equals + 1)};
}

/// NAME or NAME=N. What stands after the last = is part of the name unless it is a number.
Expectation expectationOf(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return {text, {}};
  const auto count = parseInteger(text.substr(equals + 1));
  if (!count || *count < 0) return {text, {}};
  return {text.substr(0, equals), static_cast<std::uint64_t>(*count)};
}

/// The arguments as CLI11 leaves them, before they are judged.
struct Raw {
  std::vector<std::string> definitions;
  std::string file;
  std::vector<std::string> listen, define, expect, expectNone;
  bool demo = false, check = false, help = false, version = false, dump = false, strict = false;
};

Expected<CommandLine> judge(const Raw& raw, bool decode, bool replay) {
  CommandLine out;
  for (const auto& text : raw.definitions) {
    auto assignment = assignmentOf(text);
    if (!assignment) return std::unexpected(assignment.error());
    out.properties.push_back(std::move(*assignment));
  }
  using Command = CommandLine::Command;
  out.command = decode ? Command::decode : replay ? Command::replay : raw.check ? Command::check : Command::run;
  if (raw.help) out.topic = std::exchange(out.command, Command::help);
  if (raw.version) out.command = Command::version;
  if (raw.help || raw.version) return out;

  out.demo = raw.demo;
  out.file = raw.file;
  for (const auto& [option, values] : {std::pair{"--define", &raw.define}, {"--listen", &raw.listen}}) {
    if (values->size() > 1)
      return fail(std::string(option) + ": given twice, " + values->front() + " and " + values->back() +
                  "; expected one");
  }
  if (!raw.define.empty()) out.defineFile = raw.define.front();
  out.dump = raw.dump;
  out.strict = raw.strict;
  for (const std::string& text : raw.expect) out.expected.push_back(expectationOf(text));
  for (const std::string& name : raw.expectNone) out.expected.push_back({name, 0});
  if (const auto nameless = std::ranges::find(out.expected, "", &Expectation::name); nameless != out.expected.end())
    return fail("--expect: expected the name of a threshold, as in --expect big or --expect big=3");
  if ((decode || replay) && (raw.demo || raw.check))
    return fail(std::string(raw.demo ? "--demo" : "--check") + ": cannot be combined with a command");
  if (raw.demo && std::ranges::find(out.properties, "sflow.file", &Assignment::name) != out.properties.end())
    return fail("--demo: cannot be combined with -Dsflow.file, since the demo makes its own telemetry");
  if (!raw.listen.empty()) {
    const std::string& listen = raw.listen.front();
    const auto port = parseInteger(listen);
    if (!port || *port > 65'535) return fail("--listen " + listen + ": expected a port from 0 to 65535");
    if (!raw.file.empty()) return fail("--listen " + listen + ": expected a file or a port, not both");
    out.listenPort = static_cast<std::uint16_t>(*port);
  }
  if (decode && raw.file.empty() && raw.listen.empty()) out.file = "-";
  if (replay && raw.file.empty()) return fail("replay: expected a capture file, as in weir replay yesterday.pcap");
  return out;
}

}  // namespace

Expected<CommandLine> parseCommandLine(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app("", "weir");
  app.set_help_flag();  // help is an answer of ours, not an exception
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  const auto each = [](CLI::Option* option) {
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  };
  each(app.add_option("-D", raw.definitions));
  app.add_flag("--demo", raw.demo);
  app.add_flag("--check", raw.check);
  app.add_flag("-h,--help", raw.help);
  app.add_flag("-V,--version", raw.version);
  CLI::App* decode = app.add_subcommand("decode")->fallthrough();
  decode->add_option("file", raw.file);
  each(decode->add_option("--listen", raw.listen));
  CLI::App* replay = app.add_subcommand("replay")->fallthrough();
  replay->add_option("capture", raw.file);
  each(replay->add_option("--define", raw.define));
  each(replay->add_option("--expect", raw.expect));
  each(replay->add_option("--expect-none", raw.expectNone));
  replay->add_flag("--dump", raw.dump);
  replay->add_flag("--strict", raw.strict);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    const auto left = app.remaining(true);
    return unknown(left.empty() ? "argument" : left.front(), decode->parsed() || replay->parsed());
  } catch (const CLI::ArgumentMismatch& error) {
    return withoutValue(error.what());
  } catch (const CLI::ParseError& error) {
    return fail(error.what());
  }
  return judge(raw, decode->parsed(), replay->parsed());
}

std::string helpText(CommandLine::Command topic) {
  if (topic == CommandLine::Command::decode) return kDecodeHelp;
  if (topic == CommandLine::Command::replay) return kReplayHelp;
  return kUsage + propertyHelp() + kFiles;
}

}  // namespace weir::config
