#pragma once
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/time.h"

/// Questions to the engine and their results are plain values. A question names what it asks about in the words of the
/// REST API; its result holds numbers, names and addresses, which writers turn into JSON or other text where it is
/// wanted.
namespace weir::query {

/// Names and values of query parameters, decoded, in the order given.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// Why a question has no result.
struct Refusal {
  enum class Reason : std::uint8_t {
    invalid,      ///< the question is wrong
    notFound,     ///< what it asks about is not there
    unavailable,  ///< the engine cannot answer now and may be asked again
    tooLarge,     ///< the result would take more octets than the question allows
  };
  Reason reason = Reason::invalid;
  Error error;
};
[[nodiscard]] inline std::unexpected<Refusal> invalid(Error error) {
  return std::unexpected(Refusal{Refusal::Reason::invalid, std::move(error)});
}
[[nodiscard]] inline std::unexpected<Refusal> notFound(std::string what) {
  return std::unexpected(Refusal{Refusal::Reason::notFound, {std::move(what), {}, {}}});
}
[[nodiscard]] inline std::unexpected<Refusal> unavailable(std::string why) {
  return std::unexpected(Refusal{Refusal::Reason::unavailable, {std::move(why), {}, {}}});
}

template <class Result>
using Outcome = std::expected<Result, Refusal>;

/// Receives the result of a question, exactly once: on the engine's query worker, or, for a refusal, also inside the
/// call that asked. It may take its time to write text there, but must not wait for anything. If it throws
/// std::bad_alloc, it is told again that the result is unavailable.
template <class Question>
using Done = std::function<void(Outcome<typename Question::Result>)>;

/// Receives, as Done, the partial result of one engine as octets (encoded.h).
using DonePartial = std::function<void(Outcome<std::string>)>;

/// A question, and who is told.
template <class Question>
struct Asked {
  Question question;
  std::variant<Done<Question>, DonePartial> done;
  std::optional<Nanos> at = {};          ///< the clock of the engine that asks; nothing: the answering engine's
  std::vector<std::string> others = {};  ///< partial results of other engines (encoded.h), to be merged

  void refuse(const Refusal& why) const {
    std::visit([&](const auto& told) { told(std::unexpected(why)); }, done);
  }
};

/// A result as JSON: of the many that write to a JsonWriter, and the large ones that append their text.
template <class Result>
[[nodiscard]] std::string jsonOf(const Result& result) {
  std::string out;
  if constexpr (requires { result.appendJson(out); }) {
    result.appendJson(out);
  } else {
    JsonWriter json(out);
    result.writeJson(json);
  }
  return out;
}

}  // namespace weir::query
