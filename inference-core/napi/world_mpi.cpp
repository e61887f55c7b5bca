// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "communicator/mpi/mpi_communicator.hpp"
#include "napi/world.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {
namespace {

/** The first line of what the library says of itself: its name and version. */
std::string library_name() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  MPI_Get_library_version(text.data(), &length);
  const std::string said(text.data(), static_cast<std::size_t>(length));
  return said.substr(0, said.find_first_of("\n,"));
}

World initialise() {
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS) {
    throw Error("MpiFailed", "MPI_Init_thread failed.");
  }
  if (provided < MPI_THREAD_SERIALIZED) {
    throw Error("MpiFailed",
                "This MPI library lets no thread call it but the one that started it: expected MPI_THREAD_SERIALIZED.",
                {{"provided", static_cast<std::int64_t>(provided)}});
  }
  return {mpi_communicator(MPI_COMM_WORLD), library_name()};
}

/**
 * MPI is to be left by the thread that has started it, and each computation has a thread of its own. So this one starts
 * it, waits, and leaves it; the computations call in between, one at a time.
 */
class Keeper {
 public:
  Keeper()
      : thread_([this] {
          try {
            joined_.set_value(initialise());
          } catch (...) {
            joined_.set_exception(std::current_exception());
          }
          leave_.get_future().wait();
          int is_started = 0;
          MPI_Initialized(&is_started);
          if (is_started != 0) MPI_Finalize();
        }) {}

  World joined() { return joined_.get_future().get(); }

  void leave() {
    leave_.set_value();
    thread_.join();
  }

 private:
  std::promise<World> joined_;
  std::promise<void> leave_;
  std::thread thread_;
};

/** Never freed: a process that ends without leave_world() leaves MPI to the system. */
Keeper*& keeper() {
  static Keeper* only = nullptr;
  return only;
}

}  // namespace

World join_world() {
  keeper() = new Keeper();
  return keeper()->joined();
}

void leave_world() {
  const std::unique_ptr<Keeper> left(std::exchange(keeper(), nullptr));
  if (left) left->leave();
}

}  // namespace tramontana::addon
