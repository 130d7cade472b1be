#include "http/client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <map>
#include <utility>

#include "http/client_exchange.h"

namespace weir::http {

std::unique_ptr<Transport> plainClientTransport(boost::asio::ip::tcp::socket socket, const Url& url) {
  return url.scheme == "http" ? plainTransport(std::move(socket)) : nullptr;
}

class Client::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(boost::asio::io_context& io, ClientOptions options, MakeClientTransport transport)
      : context_{io, std::move(options), std::move(transport),
                 [this](const std::string& origin) { return take(origin); },
                 [this](std::shared_ptr<ClientConnection> connection) { keep(std::move(connection)); }},
        timer_(io) {}

  Id ask(ClientRequest request, Done done) {
    const Id id = ++lastId_;
    // The exchange lives until it has answered: what it calls back takes it out of the list.
    auto exchange = std::make_shared<ClientExchange>(
        context_, std::move(request),
        [weak = weak_from_this(), id, done = std::move(done)](Expected<ClientAnswer> answer) {
          if (const auto self = weak.lock()) self->exchanges_.erase(id);
          done(std::move(answer));
        });
    exchanges_.emplace(id, exchange);
    exchange->start();
    return id;
  }
  void cancel(Id id) {
    const auto at = exchanges_.find(id);
    if (at == exchanges_.end()) return;
    const auto exchange = std::move(at->second);
    exchanges_.erase(at);
    exchange->cancel();
  }
  void close() {
    for (auto& [id, exchange] : std::exchange(exchanges_, {})) exchange->cancel();
    for (auto& kept : std::exchange(kept_, {})) kept.connection->close();
    timer_.cancel();
  }
  [[nodiscard]] std::size_t underWay() const { return exchanges_.size(); }
  [[nodiscard]] std::size_t kept() {
    forgetClosed();
    return kept_.size();
  }

 private:
  using Steady = std::chrono::steady_clock;
  struct Kept {
    std::shared_ptr<ClientConnection> connection;
    Steady::time_point until;
  };

  std::shared_ptr<ClientConnection> take(const std::string& origin) {
    forgetClosed();
    // The youngest: it is the least likely to be closed just now.
    const auto at =
        std::find_if(kept_.rbegin(), kept_.rend(), [&](const Kept& k) { return k.connection->origin() == origin; });
    if (at == kept_.rend()) return nullptr;
    auto out = std::move(at->connection);
    kept_.erase(std::next(at).base());
    return out;
  }
  void keep(std::shared_ptr<ClientConnection> connection) {
    kept_.push_back({std::move(connection), Steady::now() + context_.options.keepTime});
    forgetClosed();
    while (kept_.size() > context_.options.keptConnections) {
      kept_.front().connection->close();
      kept_.pop_front();
    }
    armTimer();
  }
  void forgetClosed() {
    std::erase_if(kept_, [](const Kept& k) { return !k.connection->isOpen(); });
  }
  void armTimer() {
    if (kept_.empty()) return;
    timer_.expires_at(kept_.front().until);
    timer_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self) return;
      while (!self->kept_.empty() && self->kept_.front().until <= Steady::now()) {
        self->kept_.front().connection->close();
        self->kept_.pop_front();
      }
      self->armTimer();
    });
  }

  ClientContext context_;
  Id lastId_ = 0;
  std::map<Id, std::shared_ptr<ClientExchange>> exchanges_;
  std::list<Kept> kept_;  // the oldest first
  boost::asio::steady_timer timer_;
};

Client::Client(boost::asio::io_context& io, ClientOptions options, MakeClientTransport transport)
    : core_(std::make_shared<Core>(io, std::move(options), std::move(transport))) {}

Client::~Client() {
  core_->close();
}

Client::Id Client::ask(ClientRequest request, Done done) {
  return core_->ask(std::move(request), std::move(done));
}
void Client::cancel(Id id) {
  core_->cancel(id);
}
std::size_t Client::underWay() const {
  return core_->underWay();
}
std::size_t Client::keptConnections() const {
  return core_->kept();
}

}  // namespace weir::http
