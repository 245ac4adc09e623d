// Operators that work element by element, conversions among them.
#include <algorithm>

#include "graph/rules.h"

namespace teff {
namespace {

void same_shape(Inference& node) {
  node.expect(1, 1);
  node.set(0, node.shape(0));
}

}  // namespace

void infer(const Unary&, Inference& node) { same_shape(node); }
void infer(const LeakyRelu&, Inference& node) { same_shape(node); }
void infer(const Gelu&, Inference& node) { same_shape(node); }
void infer(const Cast&, Inference& node) { same_shape(node); }
void infer(const Quantize&, Inference& node) { same_shape(node); }
void infer(const Dequantize&, Inference& node) { same_shape(node); }

void infer(const Prelu&, Inference& node) {
  node.expect(2, 2);
  const Shape &x = node.shape(0), &alpha = node.shape(1), result = broadcast(x, alpha);
  check(result.elements() == x.elements(), "slopes of shape {} do not spread over an input of shape {}",
        to_string(alpha), to_string(x));
  node.set(0, result);
}

void infer(const Binary&, Inference& node) {
  node.expect(2, 2);
  node.set(0, broadcast(node.shape(0), node.shape(1)));
}

void infer(const AddN&, Inference& node) {
  node.expect(2, std::max(2, node.inputs()));
  for (int i = 1; i < node.inputs(); ++i)
    check(node.shape(i) == node.shape(0), "input {} has shape {}, input 0 {}", i, to_string(node.shape(i)),
          to_string(node.shape(0)));
  node.set(0, node.shape(0));
}

void infer(const Select&, Inference& node) {
  node.expect(3, 3);
  const Shape result = broadcast(broadcast(node.shape(0), node.shape(1)), node.shape(2));
  // Scalars of rank 0 and 1 are mixed freely: the file says what comes out.
  if (result.elements() == 1 && !node.out().flexible && node.out().shape.elements() == 1) return;
  node.set(0, result);
}

void infer(const SelectV1&, Inference& node) {
  node.expect(3, 3);
  const Shape &condition = node.shape(0), &a = node.shape(1);
  check(a == node.shape(2), "shapes {} and {} differ", to_string(a), to_string(node.shape(2)));
  const bool rows = condition.rank() == 1 && a.rank() > 0 && condition[0] == a[0];
  check(condition == a || condition.rank() == 0 || rows || condition.elements() == 1,
        "a condition of shape {} does not fit shape {}", to_string(condition), to_string(a));
  node.set(0, a);
}

}  // namespace teff
