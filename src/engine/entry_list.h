#pragma once
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::engine {

/// Entries in order of their member `name`, each name once. An immutable value: with() and without() make a list that
/// shares with this one all but the piece that the name is in, so that a change among thousands costs little, and so
/// does finding what changed between two lists. Copies cost nothing. Thread: any.
template <class Entry>
class EntryList {
  using Piece = std::vector<std::shared_ptr<const Entry>>;  // in order, never empty, at most kPiece
  using Pieces = std::vector<std::shared_ptr<const Piece>>;

 public:
  static constexpr std::size_t kPiece = 64;

  class Iterator {
   public:
    using value_type = Entry;
    using reference = const Entry&;
    using pointer = const Entry*;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;

    Iterator() = default;
    reference operator*() const { return *(**piece_)[at_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++at_ == (*piece_)->size()) nextPiece();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend EntryList;
    explicit Iterator(typename Pieces::const_iterator piece) : piece_(piece) {}
    void nextPiece() {
      ++piece_;
      at_ = 0;
    }
    /// Both begin the same piece.
    [[nodiscard]] bool beginsWith(const Iterator& other) const {
      return at_ == 0 && other.at_ == 0 && *piece_ == *other.piece_;
    }
    typename Pieces::const_iterator piece_{};
    std::size_t at_ = 0;
  };

  [[nodiscard]] Iterator begin() const { return Iterator(pieces_->begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(pieces_->end()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// nullptr: there is none. Lives as long as any list that has it.
  [[nodiscard]] const Entry* find(std::string_view name) const {
    const auto piece = pieceOf(name);
    if (piece == pieces_->end()) return nullptr;
    const auto at = placeIn(**piece, name);
    return at != (*piece)->end() && (*at)->name == name ? at->get() : nullptr;
  }

  /// With this entry, in place of one of the same name.
  [[nodiscard]] EntryList with(std::shared_ptr<const Entry> entry) const {
    const std::string_view name = entry->name;
    Pieces pieces = *pieces_;
    if (pieces.empty()) return EntryList({std::make_shared<const Piece>(1, std::move(entry))}, 1);
    const auto index = static_cast<std::size_t>(pieceOf(name) - pieces_->begin());
    Piece piece = *pieces[index];
    const auto at = placeIn(piece, name);
    const bool replaces = at != piece.end() && (*at)->name == name;
    if (replaces) {
      *at = std::move(entry);
    } else {
      piece.insert(at, std::move(entry));
    }
    if (piece.size() > kPiece) {
      const auto half = piece.begin() + kPiece / 2;
      pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                    std::make_shared<const Piece>(half, piece.end()));
      piece.erase(half, piece.end());
    }
    pieces[index] = std::make_shared<const Piece>(std::move(piece));
    return EntryList(std::move(pieces), size_ + (replaces ? 0 : 1));
  }
  /// Without the entry of this name, which is there.
  [[nodiscard]] EntryList without(std::string_view name) const {
    Pieces pieces = *pieces_;
    const auto index = pieceOf(name) - pieces_->begin();
    Piece piece = *pieces[static_cast<std::size_t>(index)];
    piece.erase(placeIn(piece, name));
    if (piece.empty()) {
      pieces.erase(pieces.begin() + index);
    } else {
      pieces[static_cast<std::size_t>(index)] = std::make_shared<const Piece>(std::move(piece));
    }
    return EntryList(std::move(pieces), size_ - 1);
  }

  /// Both are the same list: nothing was changed in between.
  [[nodiscard]] bool sameAs(const EntryList& other) const { return pieces_ == other.pieces_; }

  /// Calls changed(old, fresh) for each name whose entry is another one in `after` than in `before`, in order of name;
  /// nullptr stands for the side that has none.
  template <class Changed>
  static void eachChange(const EntryList& before, const EntryList& after, Changed&& changed) {
    constexpr const Entry* kNone = nullptr;
    Iterator old = before.begin(), fresh = after.begin();
    const Iterator oldEnd = before.end(), freshEnd = after.end();
    while (old != oldEnd && fresh != freshEnd) {
      if (old.beginsWith(fresh)) {
        old.nextPiece();
        fresh.nextPiece();
      } else if (&*old == &*fresh) {
        ++old;
        ++fresh;
      } else if (const int order = old->name.compare(fresh->name); order == 0) {
        changed(&*old++, &*fresh++);
      } else if (order < 0) {
        changed(&*old++, kNone);
      } else {
        changed(kNone, &*fresh++);
      }
    }
    while (old != oldEnd) changed(&*old++, kNone);
    while (fresh != freshEnd) changed(kNone, &*fresh++);
  }

  EntryList() : pieces_(std::make_shared<const Pieces>()) {}

 private:
  EntryList(Pieces pieces, std::size_t size)
      : pieces_(std::make_shared<const Pieces>(std::move(pieces))), size_(size) {}

  /// The piece that has the name, or would: the last one that does not begin behind it. The end: there are none.
  [[nodiscard]] typename Pieces::const_iterator pieceOf(std::string_view name) const {
    const auto behind =
        std::upper_bound(pieces_->begin(), pieces_->end(), name,
                         [](std::string_view n, const auto& piece) { return n < piece->front()->name; });
    return behind == pieces_->begin() ? behind : behind - 1;
  }
  template <class Of>
  [[nodiscard]] static auto placeIn(Of& piece, std::string_view name) {
    return std::lower_bound(piece.begin(), piece.end(), name,
                            [](const auto& entry, std::string_view n) { return entry->name < n; });
  }

  std::shared_ptr<const Pieces> pieces_;
  std::size_t size_ = 0;
};

}  // namespace weir::engine
