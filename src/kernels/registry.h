// The table of kernels: which exist, which of them this processor runs, and how one is called without knowing
// its type.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "core/types.h"
#include "kernels/c/base.h"

namespace teff {

enum class KernelId : uint16_t {
#define KERNEL(isa, name) name,
#include "kernels/kernels.inc"
#undef KERNEL
};

// Any kernel behind one signature: `params` is its struct, operands are its pointers in order (null: left
// out).
using KernelFunction = teff_fault (*)(const void* params, void* const* operands, teff_range range);

struct KernelRow {
  KernelId id;
  std::string_view isa;
  std::string_view name;
  KernelFunction function;
};

const KernelRow& kernel(KernelId id);  // the best row for this processor
int kernel_count();

// The element type behind a kernel's pointer. One C type may hold several tensor types: uint8_t is also bool
// and packed 4-bit integers, uint16_t also float16; void is anything.
enum class PointerType : uint8_t { any, f32, f64, s8, u8, s16, u16, s32, u32, s64, u64 };
bool points_to(PointerType pointer, Type type);

template <class T>
constexpr PointerType pointer_type() {
  if constexpr (std::is_void_v<T>)
    return PointerType::any;
  else if constexpr (std::is_same_v<T, float>)
    return PointerType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return PointerType::f64;
  else if constexpr (std::is_same_v<T, int8_t>)
    return PointerType::s8;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return PointerType::u8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return PointerType::s16;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return PointerType::u16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return PointerType::s32;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return PointerType::u32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return PointerType::s64;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return PointerType::u64;
  else
    return PointerType::any;  // a struct of constants that the lowering made itself
}

// A kernel's C signature, taken apart: what the lowering checks operands against.
template <class F>
struct Signature;
template <class Result, class Params, class... Rest>
struct Signature<Result(Params, Rest...)> {
  using P = Params;
  static constexpr size_t kOperands = sizeof...(Rest) - 1;  // the last is the range
  static constexpr std::array<PointerType, sizeof...(Rest)> pointer_types() {
    return {pointer_type<std::remove_cv_t<std::remove_pointer_t<Rest>>>()...};
  }
};

}  // namespace teff
