#include "enrich/named_set.h"

#include <boost/json/value.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/hash.h"
#include "base/json_writer.h"
#include "enrich/address_table.h"
#include "enrich/labels.h"
#include "flow/expression.h"
#include "json/read.h"

namespace weir::enrich {

namespace {

class GroupTable final : public flow::Lookup {
 public:
  GroupTable(AddressTable addresses, Labels classes) : addresses_(std::move(addresses)), classes_(std::move(classes)) {}

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override {
    const auto octets = flow::addressOctets(key.forms, key.value);
    if (!octets) return false;
    const std::uint32_t id = addresses_.find(*octets);
    if (id == AddressTable::kNone) return false;
    setLabel(classes_, id, result);
    return true;
  }

 private:
  AddressTable addresses_;
  Labels classes_;
};

/// Texts as keys that may be looked up without making a string.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;
  std::size_t operator()(std::string_view text) const { return hashBytes(text.data(), text.size()); }
};
using TextMap = boost::unordered_flat_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

class MapTable final : public flow::Lookup {
 public:
  std::uint32_t label(std::string_view text) {
    labels_.emplace_back(text);
    return static_cast<std::uint32_t>(labels_.size() - 1);
  }

  /// What the text may be as the value of some key; what it is already, it stays.
  void add(const std::string& text, std::uint32_t label) {
    texts_.try_emplace(text, label);
    if (const auto number = written(flow::Type::number, text)) numbers_.try_emplace(number->number, label);
    for (const flow::Type type : {flow::Type::mac, flow::Type::ip4, flow::Type::ip6}) {
      if (const auto octets = written(type, text)) octets_.try_emplace(octets->octets, label);
    }
  }

  [[nodiscard]] bool find(const flow::LookupKey& key, flow::Value& result) const override {
    const std::uint32_t* label = nullptr;
    switch (key.forms.at(key.value.form).type) {
      case flow::Type::number:
        label = lookUp(numbers_, key.value.number);
        break;
      case flow::Type::mac:
      case flow::Type::ip4:
      case flow::Type::ip6:
        // Told apart by their lengths. A masked address is known by its text.
        if (key.forms.at(key.value.form).prefix < 0) {
          label = lookUp(octets_, {reinterpret_cast<const char*>(key.value.data), key.value.size});
          break;
        }
        [[fallthrough]];
      default:
        label = lookUp(texts_, flow::textOf(key.forms, key.value, flow::textBuffer(0)));
    }
    if (label == nullptr) return false;
    setLabel(labels_, *label, result);
    return true;
  }

 private:
  static std::optional<flow::Written> written(flow::Type type, std::string_view text) {
    flow::Form form;
    form.type = type;
    return flow::parseWritten(form, text, true);
  }
  template <class Map, class Key>
  static const std::uint32_t* lookUp(const Map& map, const Key& key) {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->second;
  }
  static const std::uint32_t* lookUp(const TextMap& map, std::string_view key) {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->second;
  }

  Labels labels_;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> numbers_;
  TextMap octets_, texts_;
};

/// Reads an object of labels and lists: `begin` gets each label, `take` each text of its list, false where it is
/// wrong. Answers the object's canonical JSON.
template <class Begin, class Take>
Expected<std::string> readSets(const boost::json::value& body, Begin&& begin, Take&& take, const char* expected) {
  const auto* object = body.if_object();
  if (object == nullptr) return fail("expected an object of names and lists");
  std::string out;
  JsonWriter json(out);
  json.beginObject();
  for (const auto& [label, members] : *object) {
    if (label.size() > kMaxLabel) return fail("expected names of at most 1024 octets", std::string(label));
    auto list = json::readStringList(members, std::string(label));
    if (!list) return std::unexpected(list.error());
    begin(std::string_view(label));
    json.key(label).beginArray();
    for (const std::string& text : *list) {
      if (!take(text)) return fail(std::string(expected) + ", not \"" + text + "\"", std::string(label));
      json.string(text);
    }
    json.endArray();
  }
  json.endObject();
  return out;
}

}  // namespace

Expected<NamedSet> readGroup(const boost::json::value& body) {
  AddressTable::Builder addresses;
  Labels classes;
  auto json = readSets(
      body, [&](std::string_view label) { classes.emplace_back(label); },
      [&](const std::string& text) {
        const auto prefix = Prefix::parse(text);
        if (prefix) addresses.addPrefix(prefix->address, prefix->bits, static_cast<std::uint32_t>(classes.size() - 1));
        return prefix.has_value();
      },
      "expected addresses and CIDRs such as 10.0.0.0/8 or FC00::/7");
  if (!json) return std::unexpected(std::move(json.error()));
  return NamedSet{std::move(*json), std::make_shared<GroupTable>(std::move(addresses).build(), std::move(classes))};
}

Expected<NamedSet> readMap(const boost::json::value& body) {
  auto table = std::make_shared<MapTable>();
  std::uint32_t label = 0;
  auto json = readSets(
      body, [&](std::string_view text) { label = table->label(text); },
      [&](const std::string& text) {
        table->add(text, label);
        return true;
      },
      "");
  if (!json) return std::unexpected(std::move(json.error()));
  return NamedSet{std::move(*json), std::move(table)};
}

}  // namespace weir::enrich
