// Pictures at another size.
#include "graph/rules.h"

namespace teff {
namespace {

// Positions are computed in 10 fractional bits of an int32.
constexpr int64_t kMostExtent = int64_t{1} << 20;

void infer_resize(Inference& node) {
  node.expect(2, 2);
  node.expect_rank(0, 4);
  const Shape& in = node.shape(0);
  const auto size = node.integers(1);
  check(size.size() == 2, "{} numbers for the new size where 2 are expected", size.size());
  for (int64_t extent : {size[0], size[1], in[1], in[2]})
    check(extent > 0 && extent <= kMostExtent, "a picture of {}x{} becomes {}x{}", in[1], in[2], size[0],
          size[1]);
  node.set(0, {in[0], size[0], size[1], in[3]});
}

}  // namespace

void infer(const ResizeBilinear& op, Inference& node) {
  check(!op.align_corners || !op.half_pixel_centers,
        "align_corners and half_pixel_centers do not go together");
  infer_resize(node);
}

void infer(const ResizeNearest&, Inference& node) { infer_resize(node); }

}  // namespace teff
