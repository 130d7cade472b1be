#include "flow/key_table.h"

#include <unordered_map>

#include "flow/key_notation.h"
#include "flow/key_readers.h"
#include "flow/names.h"

namespace weir::flow {

namespace {

constexpr Key kSampleKeys[] = {
    sampleFunction("inputifindex", Type::interface, 4, read::inputIfIndex)
        .is("3",
            "ifIndex of the port the packet came in by; `unknown` (filters take `0` too), `internal`, `discard`, "
            "`multiple`"),
    sampleFunction("outputifindex", Type::interface, 4, read::outputIfIndex)
        .is("multiple", "ifIndex of the port the packet left by; texts as for inputifindex"),
    sampleFunction("direction", Type::name, 1, read::direction)
        .named(read::directionName, 3)
        .is("ingress",
            "`ingress` when the data source is the input port, `egress` when it is the output port, else absent"),
    sampleFunction("bytes", Type::number, 8, read::bytes)
        .is("1518", "length of the sampled frame in octets; of an application sample, octets of request and response"),
    sampleFunction("frames", Type::number, 1, read::frames)
        .is("1", "1 for every sampled packet and every drop notification"),
    sampleFunction("requests", Type::number, 1, read::requests).is("1", "1 for every sample"),
    sampleFunction("stripped", Type::number, 4, read::stripped)
        .is("4", "octets removed before sampling (FCS, encapsulation) that `bytes` counts"),
    sampleFunction("stack", Type::layers, 0, read::stack)
        .is("eth.ip.tcp", "protocol layers of the header, joined by `.`"),
    sampleFunction("samplingrate", Type::number, 4, read::samplingRate)
        .is("20000", "sampling rate of the sample, 1 in N"),
    sampleFunction("sampleseqno", Type::number, 4, read::sampleSequence)
        .is("1042", "sequence number of the sample, counted by its data source"),
    sampleFunction("samplepool", Type::number, 4, read::samplePool)
        .is("208400000", "packets that could have been sampled so far, counted by the data source; wraps at 2^32"),
    sampleFunction("sampledrops", Type::number, 4, read::sampleDrops)
        .is("0",
            "samples or notifications that the agent lost so far for want of resources, counted by the data source"),
    sampleFunction("agent", Type::address, 17, read::agent).is("192.168.0.11", "address of the sFlow agent"),
    sampleFunction("datasource", Type::dataSource, 8, read::dataSource)
        .is("37", "data source of the sample: its ifIndex, or class.index"),
    sampleFunction("rtsource", Type::text, 64, read::rtSource)
        .is("billing", "data source of a sample of custom fields, whose keys are `field` and `rtsource.field`"),
    sampleFunction("reason", Type::name, 4, read::reason)
        .named(discardReason, 512)
        .is("acl", "why the packet was dropped; drop notifications only"),
};

std::vector<FlowKeyEntry> makeTable() {
  std::vector<FlowKeyEntry> table;
  const auto append = [&](const Section& section) {
    for (const Key& key : section.keys) {
      FlowKeyEntry& entry = table.emplace_back(key);
      entry.section = section.title;
      if (!entry.fields.empty()) resolveRecordFields(entry);
    }
  };
  append({"Sample", kSampleKeys});
  for (const Section& section : packetSections()) append(section);
  for (const Section& section : recordSections()) append(section);
  appendOtherRecordFields(table);
  return table;
}

using Index = std::unordered_map<std::string_view, const FlowKeyEntry*>;

Index makeIndex() {
  Index index;
  for (const FlowKeyEntry& entry : flowKeyTable()) {
    index.emplace(entry.name, &entry);
    std::string_view rest = entry.aliases;
    while (!rest.empty()) {
      const std::size_t end = rest.find(' ');
      index.emplace(rest.substr(0, end), &entry);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  return index;
}

}  // namespace

std::span<const FlowKeyEntry> flowKeyTable() {
  static const std::vector<FlowKeyEntry> table = makeTable();
  return table;
}

const FlowKeyEntry* findFlowKey(std::string_view name) {
  static const Index index = makeIndex();
  const auto it = index.find(name);
  return it == index.end() ? nullptr : it->second;
}

}  // namespace weir::flow
