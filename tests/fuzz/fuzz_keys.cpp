// Any octets as a datagram; of its samples, every flow key is read.
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "flow/definition.h"
#include "flow/expression.h"
#include "flow/key_table.h"
#include "wire/flow_records.h"

namespace {

using namespace weir;
using namespace weir::flow;

void check(bool holds) {
  if (!holds) std::abort();
}

// Every key of the table, of layered ones the second occurrence too, and a field that an application defines.
struct AllKeys {
  Forms forms;
  std::vector<Node> nodes;
  AllKeys() {
    for (const FlowKeyEntry& entry : flowKeyTable()) {
      add(std::string(entry.name));
      if (entry.layered) add(std::string(entry.name) + ".1");
    }
    for (const char* name : {"customer", "billing.customer"}) add(name);
  }
  void add(const std::string& name) { nodes.push_back(*parseKey(forms, name, 0)); }
};

void readKeys(const AllKeys& keys, const SampleFields& fields) {
  std::string text, again;
  for (const Node& node : keys.nodes) {
    Scratch scratch;
    Value value;
    if (!node.evaluate(node, {fields, scratch, keys.forms}, value)) continue;
    // What is in a key's slot shows as the value does, if it is not shortened; nothing is written behind the slot.
    const Slot slot = node.slot(0);
    std::vector<std::uint8_t> stored(slot.size() + std::size_t{8});
    keys.forms.store(slot, value, stored.data());
    for (std::size_t i = slot.size(); i < stored.size(); ++i) check(stored[i] == 0);
    check(keys.forms.isValue(slot, stored.data()));
    text.clear();
    again.clear();
    keys.forms.append(text, value);
    keys.forms.append(again, keys.forms.load(slot, stored.data()));
    check(value.size >= slot.width || text == again);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const AllKeys keys;
  auto datagram = wire::DatagramReader::open({data, size});
  if (!datagram) return 0;
  const AgentId agent = datagram->header().agent;
  KeysSeen seen;
  Nanos now = 0;
  wire::Sample sample;
  for (int samples = 0; samples < 16 && datagram->next(sample); ++samples) {
    std::deque<std::vector<std::uint8_t>> copies;  // of their exact size, so that reading beyond one is noticed
    const auto copy = [&](Bytes octets) { return Bytes(copies.emplace_back(octets.begin(), octets.end())); };
    SampleFields fields;
    fields.sample = &sample;
    fields.agent = &agent;
    sample.body = copy(sample.body);
    wire::Record record;
    wire::SampledHeader header;
    while (sample.records.next(record)) {
      if (record.tag == wire::tag(0, 1) && !fields.hasPacket &&
          wire::parseSampledHeader(record, header) == wire::kNoFault) {
        decode::decodeHeader(header.protocol, header.frameLength, header.stripped, copy(header.header), fields.packet);
        fields.hasPacket = true;
      } else if (fields.recordCount < kMaxRecords) {
        fields.records[fields.recordCount++] = {record.tag, record.dialect, copy(record.data)};
      }
    }
    readKeys(keys, fields);
    seen.note(fields, now += kSecond);
  }
  (void)seen.list();
  return 0;
}
