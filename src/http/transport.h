#pragma once
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>

namespace weir::http {

/// The octets of one connection, both ways. What lies between them and the network is the transport's own: nothing for
/// plain HTTP; one that encrypts agrees with its peer before the first octet. One read and one write may be under way
/// at a time. Thread: that of the io_context.
class Transport {
 public:
  /// Who reads and writes; kept alive while either is under way. Called once for each, never from inside the call.
  class User {
   public:
    virtual ~User() = default;
    /// `octets` arrived; asio::error::eof when the peer sends nothing more.
    virtual void onRead(boost::system::error_code ec, std::size_t octets) = 0;
    /// The first `octets` of what was given have left.
    virtual void onWritten(boost::system::error_code ec, std::size_t octets) = 0;
  };
  using UserPtr = std::shared_ptr<User>;
  /// Written in this order; empty ones are passed over. What they refer to lives until onWritten().
  using Buffers = std::array<boost::asio::const_buffer, 3>;

  virtual ~Transport() = default;
  /// Reads at least one octet into `into`, which lives until onRead().
  virtual void read(boost::asio::mutable_buffer into, UserPtr user) = 0;
  /// Writes at least one octet of `buffers`, in general not all.
  virtual void write(const Buffers& buffers, UserPtr user) = 0;
  /// Tells the peer that nothing more will be written.
  virtual void shutdown() = 0;
  /// Ends what is under way, with an error, and the connection.
  virtual void close() = 0;
};

/// How a connection that was made becomes a transport.
using MakeTransport = std::function<std::unique_ptr<Transport>(boost::asio::ip::tcp::socket)>;
/// TCP and nothing else.
[[nodiscard]] std::unique_ptr<Transport> plainTransport(boost::asio::ip::tcp::socket socket);

/// Takes the first `octets` off `buffers`; true when none are left.
bool consume(Transport::Buffers& buffers, std::size_t octets);

}  // namespace weir::http
