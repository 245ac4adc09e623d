// Float32 matrix products beside the measured peak: gemm_bench [--threads N] [ROWSxCOLUMNSxDEPTH]...
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/cpu.h"
#include "core/threads.h"
#include "kernels/x86/gemm_f32.h"
#include "run/machine.h"

namespace {

using teff::AlignedBuffer;
using teff::x86::GemmF32;

// Of one thread its own time, which others on the machine do not add to; of several the time that passes.
double seconds(int threads) {
  timespec t;
  ::clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

float* floats(AlignedBuffer& buffer) { return reinterpret_cast<float*>(buffer.data()); }

AlignedBuffer noise(int64_t count) {
  AlignedBuffer buffer(static_cast<size_t>(count) * sizeof(float));
  for (int64_t i = 0; i < count; ++i) floats(buffer)[i] = static_cast<float>(i * 7919 % 2001) / 1000 - 1;
  return buffer;
}

void multiply(const GemmF32& p, int threads, AlignedBuffer& scratch, size_t step) {
  teff::parallel_for(gemm_f32_units(p), threads, [&](teff::Range range, int thread) {
    const teff_range units = {static_cast<int32_t>(range.begin), static_cast<int32_t>(range.end)};
    gemm_f32(p, units, floats(scratch) + static_cast<size_t>(thread) * step);
  });
}

struct Rate {
  double median, best;  // floating-point operations per second
};

Rate measure(int32_t rows, int32_t columns, int32_t depth, int threads) {
  AlignedBuffer a = noise(int64_t{rows} * depth), b = noise(int64_t{depth} * columns);
  AlignedBuffer packed = noise(teff::x86::packed_floats_f32(depth, columns)),
                c = noise(int64_t{rows} * columns);
  teff::x86::pack_f32(floats(b), columns, 1, depth, columns, floats(packed));
  const GemmF32 p{.rows = rows,
                  .columns = columns,
                  .depth = depth,
                  .a = floats(a),
                  .a_step = depth,
                  .b = floats(packed),
                  .c = floats(c),
                  .c_step = columns};
  const size_t step = (static_cast<size_t>(gemm_f32_scratch(p)) + 15) / 16 * 16;
  AlignedBuffer scratch(step * static_cast<size_t>(threads) * sizeof(float));
  const double work = 2.0 * rows * columns * depth;
  const int repeats = std::max(1, static_cast<int>(2e7 * threads / work));
  std::vector<double> times;
  for (int round = 0; round < 15; ++round) {
    const double start = seconds(threads);
    for (int i = 0; i < repeats; ++i) multiply(p, threads, scratch, step);
    times.push_back((seconds(threads) - start) / repeats);
  }
  std::sort(times.begin(), times.end());
  return {work / times[times.size() / 2], work / times[0]};
}

}  // namespace

int main(int count, char** arguments) {
  int threads = 1;
  std::vector<const char*> shapes;
  for (int i = 1; i < count; ++i) {
    if (std::string_view(arguments[i]) == "--threads" && i + 1 < count)
      threads = std::clamp(std::atoi(arguments[++i]), 1, teff::kMaxThreads);
    else
      shapes.push_back(arguments[i]);
  }
  if (shapes.empty())
    shapes = {"64x64x64",  "128x128x128", "256x256x256", "512x512x512", "1024x1024x1024", "2048x2048x2048",
              "125x64x64", "2304x16x8",   "36x128x128",  "9x256x256",   "1x128x640",      "1x1024x1024"};
  const teff::MachineLimit limit = teff::measure_float_limit();
  const double peak = 2 * limit.macs_per_second * threads;
  fmt::print("{}, {} thread{}, peak {:.1f} GFLOP/s ({})\n", teff::cpu().name, threads,
             threads == 1 ? "" : "s", peak / 1e9, limit.how);
  fmt::print("{:>20} {:>16} {:>8} {:>8}\n", "rows x columns x k", "GFLOP/s, median", "of peak", "best");
  for (const char* shape : shapes) {
    int rows, columns, depth;
    if (std::sscanf(shape, "%dx%dx%d", &rows, &columns, &depth) != 3 || rows < 1 || columns < 1 ||
        depth < 1) {
      fmt::print(stderr, "{}: not ROWSxCOLUMNSxDEPTH\n", shape);
      return 1;
    }
    const Rate rate = measure(rows, columns, depth, threads);
    fmt::print("{:>20} {:16.1f} {:6.1f} % {:6.1f} %\n", shape, rate.median / 1e9, 100 * rate.median / peak,
               100 * rate.best / peak);
  }
}
