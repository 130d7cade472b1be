#pragma once
#include <cstdint>
#include <map>
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

namespace weir::engine {

/// A definition as it was read and compiled, and what about it is legal but hardly meant, a sentence each.
template <class Entry>
struct Prepared {
  Entry entry;
  std::vector<std::string> hints;
};

/// The definitions of one kind by name. Kind says what differs (engine/definition_kinds.h). A value; entries are
/// immutable and shared by its copies. Thread: its owner's.
template <class Kind>
class DefinitionTable {
 public:
  using Entry = typename Kind::Entry;
  using Entries = std::map<std::string, std::shared_ptr<const Entry>, std::less<>>;

  /// In order of name.
  [[nodiscard]] const Entries& entries() const { return entries_; }
  [[nodiscard]] const Entry* find(std::string_view name) const {
    const auto it = entries_.find(name);
    return it == entries_.end() ? nullptr : it->second.get();
  }
  /// Slots in use or used before.
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

  /// Sets one, which keeps the slot of the old one and gets a generation of its own. False: it is there already. Error:
  /// there are Kind::kMost.
  [[nodiscard]] Expected<bool> put(std::string_view name, Entry entry) {
    const auto old = entries_.find(name);
    if (old != entries_.end()) {
      if (Kind::same(*old->second, entry)) return false;
      entry.slot = old->second->slot;
    } else {
      if (entries_.size() >= Kind::kMost) {
        return fail("there are already " + std::to_string(Kind::kMost) + " " + std::string(Kind::kThem), "name");
      }
      entry.slot = takeSlot();
    }
    entry.generation = ++generation_;
    entries_.insert_or_assign(std::string(name), std::make_shared<const Entry>(std::move(entry)));
    return true;
  }
  /// False: there is none of that name.
  bool remove(std::string_view name) {
    const auto it = entries_.find(name);
    if (it == entries_.end()) return false;
    freeSlots_.insert(it->second->slot);
    entries_.erase(it);
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
    for (const auto& [name, entry] : entries_) {
      if (!isHiddenName(name)) Kind::list(json.key(name), *entry);
    }
    json.endObject();
    return out;
  }

 private:
  std::uint32_t takeSlot() {
    if (freeSlots_.empty()) return slots_++;
    return freeSlots_.extract(freeSlots_.begin()).value();
  }

  Entries entries_;
  std::uint32_t slots_ = 0, generation_ = 0;
  std::set<std::uint32_t> freeSlots_;
};

}  // namespace weir::engine
