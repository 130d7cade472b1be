#include "config/command_line.h"

#include <CLI/CLI.hpp>

#include "config/property_table.h"

namespace weir::config {

namespace {

constexpr const char* kUsage =
    "weir: live flows, metrics, thresholds and events from sFlow\n"
    "\n"
    "  weir [-Dname=value ...]                  receive sFlow and answer on the REST API\n"
    "  weir --demo                              the same, fed by a simulated leaf-and-spine fabric\n"
    "  weir --check [-Dname=value ...]          say what is wrong with the configuration, and end\n"
    "  weir decode [FILE | -]                   print each datagram of a capture as a line of JSON\n"
    "  weir decode --listen PORT                the same, live from a UDP port\n"
    "  weir replay CAPTURE --define FILE.json   run a capture through definitions at full speed and print\n"
    "              [--dump] [-Dname=value ...]  events and flow records, with --dump the final metrics too\n"
    "  weir --help | --version\n"
    "\n"
    "Examples:\n"
    "  weir -Dsflow.file=yesterday.pcap -Dsflow.file.speed=10\n"
    "  weir replay yesterday.pcap --define elephants.json | grep '\"event\"'\n"
    "\n"
    "Properties (name=default):\n";

constexpr const char* kFiles =
    "\n"
    "They are read from /usr/local/sflow-rt/conf.d/*.conf and /etc/weir/*.conf (lines name=value), or from the files\n"
    "named by -Dsystem.propertyFiles=a.conf,b.conf; then from -Dname=value in the environment variable RTPROP; then\n"
    "from the command line. What comes later wins.\n";

Expected<Assignment> assignmentOf(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return fail("-D" + text + ": expected -Dname=value");
  return Assignment{text.substr(0, equals), text.substr(equals + 1)};
}

/// The arguments as CLI11 leaves them, before they are judged.
struct Raw {
  std::vector<std::string> definitions;
  std::string file;
  std::string listen;
  std::string define;
  bool demo = false, check = false, help = false, version = false, dump = false;
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
  if (raw.help) out.command = Command::help;
  if (raw.version) out.command = Command::version;
  if (raw.help || raw.version) return out;

  out.demo = raw.demo;
  out.file = raw.file;
  out.defineFile = raw.define;
  out.dump = raw.dump;
  if ((decode || replay) && (raw.demo || raw.check))
    return fail(std::string(raw.demo ? "--demo" : "--check") + ": goes without a command");
  if (!raw.listen.empty()) {
    const auto port = parseInteger(raw.listen);
    if (!port || *port > 65'535) return fail("--listen " + raw.listen + ": expected a port from 0 to 65535");
    if (!raw.file.empty()) return fail("--listen " + raw.listen + ": expected a file or a port, not both");
    out.listenPort = static_cast<std::uint16_t>(*port);
  }
  if (decode && raw.file.empty() && raw.listen.empty()) out.file = "-";
  if (replay && raw.file.empty()) return fail("replay: expected a capture file");
  return out;
}

}  // namespace

Expected<CommandLine> parseCommandLine(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app("", "weir");
  app.set_help_flag();  // help is an answer of ours, not an exception
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_option("-D", raw.definitions)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  app.add_flag("--demo", raw.demo);
  app.add_flag("--check", raw.check);
  app.add_flag("-h,--help", raw.help);
  app.add_flag("-V,--version", raw.version);
  CLI::App* decode = app.add_subcommand("decode")->fallthrough();
  decode->add_option("file", raw.file);
  decode->add_option("--listen", raw.listen);
  CLI::App* replay = app.add_subcommand("replay")->fallthrough();
  replay->add_option("capture", raw.file);
  replay->add_option("--define", raw.define);
  replay->add_flag("--dump", raw.dump);
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    const auto left = app.remaining(true);
    return fail((left.empty() ? std::string("argument") : left.front()) + ": unknown; weir --help shows what there is");
  } catch (const CLI::ParseError& error) {
    return fail(error.what());
  }
  return judge(raw, decode->parsed(), replay->parsed());
}

std::string helpText() {
  return kUsage + propertyHelp() + kFiles;
}

}  // namespace weir::config
