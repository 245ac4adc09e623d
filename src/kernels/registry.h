// The table of kernels: which exist, which of them this processor runs, and how one is called without knowing
// its type.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
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

// What a kernel's pointer points to, as its declaration in C says.
struct PointerInfo {
  PointerType type = PointerType::any;
  std::string_view name;  // "int8_t", "void", "teff_factor"
  bool is_const = false;
};

// The name of a struct as C has it, without its namespace.
template <class T>
constexpr std::string_view struct_name() {
  const std::string_view text =
      __PRETTY_FUNCTION__;  // "... [with T = teff_ring; ...]", "... [T = teff_ring]"
  const size_t begin = text.find("T = ") + 4;
  return text.substr(begin, text.find_first_of(";]", begin) - begin);
}

template <class T>
constexpr std::string_view c_name() {
  constexpr std::string_view kNames[] = {"void",     "float",   "double",   "int8_t",  "uint8_t", "int16_t",
                                         "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t"};
  if constexpr (std::is_class_v<T>)
    return struct_name<T>();
  else
    return kNames[static_cast<size_t>(pointer_type<T>())];
}

// A kernel's C signature, taken apart: what the lowering checks operands against.
template <class F>
struct Signature;
template <class Result, class Params, class... Rest>
struct Signature<Result(Params, Rest...)> {
  using P = Params;
  static constexpr size_t kOperands = sizeof...(Rest) - 1;  // the last is the range
  static constexpr bool kFaults = !std::is_void_v<Result>;
  static constexpr std::array<PointerType, sizeof...(Rest)> pointer_types() {
    return {pointer_type<std::remove_cv_t<std::remove_pointer_t<Rest>>>()...};
  }
  template <class T>
  static constexpr PointerInfo pointer_info() {
    using Pointed = std::remove_pointer_t<T>;
    return {pointer_type<std::remove_cv_t<Pointed>>(), c_name<std::remove_cv_t<Pointed>>(),
            std::is_const_v<Pointed>};
  }
  // The last is the range.
  static constexpr std::array<PointerInfo, sizeof...(Rest)> kPointers = {pointer_info<Rest>()...};
};

struct KernelRow {
  KernelId id;
  std::string_view isa;
  std::string_view name;
  KernelFunction function;
  std::string_view params;  // its struct's name
  size_t params_bytes;
  std::span<const PointerInfo> pointers;
  bool faults;  // it may find something wrong
};

const KernelRow& kernel(KernelId id);
int kernel_count();

}  // namespace teff
