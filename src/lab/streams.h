// Loops that do little with many bytes: what memory gives is their limit, not what the processor computes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace teff::lab {

// Reads all bytes, a multiple of 512 at a multiple of 64, with the widest loads that there are, and drops
// them.
void read_all(const void* memory, int64_t bytes);

// A memory that so many bytes fit into with room to spare.
struct MemoryLevel {
  std::string name;  // "L1"
  int64_t bytes;
};
std::vector<MemoryLevel> memory_levels();  // this machine's, the nearest first; the last is main memory

// The sum of a[i] * b[i]: with one sum each addition waits for the one before; with sixteen, four vectors are
// under way.
float dot_one_sum(const float* a, const float* b, int64_t n);
float dot(const float* a, const float* b, int64_t n);
// y += factor * x
void add_scaled(float factor, const float* x, float* y, int64_t n);
// y = A x, A [rows x columns]
void matvec(const float* a, const float* x, float* y, int64_t rows, int64_t columns);

}  // namespace teff::lab
