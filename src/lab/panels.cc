#include "panels.h"

#include <algorithm>

#include "micro_kernel.h"

namespace teff::lab {

int64_t panel_rows() { return micro_kernel().rows; }

PackedPanels pack_panels(const float* b, int64_t k, int64_t n) {
  const int64_t width = micro_kernel().columns, panels = (n + width - 1) / width;
  PackedPanels packed{k, n, std::vector<float>(static_cast<size_t>(panels * k * width))};
  for (int64_t j = 0; j < n; ++j)
    for (int64_t step = 0; step < k; ++step)
      packed.numbers[static_cast<size_t>((j / width * k + step) * width + j % width)] = b[step * n + j];
  return packed;
}

void multiply_panels(int64_t rows, const PackedPanels& b, float* c, Gather gather) {
  const MicroKernel& kernel = micro_kernel();
  std::vector<float> panel(static_cast<size_t>(kernel.rows * b.k));
  std::vector<float> edge(static_cast<size_t>(kernel.rows * kernel.columns));
  std::fill_n(c, rows * b.n, 0.0f);
  for (int64_t i = 0; i < rows; i += kernel.rows) {
    const int64_t count = std::min(kernel.rows, rows - i);
    gather(i, count, panel.data());
    for (int64_t j = 0; j < b.n; j += kernel.columns) {
      const float* from = b.numbers.data() + j * b.k;
      const int64_t columns = std::min(kernel.columns, b.n - j);
      if (count == kernel.rows && columns == kernel.columns) {
        kernel.add(b.k, panel.data(), from, c + i * b.n + j, b.n);
        continue;
      }
      std::ranges::fill(edge, 0.0f);
      kernel.add(b.k, panel.data(), from, edge.data(), kernel.columns);
      for (int64_t y = 0; y < count; ++y)
        std::copy_n(edge.data() + y * kernel.columns, columns, c + (i + y) * b.n + j);
    }
  }
}

void gather_rows(const float* a, int64_t k, int64_t stride, int64_t first, int64_t count, float* panel) {
  const int64_t width = panel_rows();
  for (int64_t row = 0; row < count; ++row)
    for (int64_t step = 0; step < k; ++step) panel[step * width + row] = a[(first + row) * stride + step];
}

}  // namespace teff::lab
