// A product whose left side need not exist as a matrix: it is asked for panel by panel. With it a convolution
// is a product of a matrix of patches, whether that lies in memory (im2col), is gathered as it is needed
// (implicit), or is something else altogether (Winograd).
#pragma once

#include <cstdint>
#include <vector>

#include "core/function_ref.h"

namespace teff::lab {

// B [k x n] packed once, in the order in which the micro-kernel reads it.
struct PackedPanels {
  int64_t k = 0, n = 0;
  std::vector<float> numbers;
};
PackedPanels pack_panels(const float* b, int64_t k, int64_t n);

int64_t panel_rows();  // rows of A that are asked for at once

// `gather(first, count, panel)` writes rows first ... first + count of A to panel[step * panel_rows() + row].
using Gather = FunctionRef<void(int64_t first, int64_t count, float* panel)>;
void multiply_panels(int64_t rows, const PackedPanels& b, float* c, Gather gather);

// A gather for rows that lie in memory, `stride` apart.
void gather_rows(const float* a, int64_t k, int64_t stride, int64_t first, int64_t count, float* panel);

}  // namespace teff::lab
