#include "config/properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/settings.h"

namespace weir::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder that goes away with the object.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/weir-config-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << content;
    return path_ + "/" + name;
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<std::string> fatal(const Properties& p) {
  std::vector<std::string> out;
  for (const auto& problem : p.check())
    if (problem.fatal) out.push_back(problem.text);
  return out;
}
std::vector<std::string> warnings(const Properties& p) {
  std::vector<std::string> out;
  for (const auto& problem : p.check())
    if (!problem.fatal) out.push_back(problem.text);
  return out;
}
Properties fromText(const std::string& text) {
  Properties p;
  p.addText(text, "a.conf");
  return p;
}

TEST(Properties, ReadsLinesOfEveryForm) {
  const auto p = fromText(
      "\xEF\xBB\xBF# comment\r\nhttp.port=80\r\n\r\n  # indented comment\n sflow.port = 6344 \t\nddos_protect.router="
      "10.0.0.1\nempty=\nx=a=b # c\nlast=1");
  EXPECT_EQ(p.text("http.port"), "80");
  EXPECT_EQ(p.find("http.port")->origin, "a.conf:2");
  EXPECT_EQ(p.text("sflow.port"), "6344");
  EXPECT_EQ(p.find("sflow.port")->origin, "a.conf:5");
  EXPECT_EQ(p.text("ddos_protect.router"), "10.0.0.1");
  EXPECT_TRUE(p.has("empty"));
  EXPECT_EQ(p.text("x"), "a=b # c") << "only a line that begins with # is a comment";
  EXPECT_EQ(p.text("last"), "1");
  EXPECT_THAT(p.check(), IsEmpty());
}

TEST(Properties, GiveDefaultsAndTypes) {
  const auto p = fromText("http.log=yes\nhttp.json.indent=7\nhttp.port=banana\n");
  EXPECT_EQ(p.integer("sflow.port"), 6343);
  EXPECT_EQ(p.integer("http.json.indent"), 7);
  EXPECT_EQ(p.integer("http.port"), 8008) << "a wrong value gives the default";
  EXPECT_EQ(p.text("http.port"), "banana") << "but stays readable";
  EXPECT_TRUE(p.yes("http.log"));
  EXPECT_TRUE(p.yes("http.rest"));
  EXPECT_FALSE(p.yes("no.such"));
  EXPECT_EQ(p.text("sflow.address"), "");
  EXPECT_EQ(p.text("prometheus.metric.prefix"), "sflow_");
}

TEST(Properties, ProblemsNameFileLineAndExpectation) {
  EXPECT_THAT(fatal(fromText("\nhttp.port=x\nnonsense\n=1\nhttp.log=true\n")),
              ElementsAre("a.conf:3: \"nonsense\", expected name=value", "a.conf:4: \"=1\", expected name=value",
                          "a.conf:5: http.log: \"true\", expected yes or no",
                          "a.conf:2: http.port: \"x\", expected a number from 0 to 65535"));
  EXPECT_THAT(fatal(fromText("sflow.file=/nonexistent.pcap")), ElementsAre(HasSubstr("cannot be read")));
  EXPECT_THAT(fatal(fromText("sflow.file.speed=10")),
              ElementsAre("a.conf:1: sflow.file.speed: has no meaning without sflow.file"));
  EXPECT_THAT(fatal(fromText("sflow.file.speed=10\nsflow.file=/dev/null")), IsEmpty());
}

TEST(Properties, WarningsNeverStopTheEngine) {
  const auto p = fromText(
      "sflow.prot=1\nbgp.start=yes\nbgp.port=1179\nhttp.requestbuffersize=banana\nfoo.bar=1\n"
      "workers.maxqueue=500\n");
  EXPECT_THAT(fatal(p), IsEmpty());
  EXPECT_THAT(warnings(p), ElementsAre("a.conf:2: bgp.start: has no effect in this version",
                                       "a.conf:4: http.requestbuffersize: has no effect in weir",
                                       "a.conf:1: sflow.prot: unknown property, nearest is sflow.port",
                                       "a.conf:6: workers.maxqueue: has no effect in weir"));
  EXPECT_TRUE(settingsFrom(p));
}

TEST(Properties, OptionsOfTheEnvironment) {
  Properties p;
  p.addOptions("  -Dhttp.port=80 -Xmx1G\t-Da.b=c=d -Dbad -D=x -Dempty= ", "RTPROP");
  EXPECT_EQ(p.text("http.port"), "80");
  EXPECT_EQ(p.find("http.port")->origin, "RTPROP");
  EXPECT_EQ(p.text("a.b"), "c=d");
  EXPECT_EQ(p.all().size(), 3u);
  EXPECT_THAT(fatal(p),
              ElementsAre("RTPROP: \"-Dbad\", expected -Dname=value", "RTPROP: \"-D=x\", expected -Dname=value"));
}

TEST(Properties, StrongerSourcesWin) {
  const Folder first, second;
  first.file("aaa.conf", "flows.max=3\nevents.max=3\nhttp.port=3\nsflow.port=3\n");
  first.file("sflow-rt.conf", "flows.max=2\nevents.max=2\nhttp.port=2\nsflow.port=2\nhttp.json.indent=2");
  first.file("ignored.txt", "http.json.indent=9");
  second.file("weir.conf", "events.max=4\nhttp.port=4\nsflow.port=4");
  PropertySources sources;
  sources.folders = {first.path(), "/nonexistent", second.path()};
  sources.environment = "-Dhttp.port=5 -Dsflow.port=5";
  sources.commandLine = {{"sflow.port", "6"}, {"sflow.port", "7"}};
  const auto p = loadProperties(sources);
  EXPECT_EQ(p.integer("http.json.indent"), 2) << "sflow-rt.conf comes first";
  EXPECT_EQ(p.integer("flows.max"), 3);
  EXPECT_EQ(p.integer("events.max"), 4);
  EXPECT_EQ(p.integer("http.port"), 5);
  EXPECT_EQ(p.integer("sflow.port"), 7);
  EXPECT_EQ(p.find("sflow.port")->origin, "command line");
  EXPECT_EQ(p.find("events.max")->origin, second.path() + "/weir.conf:1");
  EXPECT_THAT(p.check(), IsEmpty());
}

TEST(Properties, NamedFilesReplaceTheUsualOnes) {
  const Folder folder;
  folder.file("usual.conf", "flows.max=1");
  const std::string a = folder.file("a", "events.max=1\nhttp.port=1");
  const std::string b = folder.file("b", "http.port=2");
  PropertySources sources;
  sources.folders = {folder.path()};
  sources.commandLine = {{"system.propertyFiles", a + ", " + b}};
  const auto p = loadProperties(sources);
  EXPECT_FALSE(p.has("flows.max"));
  EXPECT_EQ(p.integer("events.max"), 1);
  EXPECT_EQ(p.integer("http.port"), 2);
  EXPECT_THAT(p.check(), IsEmpty());

  sources.commandLine.clear();
  sources.environment = "-Dsystem.propertyFiles=" + a + "," + folder.path() + "/absent," + folder.path();
  EXPECT_THAT(fatal(loadProperties(sources)),
              ElementsAre(folder.path() + "/absent: cannot be read: No such file or directory",
                          folder.path() + ": cannot be read: is a directory"));
}

TEST(Properties, HugeFilesAreRefused) {
  const Folder folder;
  Properties p;
  p.addFile(folder.file("huge", std::string((1U << 20) + 1, '#')));
  EXPECT_THAT(fatal(p), ElementsAre(HasSubstr("larger than 1 MiB")));
}

TEST(EngineSettings, AreTyped) {
  const auto s = settingsFrom(fromText(
      "sflow.port=6344\nsflow.address=10.0.0.1\nsflow.file=/dev/null\nsflow.file.speed=max\nsflow.file.loop=yes\n"
      "define.file=/dev/null\nworkers.number=3\nevents.max=5\nflows.max=6\nhttp.port=0\n"
      "http.origins=https://noc.example,http://10.0.0.1:80\nhttp.hosts=weir.example\n"
      "http.hostname=127.0.0.1\nhttp.readonly=yes\nhttp.rest=no\nhttp.html=no\nhttp.log=yes\nhttp.json.indent=0\n"
      "sflow.rcvpktsbuffer=20000\n"));
  ASSERT_TRUE(s) << s.error().text();
  EXPECT_EQ(s->sflowPort, 6344);
  EXPECT_EQ(s->sflowAddress.text(), "10.0.0.1");
  EXPECT_EQ(s->captureFile, "/dev/null");
  EXPECT_TRUE(std::isinf(s->replaySpeed));
  EXPECT_TRUE(s->replayLoop);
  EXPECT_EQ(s->defineFile, "/dev/null");
  EXPECT_EQ(s->shards, 3u);
  EXPECT_EQ(s->eventsKept, 5u);
  EXPECT_EQ(s->flowsKept, 6u);
  EXPECT_EQ(s->httpPort, 0);
  EXPECT_EQ(s->httpHost, "127.0.0.1");
  EXPECT_THAT(s->httpOrigins, ElementsAre("https://noc.example", "http://10.0.0.1:80"));
  EXPECT_THAT(s->httpHosts, ElementsAre("weir.example"));
  EXPECT_TRUE(s->httpReadOnly);
  EXPECT_FALSE(s->httpRest);
  EXPECT_FALSE(s->httpHtml);
  EXPECT_TRUE(s->httpLog);
  EXPECT_EQ(s->jsonIndent, 0u);
  EXPECT_EQ(s->receiveBufferBytes, 40'560'000u);
}

TEST(EngineSettings, ReceiveBufferIsWhatASystemCanGrant) {
  EXPECT_EQ(settingsFrom(fromText("sflow.rcvpktsbuffer=1"))->receiveBufferBytes, 16U << 20);
  EXPECT_EQ(settingsFrom(fromText("sflow.rcvpktsbuffer=1000000"))->receiveBufferBytes, 1000U << 20);
}

TEST(EngineSettings, HaveTheDefaultsOfTheTable) {
  const auto s = settingsFrom(Properties{});
  ASSERT_TRUE(s);
  const EngineSettings plain;
  EXPECT_EQ(s->sflowPort, plain.sflowPort);
  EXPECT_EQ(s->sflowAddress, IpAddress{});
  EXPECT_EQ(s->replaySpeed, 1);
  EXPECT_EQ(s->receiveBufferBytes, 16U << 20);
  EXPECT_EQ(s->shards, defaultShards());
  EXPECT_GE(s->shards, 1u);
  EXPECT_LE(s->shards, 4u);
  EXPECT_EQ(s->eventsKept, plain.eventsKept);
  EXPECT_EQ(s->flowsKept, plain.flowsKept);
  EXPECT_EQ(s->httpPort, plain.httpPort);
  EXPECT_EQ(s->httpHost, "");
  EXPECT_TRUE(s->httpRest && s->httpHtml);
  EXPECT_TRUE(s->httpOrigins.empty() && s->httpHosts.empty());
  EXPECT_FALSE(s->httpReadOnly || s->httpLog);
  EXPECT_EQ(s->jsonIndent, plain.jsonIndent);
}

TEST(EngineSettings, NoRestNeedsNoHtml) {
  EXPECT_TRUE(settingsFrom(fromText("http.rest=no"))->httpRest);
  EXPECT_FALSE(settingsFrom(fromText("http.rest=no\nhttp.html=no"))->httpRest);
}

TEST(EngineSettings, TheFirstFatalProblemIsTheError) {
  const auto s = settingsFrom(fromText("http.port=x"));
  ASSERT_FALSE(s);
  EXPECT_EQ(s.error().text(), "a.conf:1: http.port: \"x\", expected a number from 0 to 65535");
}

}  // namespace
}  // namespace weir::config
