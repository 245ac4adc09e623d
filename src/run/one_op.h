// For tests: one operator as a network of its own.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/testing.h"
#include "run/compile.h"
#include "run/instance.h"

namespace teff {

class OneOp {
 public:
  explicit OneOp(Op op) {
    model_.graphs.emplace_back();
    graph().nodes.push_back({std::move(op), {}, {}, 0});
  }

  // An input whose value is handed over when the network runs.
  template <class T>
  OneOp& input(const Shape& shape, const std::vector<T>& values, Quant quant = {}) {
    fed_.push_back(Bytes::of(values));
    graph().inputs.push_back(add<T>(shape, {}, std::move(quant)));
    return *this;
  }
  template <class T>
  OneOp& constant(const Shape& shape, const std::vector<T>& values, Quant quant = {}) {
    add<T>(shape, Bytes::of(values), std::move(quant));
    return *this;
  }
  // `shape` counts only where it cannot be inferred.
  OneOp& output(Type type, const Shape& shape = {}, Quant quant = {}) {
    const TensorId id = graph().add({.type = type, .shape = shape, .quant = std::move(quant)});
    graph().nodes[0].outputs.push_back(id);
    graph().outputs.push_back(id);
    return *this;
  }

  Model& model() { return model_; }

  // The network with all inputs set, run once on that many threads.
  std::unique_ptr<Instance> ran(int threads = 1) const {
    auto instance = std::make_unique<Instance>(compile(model_, {.fuse = false}), threads);
    for (size_t i = 0; i < fed_.size(); ++i) {
      const MutableView view = instance->input(static_cast<int>(i));
      if (fed_[i].size() > 0) std::memcpy(view.bytes.data(), fed_[i].data(), fed_[i].size());
    }
    instance->run();
    return instance;
  }
  template <class T>
  std::vector<T> values(int output = 0) const {
    const auto instance = ran();
    // By size alone: a uint8_t may be a truth value, a uint16_t a half.
    const std::span<const std::byte> bytes = instance->output(output).bytes;
    const T* first = reinterpret_cast<const T*>(bytes.data());
    return {first, first + bytes.size() / sizeof(T)};
  }
  Shape shape(int output = 0) const { return ran()->output(output).shape; }

 private:
  Graph& graph() { return model_.main(); }

  template <class T>
  TensorId add(const Shape& shape, Bytes data, Quant quant) {
    Tensor tensor{.type = type_of<T>(), .shape = shape, .quant = std::move(quant), .data = std::move(data)};
    const TensorId id = graph().add(std::move(tensor));
    graph().nodes[0].inputs.push_back(id);
    return id;
  }

  Model model_;
  std::vector<Bytes> fed_;
};

// What running it complains about.
inline std::string error_of(const OneOp& op) {
  return error_of([&] { op.ran(); });
}

}  // namespace teff
