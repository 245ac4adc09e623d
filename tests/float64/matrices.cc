// Products of matrices.
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

Results fully_connected(const Values& v) {
  const auto& op = std::get<FullyConnected>(v.node().op);
  const int64_t outputs = v.shape(1)[0], inputs = v.shape(1)[1];
  Results results;
  for (int64_t i = 0; i < v.out().elements(); ++i) {
    Sum sum;
    for (int64_t k = 0; k < inputs; ++k)
      sum.add(Exact(v.at(0, i / outputs * inputs + k)) * Exact(v.at(1, i % outputs * inputs + k)));
    if (v.has(2)) sum.add(v.at(2, i % outputs));
    results.push_back(activated(op.activation, sum.exact()));
  }
  return results;
}

// All axes but the last two.
Shape batch_of(const Shape& shape) {
  Shape batch;
  for (int axis = 0; axis + 2 < shape.rank(); ++axis) batch.push_back(shape[axis]);
  return batch;
}

Results batch_matmul(const Values& v) {
  const auto& op = std::get<BatchMatMul>(v.node().op);
  const Shape &a = v.shape(0), &b = v.shape(1), &out = v.out();
  const Shape batches = batch_of(out), a_batches = batch_of(a), b_batches = batch_of(b);
  const int64_t m = out[out.rank() - 2], n = out.back();
  const int64_t k = op.adj_x ? a[a.rank() - 2] : a.back();
  Results results;
  for (int64_t i = 0; i < out.elements(); ++i) {
    const int64_t batch = i / (m * n), row = i / n % m, column = i % n;
    const int64_t a0 = broadcast_index(batches, a_batches, batch) * m * k,
                  b0 = broadcast_index(batches, b_batches, batch) * k * n;
    Sum sum;
    for (int64_t j = 0; j < k; ++j)
      sum.add(Exact(v.at(0, a0 + (op.adj_x ? j * m + row : row * k + j))) *
              Exact(v.at(1, b0 + (op.adj_y ? column * k + j : j * n + column))));
    results.push_back(sum.exact());
  }
  return results;
}

}  // namespace

std::vector<Named> matrices() {
  return {{"FULLY_CONNECTED", fully_connected}, {"BATCH_MATMUL", batch_matmul}};
}

}  // namespace teff::float64
