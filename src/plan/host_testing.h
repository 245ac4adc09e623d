// For tests of kernels that a host plan exchanges steps for: one step, run before and after.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "plan/host.h"

namespace teff {

class HostRandom {
 public:
  explicit HostRandom(unsigned seed) : engine_(seed) {}
  int32_t in(int32_t lo, int32_t hi) { return std::uniform_int_distribution<int32_t>(lo, hi)(engine_); }
  bool one_in(int32_t n) { return in(1, n) == 1; }
  std::vector<int8_t> bytes(int64_t n, int32_t lo = -128, int32_t hi = 127) {
    std::vector<int8_t> values(static_cast<size_t>(n));
    for (int8_t& v : values) v = static_cast<int8_t>(in(lo, hi));
    return values;
  }

 private:
  std::mt19937 engine_;
};

// Each instruction set that has kernels of its own; tests of those that are not here are skipped.
class HostTest : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!cpu_has(GetParam())) GTEST_SKIP() << name_of(GetParam()) << " is not here";
  }
};
inline std::string isa_name(const testing::TestParamInfo<Isa>& info) { return name_of(info.param); }

// A step whose tensors lie in buffers of exactly their size, one after the other at any alignment, so that
// AddressSanitizer sees what is read or written beyond them.
class SingleStep {
 public:
  // A tensor: an input where `value` says what it holds, else an output of so many bytes.
  template <class T>
  Operand input(Type type, const Shape& shape, const std::vector<T>& value) {
    const auto bytes = std::as_bytes(std::span(value));
    values_.emplace_back(bytes.begin(), bytes.end());
    return tensor(type, shape, static_cast<int64_t>(bytes.size()));
  }
  Operand output(Type type, const Shape& shape, int64_t bytes) {
    values_.emplace_back();
    output_ = values_.size() - 1;
    return tensor(type, shape, bytes);
  }
  template <class T>
  Operand constant(const std::vector<T>& values) {
    plan_.constants.push_back(Bytes::of(values));
    return {Operand::Kind::constant, static_cast<int64_t>(plan_.constants.size()) - 1};
  }
  static Operand scratch(int64_t bytes) { return {Operand::Kind::scratch, 0, bytes}; }

  template <class P>
  void set(KernelId kernel, const P& params, int64_t units, std::vector<Operand> operands) {
    Step step;
    step.node = 0;
    step.kernel = kernel;
    step.params = Params::of(params);
    step.operands = std::move(operands);
    step.units = units;
    plan_.steps = {std::move(step)};
  }

  const Step& step() const { return plan_.steps[0]; }
  // True: the step has been exchanged.
  bool exchange(std::span<const Isa> isas) {
    const KernelId before = step().kernel;
    exchange_for_host(graph_, plan_, isas);
    return step().kernel != before;
  }

  // The output after the step has run in `parts` ranges, tensors beginning at `offset` from 64 bytes.
  std::vector<std::byte> run(int parts = 1, size_t offset = 0) {
    std::vector<std::vector<std::byte>> buffers;
    for (size_t i = 0; i < values_.size(); ++i) {
      buffers.emplace_back(offset + static_cast<size_t>(plan_.tensors[i].bytes), std::byte{0x55});
      if (!values_[i].empty()) std::memcpy(buffers[i].data() + offset, values_[i].data(), values_[i].size());
    }
    std::vector<void*> pointers;
    std::vector<AlignedBuffer> scratch;
    for (const Operand& o : step().operands) {
      const auto index = static_cast<size_t>(o.index);
      switch (o.kind) {
        case Operand::Kind::tensor: pointers.push_back(buffers[index].data() + offset); break;
        case Operand::Kind::constant:
          pointers.push_back(const_cast<std::byte*>(plan_.constants[index].data()));
          break;
        case Operand::Kind::scratch:
          pointers.push_back(scratch.emplace_back(static_cast<size_t>(o.bytes)).data());
          break;
        default: pointers.push_back(nullptr);
      }
    }
    const auto units = static_cast<int32_t>(step().units);
    for (int part = 0; part < parts; ++part)
      kernel(step().kernel)
          .function(step().params.words.data(), pointers.data(),
                    {static_cast<int32_t>(int64_t{units} * part / parts),
                     static_cast<int32_t>(int64_t{units} * (part + 1) / parts)});
    return {buffers[output_].begin() + static_cast<std::ptrdiff_t>(offset), buffers[output_].end()};
  }

 private:
  Operand tensor(Type type, const Shape& shape, int64_t bytes) {
    Tensor tensor;
    tensor.type = type;
    tensor.shape = shape;
    const TensorId id = graph_.add(std::move(tensor));
    plan_.tensors.push_back({.type = type, .bytes = bytes});
    plan_.tensors.back().location.place = Location::Place::arena;
    return {Operand::Kind::tensor, id};
  }

  Graph graph_;
  Plan plan_;
  std::vector<std::vector<std::byte>> values_;  // by tensor
  size_t output_ = 0;
};

// Runs a step before and after it is exchanged, then in parts and at odd addresses.
inline void expect_same(SingleStep& step, HostRandom& random, Isa isa) {
  const auto expected = step.run();
  ASSERT_TRUE(step.exchange(std::span(&isa, 1)));
  ASSERT_EQ(step.run(), expected);
  ASSERT_EQ(step.run(random.in(2, 4), static_cast<size_t>(random.in(1, 63))), expected);
}

}  // namespace teff
