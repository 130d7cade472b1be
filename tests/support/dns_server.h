#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"

namespace weir::test {

/// A name server on loopback that knows some PTR records and hosts, and counts what it is asked.
class DnsServer {
 public:
  struct Record {
    std::string name;  ///< without trailing dot; empty: the name exists, but has no PTR record
    std::uint32_t seconds = 300;
  };

  DnsServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~DnsServer() {
    stopping_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  DnsServer(const DnsServer&) = delete;

  /// As the property dns.servers takes it, with a port.
  [[nodiscard]] std::string place() const { return "127.0.0.1:" + std::to_string(port_); }
  /// `question`: `1.0.0.10.in-addr.arpa`.
  void set(const std::string& question, Record record) {
    const std::lock_guard lock(mutex_);
    records_[question] = std::move(record);
  }
  /// A host's addresses; its records hold for five minutes.
  void setHost(const std::string& name, std::vector<IpAddress> addresses) {
    const std::lock_guard lock(mutex_);
    hosts_[name] = std::move(addresses);
  }
  /// How often that was asked for.
  unsigned asked(const std::string& question) {
    const std::lock_guard lock(mutex_);
    return asked_[question];
  }

  /// An answer with one PTR record, behind a CNAME as of RFC 2317 where `alias` says so.
  static std::vector<std::uint8_t> answer(Bytes query, const Record* record, bool alias = false) {
    std::vector<std::uint8_t> out(query.begin(), query.end());
    const bool has = record != nullptr && !record->name.empty();
    out[2] = 0x85;
    out[3] = static_cast<std::uint8_t>(0x80 | (record == nullptr ? 3 : 0));
    std::fill(out.begin() + 6, out.begin() + 12, 0);
    out[7] = static_cast<std::uint8_t>(has ? (alias ? 2 : 1) : 0);
    out.resize(questionEnd(query));
    if (!has) return out;
    const auto add = [&](std::initializer_list<unsigned> octets) {
      out.insert(out.end(), octets.begin(), octets.end());
    };
    if (alias) add({0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xC0, 12});
    const std::string name = encoded(record->name);
    const std::uint32_t t = record->seconds;
    add({0xC0, 12, 0, 12, 0, 1, t >> 24, t >> 16 & 255, t >> 8 & 255, t & 255, 0, static_cast<unsigned>(name.size())});
    out.insert(out.end(), name.begin(), name.end());
    return out;
  }
  /// The addresses of the family that was asked for.
  static std::vector<std::uint8_t> answer(Bytes query, const std::vector<IpAddress>& addresses) {
    constexpr unsigned kIp4 = 1, kIp6 = 28;
    const std::size_t end = questionEnd(query);
    std::vector<std::uint8_t> out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(end));
    const unsigned type = query[end - 3];
    out[2] = 0x85;
    out[3] = 0x80;
    std::fill(out.begin() + 6, out.begin() + 12, 0);
    for (const IpAddress& address : addresses) {
      const unsigned size = static_cast<unsigned>(address.bits()) / 8;
      if (type != (size == 4 ? kIp4 : kIp6)) continue;
      ++out[7];
      for (const unsigned octet : {0xC0U, 12U, 0U, type, 0U, 1U, 0U, 0U, 300U >> 8, 300U & 255, 0U, size}) {
        out.push_back(static_cast<std::uint8_t>(octet));
      }
      out.insert(out.end(), address.octets.begin(), address.octets.begin() + size);
    }
    return out;
  }
  static std::string encoded(const std::string& name) {
    std::string out;
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t dot = std::min(name.find('.', at), name.size());
      out += static_cast<char>(dot - at);
      out += name.substr(at, dot - at);
      at = dot + 1;
    }
    return out + '\0';
  }

 private:
  static std::size_t questionEnd(Bytes query) {
    std::size_t at = 12;
    while (query[at] != 0) at += query[at] + 1U;
    return at + 5;
  }
  static std::string questionOf(Bytes query) {
    std::string out;
    for (std::size_t at = 12; query[at] != 0; at += query[at] + 1U) {
      if (!out.empty()) out += '.';
      out.append(reinterpret_cast<const char*>(&query[at + 1]), query[at]);
    }
    return out;
  }

  void run() {
    std::uint8_t buffer[1500];
    while (!stopping_) {
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, 100) <= 0) continue;
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t n =
          ::recvfrom(socket_, buffer, sizeof buffer, MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 17) continue;
      const Bytes query(buffer, static_cast<std::size_t>(n));
      const std::string question = questionOf(query);
      const Record* record = nullptr;
      const std::lock_guard lock(mutex_);
      ++asked_[question];
      if (const auto it = records_.find(question); it != records_.end()) record = &it->second;
      const auto host = hosts_.find(question);
      const auto out = host != hosts_.end() ? answer(query, host->second) : answer(query, record);
      ::sendto(socket_, out.data(), out.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::map<std::string, Record> records_;
  std::map<std::string, std::vector<IpAddress>> hosts_;
  std::map<std::string, unsigned> asked_;
  std::thread thread_;
};

}  // namespace weir::test
