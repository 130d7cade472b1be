#include "api/hints.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/answers.h"
#include "base/edit_distance.h"
#include "base/json_writer.h"

namespace weir::api {

namespace {

/// A parameter that is there without a value means yes.
Expected<std::optional<bool>> yesParameter(const Request& request, std::string_view name) {
  const std::string* const text = request.parameter(name);
  if (text == nullptr) return std::nullopt;
  if (*text == "yes" || *text == "true" || *text == "1" || text->empty()) return true;
  if (*text == "no" || *text == "false" || *text == "0") return false;
  return fail("expected yes or no", std::string(name));
}

void appendHints(std::string& out, const Hints& hints) {
  JsonWriter json(out);
  json.beginArray();
  for (const std::string& hint : hints) json.string(hint);
  json.endArray();
}

/// What a header of the answer counts, as a member.
void appendCount(std::string& out, const CountDoc& count, const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == count.header) out.append(",\"").append(count.member).append("\":").append(value);
  }
}

/// JSON that is written piece by piece.
class HintedStream final : public Stream {
 public:
  HintedStream(StreamPtr stream, std::string begin) : stream_(std::move(stream)), begin_(std::move(begin)) {}
  void write(std::string piece, std::function<void()> sent) override {
    stream_->write(std::exchange(begin_, {}) + piece, std::move(sent));
  }
  void end(bool cut) override {
    if (cut) return stream_->end(true);
    stream_->write("}", [stream = stream_] { stream->end(); });
  }
  void whenGone(std::function<void()> gone) override { stream_->whenGone(std::move(gone)); }

 private:
  StreamPtr stream_;
  std::string begin_;
};

class HintedReply final : public Reply {
 public:
  HintedReply(ReplyPtr reply, Hints hints) : reply_(std::move(reply)), hints_(std::move(hints)) {}
  void send(Response response) override {
    if (response.status == 200 && response.contentType == kMediaJson) {
      std::string body = begin() + response.body;
      for (const CountDoc& count : {kTotal, kLeftOut}) appendCount(body, count, response);
      body += '}';
      response.body = std::move(body);
    }
    reply_->send(std::move(response));
  }
  StreamPtr stream(Response head, http::StreamEnd end) override {
    const bool isJson = head.contentType == kMediaJson;
    StreamPtr inner = reply_->stream(std::move(head), end);
    if (inner == nullptr || !isJson) return inner;
    return std::make_shared<HintedStream>(std::move(inner), begin());
  }
  void whenGone(std::function<void()> gone) override { reply_->whenGone(std::move(gone)); }

 private:
  [[nodiscard]] std::string begin() const {
    std::string text = R"({"hints":)";
    appendHints(text, hints_);
    return text + R"(,"answer":)";
  }

  ReplyPtr reply_;
  Hints hints_;
};

}  // namespace

Expected<HintsAsked> hintsAsked(const Request& request, const Options& options) {
  const auto answered = yesParameter(request, "hints");
  if (!answered) return std::unexpected(answered.error());
  const auto strict = yesParameter(request, "strict");
  if (!strict) return std::unexpected(strict.error());
  return HintsAsked{answered->value_or(false), strict->value_or(options.strictHints)};
}

Hints parameterHints(const Request& request, std::span<const ParameterDoc> known) {
  std::vector<std::string_view> names;
  for (const ParameterDoc& parameter : kHintParameters) names.push_back(parameter.name);
  for (const ParameterDoc& parameter : known) names.push_back(parameter.name);
  Hints hints;
  if (std::ranges::find(names, "*") != names.end()) return hints;
  constexpr std::size_t kMost = 10;
  for (const auto& [name, value] : request.query) {
    if (hints.size() == kMost) break;
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string_view near = nearestName(name, names);
    hints.push_back("\"" + name.substr(0, kMostOfName) + "\" is not a parameter of this resource and is ignored" +
                    (near.empty() ? "" : "; " + std::string(near) + " is one"));
  }
  return hints;
}

Response hintsResponse(const Hints& hints) {
  std::string body = R"({"hints":)";
  appendHints(body, hints);
  return jsonResponse(body + "}");
}

Response refusalOf(const Hints& hints) {
  const std::string more = hints.size() == 1 ? "" : " (and " + std::to_string(hints.size() - 1) + " more hints)";
  return errorResponse(400, {hints.front() + more, {}, {}});
}

ReplyPtr withHints(ReplyPtr reply, Hints hints) {
  return std::make_shared<HintedReply>(std::move(reply), std::move(hints));
}

}  // namespace weir::api
