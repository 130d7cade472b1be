#pragma once
// Inside the engine room only.
#include <atomic>
#include <cstddef>

namespace weir::engine {

/// What questions that are being answered hold, all together: their partial results, and the texts that will be made of
/// them. Bounded, so that neither one question about everything nor many at once take the memory of the process.
/// Thread: any.
class AnswerMemory {
 public:
  explicit AnswerMemory(std::size_t most = affordable()) : most_(most) {}

  [[nodiscard]] std::size_t most() const { return most_; }
  /// Adds to what is held. False: it is too much now.
  [[nodiscard]] bool charge(std::size_t octets) {
    return held_.fetch_add(octets, std::memory_order_relaxed) + octets <= most_;
  }
  void release(std::size_t octets) { held_.fetch_sub(octets, std::memory_order_relaxed); }

  static constexpr std::size_t kMost = std::size_t{4} << 30;
  /// kMost, or a quarter of what this process may have: of the machine's memory, its control group's, or its addresses.
  [[nodiscard]] static std::size_t affordable();

 private:
  std::size_t most_;
  std::atomic<std::size_t> held_{0};
};

/// What a partial result of the query holds, about: octets of what it consists of. 0: never much.
template <class Query>
[[nodiscard]] std::size_t heldOctets(const Query& query, const typename Query::Partial& partial) {
  using Partial = typename Query::Partial;
  if constexpr (requires { query.heldOctets(partial); }) {
    return query.heldOctets(partial);
  } else if constexpr (requires { partial.heldOctets(); }) {
    return partial.heldOctets();
  } else if constexpr (requires { partial.size() * sizeof(typename Partial::value_type); }) {
    return partial.size() * sizeof(typename Partial::value_type);
  } else {
    return 0;
  }
}

}  // namespace weir::engine
