#include <boost/json/value.hpp>
#include <memory>

#include "api/answers.h"
#include "api/resources.h"
#include "engine/flow_explanation.h"

namespace weir::api {

namespace {

/// A request that waits for its example. Held by its timer. Thread: that of the server.
class Validation : public std::enable_shared_from_this<Validation> {
 public:
  Validation(Context& context, std::uint64_t probe, ReplyPtr reply)
      : context_(context), probe_(probe), reply_(std::move(reply)), latest_(context.timers.now() + kLongest) {}

  void start() {
    // It holds the reply, so what the reply holds must not hold it.
    reply_->whenGone([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->finish();
    });
    wait();
  }

 private:
  // The example is of a second of the engine's clock, which may be faster than real time, or stand still.
  static constexpr std::chrono::milliseconds kLongest{1200}, kLook{50};

  void wait() {
    context_.timers.after(kLook, [self = shared_from_this()] {
      const bool over = self->context_.timers.now() >= self->latest_;
      if (over || self->context_.engine.probeIsRipe(self->probe_)) return self->finish();
      if (!self->finished_) self->wait();
    });
  }
  void finish() {
    if (std::exchange(finished_, true)) return;
    context_.engine.finishProbe(probe_, AnswerJson{std::move(reply_)});
  }

  Context& context_;
  std::uint64_t probe_;
  ReplyPtr reply_;
  http::Timers::Time latest_;
  bool finished_ = false;
};

void validate(const Request& request, Context& context, const ReplyPtr& reply) {
  readBody(request, context, reply, [&context, reply](const boost::json::value& body) {
    const auto probe = context.engine.startProbe(body);
    if (!probe) return reply->send(refusalResponse(probe.error()));
    context.post([&context, probe = *probe, reply] { std::make_shared<Validation>(context, probe, reply)->start(); });
  });
}

}  // namespace

void addFlowValidation(Router& router, Context& context) {
  router.add(
      {.method = Method::post,
       .pattern = "/flow/validate",
       .doc = "Explains a flow definition without setting it, with an example of what it counts in about a second.",
       .body = "FlowBody",
       .answer = "FlowExplained",
       .errors = {503},
       .handler = [&context](const Request& request, Arguments, const ReplyPtr& reply) {
         validate(request, context, reply);
       }});
}

}  // namespace weir::api
