// Layers of float32: convolutions, depthwise ones and fully connected layers with constant weights, which are
// packed here.
#include <cstring>

#include "core/aligned_buffer.h"
#include "kernels/c/conv2d.h"
#include "kernels/c/depthwise_conv2d.h"
#include "kernels/c/fully_connected.h"
#include "kernels/c/transpose_conv2d.h"
#include "kernels/x86/rows_f32.h"
#include "plan/host_step.h"
#include "plan/products.h"
#include "plan/step_params.h"

namespace teff {

#if defined(__x86_64__)

namespace {

// Convolutions know a way to make fewer outputs than this one by one.
constexpr int32_t kFewOutputs = 16;

// The rows of one instruction set.
struct RowsF32 {
  Isa isa;
  KernelId dense, conv, depthwise, spread;
  double lanes;  // floats that one instruction multiplies
  const x86::TilesF32* tiles;
};
constexpr RowsF32 kRows[] = {
    {Isa::avx512, KernelId::dense_f32_avx512, KernelId::conv_f32_avx512, KernelId::depthwise_f32_avx512,
     KernelId::spread_f32_avx512, 16, &x86::kTilesF32Avx512},
    {Isa::avx2, KernelId::dense_f32_avx2, KernelId::conv_f32_avx2, KernelId::depthwise_f32_avx2,
     KernelId::spread_f32_avx2, 8, &x86::kTilesF32Avx2},
    {Isa::sse41, KernelId::dense_f32_any, KernelId::conv_f32_any, KernelId::depthwise_f32_any,
     KernelId::spread_f32_any, 4, &x86::kTilesF32Any}};

// What goes through images element by element has the same parameters and operands in every row.
struct StreamF32 {
  KernelId scalar, avx512, avx2;
};
constexpr StreamF32 kStreams[] = {
    {KernelId::relu_f32, KernelId::relu_f32_avx512, KernelId::relu_f32_avx2},
    {KernelId::leaky_relu_f32, KernelId::leaky_relu_f32_avx512, KernelId::leaky_relu_f32_avx2},
    {KernelId::hard_swish_f32, KernelId::hard_swish_f32_avx512, KernelId::hard_swish_f32_avx2},
    {KernelId::max_pool2d_f32, KernelId::max_pool2d_f32_avx512, KernelId::max_pool2d_f32_avx2},
    {KernelId::add_f32, KernelId::add_f32_avx512, KernelId::add_f32_avx2},
    {KernelId::sub_f32, KernelId::sub_f32_avx512, KernelId::sub_f32_avx2},
    {KernelId::mul_f32, KernelId::mul_f32_avx512, KernelId::mul_f32_avx2},
    {KernelId::maximum_f32, KernelId::maximum_f32_avx512, KernelId::maximum_f32_avx2},
    {KernelId::minimum_f32, KernelId::minimum_f32_avx512, KernelId::minimum_f32_avx2},
    {KernelId::prelu_f32, KernelId::prelu_f32_avx512, KernelId::prelu_f32_avx2},
    {KernelId::resize_bilinear_f32, KernelId::resize_bilinear_f32_avx512, KernelId::resize_bilinear_f32_avx2},
    {KernelId::average_pool2d_f32, KernelId::average_pool2d_f32_avx512, KernelId::average_pool2d_f32_avx2}};

bool exchange_stream(HostStep& host) {
  for (const StreamF32& stream : kStreams)
    if (host.step().kernel == stream.scalar) {
      if (!host.has(Isa::avx2)) return false;
      return host.rename(host.has(Isa::avx512) ? stream.avx512 : stream.avx2);
    }
  return false;
}

const RowsF32* rows_for(const HostStep& host) {
  for (const RowsF32& rows : kRows)
    if (host.has(rows.isa)) return &rows;
  return nullptr;
}

// Floats at the begin of a line of the cache.
class Floats {
 public:
  explicit Floats(int64_t count)
      : memory_(std::make_shared<AlignedBuffer>(static_cast<size_t>(count) * sizeof(float))) {}
  float* data() { return reinterpret_cast<float*>(memory_->data()); }
  Bytes bytes() const { return Bytes(memory_, memory_->span()); }

 private:
  std::shared_ptr<AlignedBuffer> memory_;
};

class StepF32 {
 public:
  StepF32(HostStep& host, const RowsF32& rows) : host_(host), rows_(rows) {}

  bool exchange() {
    switch (host_.step().kernel) {
      case KernelId::conv2d_f32: return convolution();
      case KernelId::depthwise_conv2d_f32: return depthwise();
      case KernelId::fully_connected_f32: return fully_connected();
      case KernelId::transpose_conv2d_f32: return transposed();
      default: return false;
    }
  }

 private:
  bool convolution() {
    const auto p = params_of<teff_conv2d_f32_params>(host_.step());
    const auto weights = weights_of();
    if (weights.empty()) return false;
    if (sees_one_pixel(p.window) && p.groups == 1 && p.outputs >= kFewOutputs) {
      const DenseF32 dense{static_cast<int32_t>(host_.step().units), p.outputs, p.window.channels, p.lo,
                           p.hi};
      return as_dense(dense, weights.data(), p.outputs, 1);
    }
    return as_convolution(
        {.window = p.window, .groups = p.groups, .outputs = p.outputs, .lo = p.lo, .hi = p.hi}, weights);
  }

  // One input channel with many outputs is what a convolution does.
  bool depthwise() {
    const auto p = params_of<teff_depthwise_conv2d_f32_params>(host_.step());
    const auto weights = weights_of();
    if (weights.empty()) return false;
    if (p.multiplier == 1) return as_depthwise({.window = p.window, .lo = p.lo, .hi = p.hi}, weights);
    return p.window.channels == 1 &&
           as_convolution({.window = p.window, .outputs = p.multiplier, .lo = p.lo, .hi = p.hi}, weights);
  }

  bool fully_connected() {
    const auto p = params_of<teff_fully_connected_f32_params>(host_.step());
    const auto weights = weights_of();
    if (weights.empty()) return false;
    const auto rows = static_cast<int32_t>(host_.step().units / p.outputs);
    if (p.outputs < kFewOutputs) return as_pixels(p, rows, weights);
    return as_dense({rows, p.outputs, p.inputs, p.lo, p.hi}, weights.data(), 1, p.inputs);
  }

  // Each row is a pixel.
  bool as_pixels(const teff_fully_connected_f32_params& p, int32_t rows, std::span<const float> weights) {
    std::vector<float> by_input(weights.size());
    for (size_t o = 0, i = 0; o < static_cast<size_t>(p.outputs); ++o)
      for (size_t k = 0; k < static_cast<size_t>(p.inputs); ++k)
        by_input[k * static_cast<size_t>(p.outputs) + o] = weights[i++];
    return as_convolution(
        {.window = pixels_in_a_row(rows, p.inputs), .outputs = p.outputs, .lo = p.lo, .hi = p.hi}, by_input,
        rows);
  }

  bool transposed() {
    const auto p = params_of<teff_transpose_conv2d_f32_params>(host_.step());
    const teff_spread& s = p.spread;
    const auto weights = weights_of();
    const bool apart = s.kernel_h == s.stride_h && s.kernel_w == s.stride_w && s.pad_top == 0 &&
                       s.pad_left == 0 && s.out_h == s.in_h * s.stride_h && s.out_w == s.in_w * s.stride_w;
    const int64_t images = apart ? host_.step().units / (int64_t{s.out_h} * s.out_w) : 0;
    const bool no_bias = host_.operand(2).kind == Operand::Kind::none;
    const auto bias = constant_value(host_.plan(), host_.operand(2));
    if (weights.empty() || images == 0 || !(no_bias || bias)) return false;
    const SpreadF32 spread{static_cast<int32_t>(images * s.in_h),
                           s.in_w,
                           s.channels,
                           s.outputs,
                           s.stride_h,
                           s.stride_w,
                           p.lo,
                           p.hi};
    Floats packed(spread_f32_packed_floats(spread));
    spread_f32_pack(spread, weights.data(), bias ? reinterpret_cast<const float*>(bias->data()) : nullptr,
                    packed.data());
    return host_.replace(rows_.spread, spread, spread_f32_units(spread),
                         cycles(static_cast<double>(host_.step().units) * s.outputs * s.channels),
                         {host_.operand(0), host_.constant(packed.bytes()), host_.operand(3)});
  }

  static bool sees_one_pixel(const teff_window& w) {
    return w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1 && w.pad_top == 0 &&
           w.pad_left == 0 && w.in_h == w.out_h && w.in_w == w.out_w;
  }

  // Empty where they are not constant.
  std::span<const float> weights_of() const {
    const auto bytes = constant_value(host_.plan(), host_.operand(1));
    if (!bytes) return {};
    return {reinterpret_cast<const float*>(bytes->data()), bytes->size() / sizeof(float)};
  }

  // Weight (k, n) is weights[k * row_step + n * column_step].
  bool as_dense(const DenseF32& p, const float* weights, ptrdiff_t row_step, ptrdiff_t column_step) {
    const x86::GemmF32 gemm = gemm_of(p, *rows_.tiles);
    const int32_t units = gemm_f32_units(gemm);
    if (units == 0) return false;
    Floats packed(x86::packed_floats_f32(p.inputs, p.outputs));
    x86::pack_f32(weights, row_step, column_step, p.inputs, p.outputs, packed.data());
    const int64_t scratch = gemm_f32_scratch(gemm) * static_cast<int64_t>(sizeof(float));
    return host_.replace(rows_.dense, p, units, cycles(double{1} * p.rows * p.outputs * p.inputs),
                         {host_.operand(0), host_.constant(packed.bytes()), host_.operand(2),
                          host_.operand(3), scratch > 0 ? host_.scratch(scratch) : Operand{}});
  }

  bool as_convolution(const ConvF32& p, std::span<const float> weights) {
    return as_convolution(p, weights, host_.step().units);
  }
  bool as_convolution(const ConvF32& p, std::span<const float> weights, int64_t pixels) {
    const teff_window& w = p.window;
    const int64_t images = images_of(w, pixels), rows = images * w.out_h;
    if (rows == 0 || p.outputs == 0) return false;
    Floats packed(conv_f32_packed_floats(p));
    conv_f32_pack(p, weights.data(), packed.data());
    const double taps = double{1} * w.kernel_h * w.kernel_w * w.channels / p.groups;
    return host_.replace(
        rows_.conv, p, conv_f32_units(p, static_cast<int32_t>(images)),
        cycles(static_cast<double>(rows) * w.out_w * p.outputs * taps),
        {host_.operand(0), host_.constant(packed.bytes()), host_.operand(2), host_.operand(3)});
  }

  bool as_depthwise(const DepthwiseF32& p, std::span<const float> weights) {
    const teff_window& w = p.window;
    const int64_t rows = images_of(w, host_.step().units) * w.out_h;
    if (rows == 0 || w.channels == 0) return false;
    Floats aligned(static_cast<int64_t>(weights.size()));
    std::memcpy(aligned.data(), weights.data(), weights.size_bytes());
    return host_.replace(
        rows_.depthwise, p, rows,
        cycles(static_cast<double>(rows) * w.out_w * static_cast<double>(weights.size())),
        {host_.operand(0), host_.constant(aligned.bytes()), host_.operand(2), host_.operand(3)});
  }

  static int64_t images_of(const teff_window& w, int64_t pixels) {
    const int64_t of_one = int64_t{w.out_h} * w.out_w;
    return of_one == 0 ? 0 : pixels / of_one;
  }

  double cycles(double macs) const { return macs / rows_.lanes; }

  HostStep& host_;
  const RowsF32& rows_;
};

}  // namespace

bool exchange_f32(HostStep& host) {
  const RowsF32* rows = rows_for(host);
  return exchange_stream(host) || (rows != nullptr && StepF32(host, *rows).exchange());
}

#else

bool exchange_f32(HostStep&) { return false; }

#endif

}  // namespace teff
