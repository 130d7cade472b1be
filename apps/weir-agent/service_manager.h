#pragma once

namespace weir::app {

/// Tells the service manager that started us about our state, "READY=1" (sd_notify(3): one datagram to the socket that
/// $NOTIFY_SOCKET names). Does nothing without it.
void notifyServiceManager(const char* state);

}  // namespace weir::app
