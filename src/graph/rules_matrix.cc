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

void infer(const BatchMatMul&, Inference&) { fail("pending"); }
void infer(const EmbeddingLookup&, Inference&) { fail("pending"); }

}  // namespace teff
