#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "engine/definitions.h"
#include "engine/entry_list.h"

namespace weir::engine {

/// The definitions of one kind by name. Kind says what differs (engine/definition_kinds.h). A value; copies share the
/// entries. Thread: its owner's.
template <class Kind>
class DefinitionTable {
 public:
  using Entry = typename Kind::Entry;

  [[nodiscard]] const EntryList<Entry>& entries() const { return entries_; }
  [[nodiscard]] const Entry* find(std::string_view name) const { return entries_.find(name); }
  /// Slots in use or used before.
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

  /// Sets one, which keeps the slot of the old one and gets a generation of its own. False: it is there already. Error:
  /// there are Kind::kMost.
  [[nodiscard]] Expected<bool> put(std::string_view name, Entry entry) {
    if (const Entry* const old = find(name)) {
      if (Kind::same(*old, entry)) return false;
      entry.slot = old->slot;
    } else {
      if (entries_.size() >= Kind::kMost) {
        return fail("there are already " + std::to_string(Kind::kMost) + " " + std::string(Kind::kThem), "name");
      }
      entry.slot = takeSlot();
    }
    entry.name = std::string(name);
    entry.generation = ++generation_;
    entries_ = entries_.with(std::make_shared<const Entry>(std::move(entry)));
    return true;
  }
  /// False: there is none of that name.
  bool remove(std::string_view name) {
    const Entry* const entry = find(name);
    if (entry == nullptr) return false;
    freeSlots_.insert(entry->slot);
    entries_ = entries_.without(name);
    return true;
  }

  /// What GET answers; nothing of hidden ones.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const {
    const Entry* const entry = find(name);
    if (entry == nullptr || isHiddenName(name)) return std::nullopt;
    std::string out;
    JsonWriter json(out);
    Kind::write(json, *entry);
    return out;
  }
  [[nodiscard]] std::string list() const {
    std::string out;
    JsonWriter json(out);
    json.beginObject();
    for (const Entry& entry : entries_) {
      if (!isHiddenName(entry.name)) Kind::list(json.key(entry.name), entry);
    }
    json.endObject();
    return out;
  }

 private:
  std::uint32_t takeSlot() {
    if (freeSlots_.empty()) return slots_++;
    return freeSlots_.extract(freeSlots_.begin()).value();
  }

  EntryList<Entry> entries_;
  std::uint32_t slots_ = 0, generation_ = 0;
  std::set<std::uint32_t> freeSlots_;
};

}  // namespace weir::engine
