// SPDX-License-Identifier: Apache-2.0
#include "communicator/mpi/mpi_communicator.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/** MPI counts in int; a block of order 16,384 has as many bytes as that holds. */
constexpr std::size_t largest_piece = std::size_t{1} << 30;
constexpr int tag_of_messages = 0;

void require(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw Error("MpiFailed", std::string(call) + ": " + std::string(text.data(), static_cast<std::size_t>(length)),
              {{"code", static_cast<std::int64_t>(code)}});
}

class MpiTransport : public Transport {
 public:
  /** Takes the communicator over. */
  explicit MpiTransport(MPI_Comm ranks) : ranks_(ranks) {
    // Errors are thrown, not the end of the program.
    MPI_Comm_set_errhandler(ranks_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(ranks_, &rank_);
    MPI_Comm_size(ranks_, &size_);
  }
  ~MpiTransport() override {
    int is_over = 0;
    MPI_Finalized(&is_over);
    if (is_over == 0) MPI_Comm_free(&ranks_);
  }
  MpiTransport(const MpiTransport&) = delete;
  MpiTransport& operator=(const MpiTransport&) = delete;

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return size_; }

  void send(std::span<const std::byte> message, int to) override {
    const auto length = static_cast<std::uint64_t>(message.size());
    require(MPI_Send(&length, 1, MPI_UINT64_T, to, tag_of_messages, ranks_), "MPI_Send");
    for (std::size_t at = 0; at < message.size(); at += largest_piece) {
      const auto count = static_cast<int>(std::min(largest_piece, message.size() - at));
      require(MPI_Send(message.data() + at, count, MPI_BYTE, to, tag_of_messages, ranks_), "MPI_Send");
    }
  }

  [[nodiscard]] std::vector<std::byte> receive(int from) override {
    std::uint64_t length = 0;
    require(MPI_Recv(&length, 1, MPI_UINT64_T, from, tag_of_messages, ranks_, MPI_STATUS_IGNORE), "MPI_Recv");
    std::vector<std::byte> message(length);
    for (std::size_t at = 0; at < message.size(); at += largest_piece) {
      const auto count = static_cast<int>(std::min(largest_piece, message.size() - at));
      require(MPI_Recv(message.data() + at, count, MPI_BYTE, from, tag_of_messages, ranks_, MPI_STATUS_IGNORE),
              "MPI_Recv");
    }
    return message;
  }

  [[nodiscard]] std::shared_ptr<Transport> split(int color, int key) override {
    MPI_Comm part = MPI_COMM_NULL;
    require(MPI_Comm_split(ranks_, color, key, &part), "MPI_Comm_split");
    return std::make_shared<MpiTransport>(part);
  }

 private:
  MPI_Comm ranks_;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace

Communicator mpi_communicator(MPI_Comm ranks) {
  MPI_Comm own = MPI_COMM_NULL;
  require(MPI_Comm_dup(ranks, &own), "MPI_Comm_dup");
  return Communicator(std::make_shared<MpiTransport>(own));
}

}  // namespace tramontana
