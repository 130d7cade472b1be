#include "api/resources.h"

namespace weir::api {

void addForwarding(Router& router, Context& context) {
  addDefinitions(router, context, engine::Engine::Kind::forwarding, "/forwarding/json", "/forwarding/{name}/json",
                 {"All relays.", "One relay.",
                  "Sends every datagram that arrives on the sFlow port, or those of some agents, on to another "
                  "collector as they are.",
                  "Ends a relay.", "{Forwarding}", "ForwardingBody", "Forwarding"});
}

}  // namespace weir::api
