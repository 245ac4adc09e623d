// The lecture's ladder: one product of matrices, written in one way after another, each a function of its own
// with the reason why it is faster (or not) than the one before. All matrices are row-major: C[m][n] =
// A[m][k] * B[k][n].
#pragma once

#include <cstdint>
#include <span>

namespace teff::lab {

struct Matmul {
  int64_t m, k, n;
  const float *a, *b;
  float* c;
  int threads = 1;  // for the steps that use threads
};

// matmul_loops.cc: plain C++, one thread.
void naive(Matmul p);       // i, j, k, as one writes it down
void unroll(Matmul p);      // the same order, 8 columns and 4 products at a time
void reorder(Matmul p);     // i, k, j
void tile(Matmul p);        // i, k, j in blocks of 32 x 32 x 32
void tile_twice(Matmul p);  // blocks within blocks, one size for each of two caches

// matmul_simd.cc: vector instructions by hand, one thread.
void sse(Matmul p);     // the lecture's: B transposed, four products in one instruction
void avx2(Matmul p);    // 6 x 16 numbers of C in registers while k runs
void avx512(Matmul p);  // 12 x 32 of them
const char* no_sse();   // why a step cannot run on this processor; null where it can
const char* no_avx2();
const char* no_avx512();

// matmul_threads.cc and matmul_openmp.cc: rows of C shared out among threads.
void naive_pthreads(Matmul p);
void tile_pthreads(Matmul p);
void tile_openmp(Matmul p);
const char* no_openmp();

// matmul_goto.cc: packed panels and a micro-kernel.
void goto_packed(Matmul p);  // with p.threads threads

// matmul_production.cc: what teff itself uses.
void production(Matmul p);  // with p.threads threads

// One rung.
struct MatmulStep {
  const char* name;
  const char* words;  // what changes against the rung before
  double lecture_ms;  // on the lecture's Xeon 4114; 0: the lecture has no number
  bool threaded;      // takes p.threads; others take one
  void (*run)(Matmul p);
  const char* (*missing)() = nullptr;
};
std::span<const MatmulStep> matmul_steps();

// The shape that the lecture's numbers are for, which the slides do not tell.
inline constexpr int64_t kLectureM = 640, kLectureK = 12800, kLectureN = 640;

}  // namespace teff::lab
