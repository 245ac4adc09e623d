#include <utility>

#include "graph/rules.h"

namespace teff {

// The last axis of x counts, or several of the last ones: whatever makes up the weights' inputs.
void infer(const FullyConnected& op, Inference& node) {
  node.expect(2, 3);
  node.expect_rank(1, 2);
  const Shape &x = node.shape(0), &w = node.shape(1);
  const int64_t outputs = w[0], inputs = w[1];
  check(inputs > 0 && x.elements() % inputs == 0, "input {} cannot be multiplied with weights {}",
        to_string(x), to_string(w));
  if (node.has(2)) {
    check(node.shape(2).elements() == outputs, "a bias of {} for {} outputs", node.shape(2).elements(),
          outputs);
  }
  if (!op.keep_num_dims) return node.set(0, {x.elements() / inputs, outputs});
  check(x.rank() > 0 && x.back() == inputs, "input {} cannot be multiplied with weights {}", to_string(x),
        to_string(w));
  Shape out = x;
  out[out.rank() - 1] = outputs;
  node.set(0, out);
}

// The last two axes are matrices; the others are batches, which broadcast.
void infer(const BatchMatMul& op, Inference& node) {
  node.expect(2, 2);
  node.expect_rank_between(0, 2, kMaxRank);
  node.expect_rank_between(1, 2, kMaxRank);
  Shape a = node.shape(0), b = node.shape(1);
  if (op.adj_x) std::swap(a[a.rank() - 2], a[a.rank() - 1]);
  if (op.adj_y) std::swap(b[b.rank() - 2], b[b.rank() - 1]);
  const int64_t rows = a[a.rank() - 2], columns = b.back();
  check(a.back() == b[b.rank() - 2], "matrices {} and {} cannot be multiplied", to_string(node.shape(0)),
        to_string(node.shape(1)));
  a.resize(a.rank() - 2), b.resize(b.rank() - 2);
  Shape y = broadcast(a, b);
  y.push_back(rows), y.push_back(columns);
  node.set(0, y);
}

// A row of the table for each number.
void infer(const EmbeddingLookup&, Inference& node) {
  node.expect(2, 2);
  node.expect_rank(0, 1);
  node.expect_rank_between(1, 1, kMaxRank);
  Shape y = node.shape(1);
  y[0] = node.shape(0)[0];
  node.set(0, y);
}

}  // namespace teff
