// int8 convolutions and products of matrices on each instruction set of this processor, one thread, beside
// what its instructions can do at best. Times are of the thread, the least of several runs.
//
//     ninja int8_bench && ./int8_bench
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <random>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "kernels/x86/s8.h"
#include "plan/pack_x86.h"
#include "plan/plan.h"
#include "run/machine.h"

namespace teff {
namespace {

#if defined(__x86_64__)

struct Layer {
  const char* name;
  int32_t height, width, channels, kernel, stride, outputs;
};

constexpr Layer kLayers[] = {
    {"64 x 64 x 64", 64, 1, 64, 1, 1, 64},
    {"256 x 256 x 256", 256, 1, 256, 1, 1, 256},
    {"512 x 512 x 512", 512, 1, 512, 1, 1, 512},
    {"1024 x 1024 x 1024", 1024, 1, 1024, 1, 1, 1024},
    {"2048 x 2048 x 2048", 2048, 1, 2048, 1, 1, 2048},
    {"3x3, 56x56x64 to 64", 56, 56, 64, 3, 1, 64},
    {"3x3, 28x28x128 to 128", 28, 28, 128, 3, 1, 128},
    {"3x3, 14x14x256 to 256", 14, 14, 256, 3, 1, 256},
    {"3x3, 8x8x64 to 64", 8, 8, 64, 3, 1, 64},
    {"3x3, 32x32x16 to 16", 32, 32, 16, 3, 1, 16},
    {"1x1, 56x56x64 to 128", 56, 56, 64, 1, 1, 128},
    {"1x1, 25x5x64 to 64", 25, 5, 64, 1, 1, 64},
    {"3x3 by 2, 224x224x3 to 16", 224, 224, 3, 3, 2, 16},
};

struct Row {
  Isa isa;
  X86Sums sums;
  KernelId kernel;
};
constexpr Row kRows[] = {{Isa::avx512vnni, kVnni512, KernelId::conv_s8_avx512vnni},
                         {Isa::avx2, kWords256, KernelId::conv_s8_avx2}};

double thread_seconds() {
  timespec t;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::vector<int8_t> noise(int64_t n) {
  std::mt19937 engine(1);
  std::vector<int8_t> bytes(static_cast<size_t>(n));
  for (int8_t& b : bytes) b = static_cast<int8_t>(engine());
  return bytes;
}

// Seconds for one run of the layer.
double measure(const Layer& layer, const Row& row) {
  const int32_t out_h = (layer.height + layer.stride - 1) / layer.stride,
                out_w = (layer.width + layer.stride - 1) / layer.stride;
  const teff_window w{layer.height,    layer.width,  layer.channels, out_h, out_w, layer.kernel,
                      layer.kernel,    layer.stride, layer.stride,   1,     1,     layer.kernel / 2,
                      layer.kernel / 2};
  const teff_result result{TEFF_SCALE_HIGH, 5, 0, -128, 127};
  teff_conv_x86 p{w, layer.outputs, 0, 1, result};
  const std::vector<int8_t> weights =
      noise(int64_t{layer.outputs} * layer.kernel * layer.kernel * layer.channels);
  const int64_t most = weights.size() > 512 * 1024 ? 256 * 1024 : 64 * 1024;  // as plan/host_s8.cc has it
  while (p.band < out_h && teff_band_elements_x86(&w, p.band + 1) <= most) ++p.band;
  const std::vector<teff_channel> channels(static_cast<size_t>(layer.outputs), {100, 1 << 29, 7});
  const Bytes packed = pack_conv_x86({w, layer.outputs, weights, channels}, result, row.sums);
  std::vector<int8_t> x = noise(int64_t{layer.height} * layer.width * layer.channels);
  std::vector<int8_t> y(static_cast<size_t>(out_h * out_w * layer.outputs));
  AlignedBuffer scratch(static_cast<size_t>(row.sums.input_bytes * teff_band_elements_x86(&w, p.band)));
  void* const operands[] = {x.data(), const_cast<std::byte*>(packed.data()), y.data(), scratch.data()};
  const double macs = static_cast<double>(weights.size()) * out_h * out_w;
  const int runs = std::max(1, static_cast<int>(2e7 / macs));
  double best = 1e9;
  for (int round = 0; round < 12; ++round) {
    const double start = thread_seconds();
    for (int i = 0; i < runs; ++i) kernel(row.kernel).function(&p, operands, {0, out_h * out_w});
    best = std::min(best, (thread_seconds() - start) / runs);
  }
  return best;
}

void run() {
  const MachineLimit limit = measure_int8_limit();
  fmt::print("{}: {:.0f} G MACs/s at best by {}\n", cpu().name, limit.macs_per_second / 1e9, limit.how);
  for (const Row& row : kRows) {
    if (!cpu_has(row.isa)) continue;
    fmt::print("\n{:26} {:>10} {:>10} {:>9}\n", name_of(row.isa), "us", "G MACs/s", "of limit");
    for (const Layer& layer : kLayers) {
      const double seconds = measure(layer, row);
      const double macs = 1.0 * ((layer.height + layer.stride - 1) / layer.stride) *
                          ((layer.width + layer.stride - 1) / layer.stride) * layer.outputs * layer.kernel *
                          layer.kernel * layer.channels;
      fmt::print("{:26} {:10.2f} {:10.1f} {:8.1f} %\n", layer.name, seconds * 1e6, macs / seconds / 1e9,
                 100 * macs / seconds / limit.macs_per_second);
    }
  }
}

#else

void run() { fmt::print("there are int8 kernels for x86 only\n"); }

#endif

}  // namespace
}  // namespace teff

int main() { teff::run(); }
