// teff: run a trained network on this machine.
//
//   teff::Network network = teff::Network::load("model.tflite");
//   teff::Session session(network);
//   std::ranges::copy(samples, session.input<int8_t>(0).begin());
//   session.run();
//   std::span<const int8_t> scores = session.output<int8_t>(0);
//
// A Network is immutable: copies are cheap, and any number of sessions on any threads may share one. A
// Session is one running copy with memory and state of its own, used by one thread at a time. After a session
// is made nothing is allocated any more. What goes wrong because of a file or of data is thrown as
// std::runtime_error, whose text names the file, the operator and the tensor.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "teff/types.h"

namespace teff {

struct Program;
class Instance;

struct TensorInfo {
  std::string name;
  Type type = Type::f32;
  std::vector<int64_t> shape;
  // real = scale * (stored - zero_point); one entry, one per index of `channel_axis`, or none: not quantized.
  std::vector<float> scales;
  std::vector<int64_t> zero_points;
  int channel_axis = 0;
  int64_t bytes = 0;
  int number = -1;  // in the file it came from
};

struct LoadOptions {
  bool fuse = true;  // false: every operator of the file runs as it stands, for comparing with other engines
  std::map<std::string, std::vector<int64_t>> shapes;  // of inputs by name, in place of the file's
};

// A loaded model, ready to run.
class Network {
 public:
  static Network load(const std::string& path, const LoadOptions& options = {});
  // The same from memory; `name` is what errors call it. The bytes are copied.
  static Network parse(std::span<const std::byte> file, const std::string& name,
                       const LoadOptions& options = {});
  explicit Network(std::shared_ptr<const Program> program);

  const std::vector<TensorInfo>& inputs() const { return inputs_; }
  const std::vector<TensorInfo>& outputs() const { return outputs_; }
  int64_t working_memory() const;  // bytes that a session takes for intermediate results, one thread

  const std::shared_ptr<const Program>& program() const { return program_; }

 private:
  std::shared_ptr<const Program> program_;
  std::vector<TensorInfo> inputs_, outputs_;
};

// An operator that has just run.
struct LayerResult {
  int index = -1;                      // in the file's list of operators
  const char* name = "";               // in the file
  const TensorInfo* output = nullptr;  // its first result
  std::span<const std::byte> bytes;    // valid during the call
};
using LayerObserver = std::function<void(const LayerResult&)>;

class Session {
 public:
  // `threads` at most, 0: as many as there are processors. Results do not depend on it.
  explicit Session(const Network& network, int threads = 0);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // An input's memory, to be filled before each run: a run may leave anything in it.
  std::span<std::byte> input_bytes(int i = 0);
  // An output's memory, valid until the next run.
  std::span<const std::byte> output_bytes(int i = 0) const;
  template <class T>
  std::span<T> input(int i = 0) {
    expect(network_.inputs().at(static_cast<size_t>(i)), type_of<T>());
    const std::span<std::byte> bytes = input_bytes(i);
    return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <class T>
  std::span<const T> output(int i = 0) const {
    expect(network_.outputs().at(static_cast<size_t>(i)), type_of<T>());
    const std::span<const std::byte> bytes = output_bytes(i);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }

  // False where a streaming network needs more input before it gives a result (CIRCULAR_BUFFER); its outputs
  // are unspecified then.
  bool run();
  // Calls `observer` after every operator that ran and whose result the file knows.
  bool run(const LayerObserver& observer);
  // Forgets state that is kept from run to run (streaming models).
  void reset();

  const Network& network() const { return network_; }

 private:
  static void expect(const TensorInfo& tensor, Type asked);

  Network network_;
  std::unique_ptr<Instance> instance_;
};

}  // namespace teff
