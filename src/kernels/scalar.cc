// The registry. Its scalar rows are the host's reference: every kernel of c/ compiled with shapes known only
// at run time. Those of other instruction sets stand in sources of their own (x86/).
#include <iterator>
#include <tuple>
#include <utility>

#include "kernels/c/all.h"
#include "kernels/registry.h"
#include "kernels/x86/images_s8.h"
#include "kernels/x86/rows_f32.h"
#include "kernels/x86/s8.h"
#include "kernels/x86/streams_f32.h"

namespace teff {
namespace {

template <auto Kernel>
struct Thunk;

// Calls a kernel with its own types; the function's last parameter is the range.
template <class Result, class Params, class... Rest, Result (*Kernel)(Params, Rest...)>
struct Thunk<Kernel> {
  template <size_t... I>
  static Result call(const void* params, void* const* operands, teff_range range, std::index_sequence<I...>) {
    using Types = std::tuple<Rest...>;
    return Kernel(*static_cast<const Params*>(params),
                  static_cast<std::tuple_element_t<I, Types>>(operands[I])..., range);
  }
  static teff_fault run(const void* params, void* const* operands, teff_range range) {
    constexpr auto kPointers = std::make_index_sequence<sizeof...(Rest) - 1>();
    if constexpr (std::is_void_v<Result>) {
      call(params, operands, range, kPointers);
      return TEFF_FINE;
    } else {
      return call(params, operands, range, kPointers);
    }
  }
};

template <auto Kernel>
using SignatureOf = Signature<std::remove_pointer_t<decltype(Kernel)>>;

template <auto Kernel>
constexpr KernelRow row(KernelId id, std::string_view isa, std::string_view name) {
  using S = SignatureOf<Kernel>;
  return {id,
          isa,
          name,
          &Thunk<Kernel>::run,
          struct_name<typename S::P>(),
          sizeof(typename S::P),
          std::span(S::kPointers).first(S::kOperands),
          S::kFaults};
}

constexpr KernelRow kRows[] = {
#define KERNEL(isa, name) row<&teff_##name>(KernelId::name, #isa, #name),
#include "kernels/kernels.inc"
#undef KERNEL
};

}  // namespace

const KernelRow& kernel(KernelId id) { return kRows[static_cast<size_t>(id)]; }

int kernel_count() { return static_cast<int>(std::size(kRows)); }

bool points_to(PointerType pointer, Type type) {
  switch (pointer) {
    case PointerType::any: return bits_of(type) > 0;
    case PointerType::f32: return type == Type::f32;
    case PointerType::f64: return type == Type::f64;
    case PointerType::s8: return type == Type::s8;
    case PointerType::u8:
      return type == Type::u8 || type == Type::boolean || type == Type::s4 || type == Type::u4;
    case PointerType::s16: return type == Type::s16;
    case PointerType::u16: return type == Type::u16 || type == Type::f16 || type == Type::bf16;
    case PointerType::s32: return type == Type::s32;
    case PointerType::u32: return type == Type::u32;
    case PointerType::s64: return type == Type::s64;
    case PointerType::u64: return type == Type::u64;
  }
  return false;
}

}  // namespace teff
