#include "config/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::config {
namespace {

using Command = CommandLine::Command;
using testing::HasSubstr;

Expected<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "weir");
  return parseCommandLine(static_cast<int>(arguments.size()), arguments.data());
}
std::string errorOf(const std::vector<const char*>& arguments) {
  const auto parsed = parse(arguments);
  return parsed ? "no error" : parsed.error().text();
}

TEST(CommandLine, NothingMeansRun) {
  const auto c = parse({});
  ASSERT_TRUE(c);
  EXPECT_EQ(c->command, Command::run);
  EXPECT_TRUE(c->properties.empty());
  EXPECT_FALSE(c->demo || c->dump || c->listenPort);
}

TEST(CommandLine, PropertiesAttachedAndSeparate) {
  const auto c =
      parse({"-Dsflow.port=1", "-D", "a.b=c d=e", "-Dempty=", "-Dneg=-5", "-Dlist=[a,b]", "--demo", "-Dsflow.port=2"});
  ASSERT_TRUE(c) << c.error().text();
  ASSERT_EQ(c->properties.size(), 6u);
  EXPECT_EQ(c->properties[0].name, "sflow.port");
  EXPECT_EQ(c->properties[0].value, "1");
  EXPECT_EQ(c->properties[1].value, "c d=e");
  EXPECT_EQ(c->properties[2].value, "");
  EXPECT_EQ(c->properties[3].value, "-5");
  EXPECT_EQ(c->properties[4].value, "[a,b]");
  EXPECT_EQ(c->properties[5].value, "2");
  EXPECT_TRUE(c->demo);
}

TEST(CommandLine, Decode) {
  EXPECT_EQ(parse({"decode"})->file, "-");
  EXPECT_EQ(parse({"decode"})->command, Command::decode);
  EXPECT_EQ(parse({"decode", "-"})->file, "-");
  EXPECT_EQ(parse({"decode", "a b.pcap"})->file, "a b.pcap");
  const auto live = parse({"decode", "--listen", "6343"});
  ASSERT_TRUE(live);
  EXPECT_EQ(live->listenPort, 6343);
  EXPECT_EQ(live->file, "");
}

TEST(CommandLine, Replay) {
  const auto c = parse({"replay", "x.pcap", "--define", "d.json", "--dump", "-Dworkers.number=2"});
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->command, Command::replay);
  EXPECT_EQ(c->file, "x.pcap");
  EXPECT_EQ(c->defineFile, "d.json");
  EXPECT_TRUE(c->dump);
  ASSERT_EQ(c->properties.size(), 1u);
  EXPECT_EQ(c->properties[0].value, "2");
  const auto before = parse({"-Dworkers.number=2", "replay", "--define=d.json", "x.pcap"});
  ASSERT_TRUE(before) << before.error().text();
  EXPECT_EQ(before->defineFile, "d.json");
  EXPECT_EQ(before->file, "x.pcap");
  EXPECT_EQ(before->properties.size(), 1u);
}

TEST(CommandLine, ExpectationsOfAReplay) {
  const auto c = parse({"replay", "x.pcap", "--expect", "big", "--expect-none", "other", "--expect=a=b=12", "--strict",
                        "--expect", "odd=name"});
  ASSERT_TRUE(c) << c.error().text();
  EXPECT_EQ(c->expected, (std::vector<Expectation>{{"big", {}}, {"a=b", 12}, {"odd=name", {}}, {"other", 0}}));
  EXPECT_TRUE(c->strict);
  EXPECT_FALSE(parse({"replay", "x.pcap"})->strict);
  EXPECT_EQ(errorOf({"replay", "x", "--expect"}),
            "--expect: expected the name of a threshold, as in --expect big or --expect big=3");
  EXPECT_EQ(errorOf({"replay", "x", "--expect-none"}),
            "--expect-none: expected the name of a threshold, as in --expect-none big");
  EXPECT_THAT(errorOf({"replay", "x", "--expect", "=3"}), HasSubstr("expected the name of a threshold"));
  EXPECT_EQ(errorOf({"--strict"}), "--strict: is an option of weir replay only; see weir replay --help");
}

TEST(CommandLine, HelpVersionAndCheck) {
  EXPECT_EQ(parse({"--help"})->command, Command::help);
  EXPECT_EQ(parse({"-h"})->command, Command::help);
  EXPECT_EQ(parse({"replay", "--help"})->command, Command::help);
  EXPECT_EQ(parse({"replay", "--help"})->topic, Command::replay);
  EXPECT_EQ(parse({"decode", "x", "-h"})->topic, Command::decode);
  EXPECT_EQ(parse({"--demo", "-h"})->topic, Command::run);
  EXPECT_EQ(parse({"--version"})->command, Command::version);
  EXPECT_EQ(parse({"--check", "-Da=b"})->command, Command::check);
}

TEST(CommandLine, ErrorsNameTheArgument) {
  EXPECT_EQ(errorOf({"-Dnonsense"}), "-Dnonsense: expected -Dname=value");
  EXPECT_EQ(errorOf({"-D=x"}), "-D=x: expected -Dname=value");
  EXPECT_EQ(errorOf({"-D"}), "-D: expected -Dname=value");
  EXPECT_THAT(errorOf({"--lisen"}), HasSubstr("--lisen: unknown"));
  EXPECT_THAT(errorOf({"dekode"}), HasSubstr("dekode: unknown"));
  EXPECT_THAT(errorOf({"decode", "a", "b"}), HasSubstr("b: unknown"));
  EXPECT_EQ(errorOf({"decode", "--listen", "70000"}), "--listen 70000: expected a port from 0 to 65535");
  EXPECT_THAT(errorOf({"decode", "x", "--listen", "1"}), HasSubstr("not both"));
  EXPECT_EQ(errorOf({"decode", "--listen", "1", "--listen", "2"}), "--listen: given twice, 1 and 2; expected one");
  EXPECT_EQ(errorOf({"replay", "x", "--define", "a", "--define", "b"}), "--define: given twice, a and b; expected one");
  EXPECT_EQ(errorOf({"replay"}), "replay: expected a capture file, as in weir replay yesterday.pcap");
  EXPECT_EQ(errorOf({"replay", "x", "--demo"}), "--demo: cannot be combined with a command");
}

TEST(CommandLine, ErrorsSayWhatWasProbablyMeant) {
  EXPECT_EQ(errorOf({"decode", "--listen"}), "--listen: expected a UDP port, as in --listen 6343");
  EXPECT_EQ(errorOf({"replay", "x", "--define"}),
            "--define: expected a file of definitions, as in --define rules.json");
  EXPECT_EQ(errorOf({"--listen", "6343"}), "--listen: is an option of weir decode only; see weir decode --help");
  EXPECT_EQ(errorOf({"decode", "x", "--dump"}), "--dump: is an option of weir replay only; see weir replay --help");
  EXPECT_EQ(errorOf({"sflow.port=6344"}), "sflow.port=6344: expected -Dsflow.port=6344");
  for (const char* command : {"weir replay a.pcap", "weir decode a.pcap", "weir -Dsflow.file=a.pcap"})
    EXPECT_THAT(errorOf({"a.pcap"}), HasSubstr("\"" + std::string(command) + "\""));
  EXPECT_THAT(errorOf({"/tmp/capture"}), HasSubstr("weir replay /tmp/capture"));
}

TEST(CommandLine, TheDemoIsNoCapture) {
  EXPECT_EQ(errorOf({"--demo", "-Dsflow.file=a.pcap"}),
            "--demo: cannot be combined with -Dsflow.file, since the demo makes its own telemetry");
  EXPECT_TRUE(parse({"--demo", "-Dsflow.file.speed=2", "-Dsflow.port=1"})) << "has no effect, and does no harm";
}

TEST(CommandLine, CommandsHaveTheirOwnHelpWithAnExample) {
  for (const auto& [topic, words] : {std::pair{Command::decode, "weir decode --listen 6343\n"},
                                     std::pair{Command::replay, "weir replay yesterday.pcap --define rules.json\n"}}) {
    const std::string help = helpText(topic);
    EXPECT_THAT(help, HasSubstr(words));
    EXPECT_THAT(help, testing::Not(HasSubstr("http.port")));
  }
}

TEST(CommandLine, HelpFitsAScreenAndNamesEverything) {
  const std::string help = helpText() + helpText(Command::decode) + helpText(Command::replay);
  for (const char* name :
       {"--demo", "--check", "decode", "--listen", "replay", "--define", "--dump", "--expect", "--expect-none",
        "--strict", "--version", "sflow.port=6343", "system.propertyFiles", "RTPROP"})
    EXPECT_THAT(help, HasSubstr(name));
  std::size_t column = 0;
  for (const char c : help) {
    column = c == '\n' ? 0 : column + 1;
    EXPECT_LE(column, 120u);
  }
}

}  // namespace
}  // namespace weir::config
