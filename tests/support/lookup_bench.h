#pragma once
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/agent_id.h"
#include "flow/definition.h"
#include "flow/lookup.h"

namespace weir::test {

/// A sampled TCP packet to port 80 and the tables that definitions look things up in.
/// 000000000001 → 000000000002, 10.0.0.1 → 192.0.2.9; over IPv6 2001:DB8::9 and flow label 4099.
class LookupBench {
 public:
  LookupBench() {
    from("10.0.0.1");
    sample_.kind = wire::SampleKind::flow;
    sample_.source = {0, 7};
    sample_.input = {0, 7};
    agent_ = IpAddress::parse("192.0.2.1").value();
    fields_.sample = &sample_;
    fields_.agent = &agent_;
  }
  LookupBench(const LookupBench&) = delete;

  void from(std::string_view source) {
    const IpAddress a = IpAddress::parse(source).value();
    const bool v6 = a.family == IpAddress::Family::v6;
    frame_ = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, static_cast<std::uint8_t>(v6 ? 0x86 : 0x08), 0};
    if (v6) frame_.back() = 0xDD;
    const auto add = [&](std::initializer_list<std::uint8_t> octets) { frame_.insert(frame_.end(), octets); };
    if (v6) {
      add({0x60, 0x00, 0x10, 0x03, 0, 20, 6, 64});
      frame_.insert(frame_.end(), a.octets.begin(), a.octets.end());
      add({0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9});
    } else {
      add({0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0});
      frame_.insert(frame_.end(), a.octets.begin(), a.octets.begin() + 4);
      add({192, 0, 2, 9});
    }
    add({0x9C, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 0, 0, 0, 0, 0, 0});
    decode::decodeHeader(1, 1500, 4, frame_, fields_.packet);
    fields_.hasPacket = true;
    fields_.frameBytes = 1500;
  }
  void fromMac(std::initializer_list<std::uint8_t> octets) {
    std::copy(octets.begin(), octets.end(), frame_.begin() + 6);
  }
  void set(flow::LookupName name, std::shared_ptr<const flow::Lookup> table) { tables_[name] = std::move(table); }

  /// Text of the keys; nullopt: a key has no value. A definition that does not compile fails the test.
  std::optional<std::string> key(const std::string& keys) {
    const auto bytes = keyBytes(keys);
    if (!bytes) return std::nullopt;
    std::string text;
    compiled_->appendKeyText(text, reinterpret_cast<const std::uint8_t*>(bytes->data()));
    return text;
  }
  std::optional<std::string> keyBytes(const std::string& keys) { return evaluate(keys, {}); }
  bool accepts(const std::string& filter) { return evaluate({}, filter).has_value(); }

 private:
  std::optional<std::string> evaluate(const std::string& keys, const std::string& filter) {
    flow::Definition d;
    d.keysText = keys;
    d.value = "frames";
    d.filter = filter;
    const auto compiled = flow::CompiledDefinition::compile("test", d);
    EXPECT_TRUE(compiled) << keys << filter << ": " << (compiled ? "" : compiled.error().text());
    if (!compiled) return std::nullopt;
    compiled_ = *compiled;
    std::vector<const flow::Lookup*> lookups;
    for (const flow::LookupName& name : compiled_->lookups()) {
      lookups.push_back(tables_.contains(name) ? tables_.at(name).get() : nullptr);
    }
    fields_.lookups = lookups;
    std::string key(compiled_->keySize(), '\0');
    double amount = 0;
    const bool counted = compiled_->evaluate(fields_, reinterpret_cast<std::uint8_t*>(key.data()), amount);
    fields_.lookups = {};
    return counted ? std::optional(key) : std::nullopt;
  }

  wire::Sample sample_;
  AgentId agent_;
  flow::SampleFields fields_;
  std::vector<std::uint8_t> frame_;
  std::map<flow::LookupName, std::shared_ptr<const flow::Lookup>> tables_;
  std::shared_ptr<const flow::CompiledDefinition> compiled_;
};

}  // namespace weir::test
