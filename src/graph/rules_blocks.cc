// Operators that trade height and width for depth or batch, block by block.
#include "graph/rules.h"

namespace teff {
namespace {

// Of [N,H,W,C]; the extents that shrink have to be whole blocks.
void expect_blocks(int64_t extent, int64_t block) {
  check(block > 0, "a block size of {}", block);
  check(extent % block == 0, "an extent of {} is not made of blocks of {}", extent, block);
}

struct Blocks {
  std::vector<int64_t> sizes, margins;
  int64_t product = 1;
};

// The inputs of SPACE_TO_BATCH_ND and its inverse: block sizes of the axes after the first, and two margins
// each.
Blocks blocks_of(const Inference& node) {
  node.expect(3, 3);
  Blocks blocks;
  blocks.sizes = node.integers(1);
  const auto count = static_cast<int>(blocks.sizes.size());
  check(count >= 1 && count < node.shape(0).rank(), "{} block sizes for shape {}", count,
        to_string(node.shape(0)));
  blocks.margins = node.integer_pairs(2, count);
  for (int64_t size : blocks.sizes) {
    const bool fits = size > 0 && !__builtin_mul_overflow(blocks.product, size, &blocks.product);
    check(fits && blocks.product < int64_t{1} << 31, "blocks of {} are too large", size);
  }
  return blocks;
}

}  // namespace

void infer(const SpaceToDepth& op, Inference& node) {
  node.expect(1, 1);
  node.expect_rank(0, 4);
  Shape s = node.shape(0);
  expect_blocks(s[1], op.block_size), expect_blocks(s[2], op.block_size);
  const int64_t b = op.block_size;
  check(!__builtin_mul_overflow(s[3], b * b, &s[3]), "blocks of {} are too large", b);
  s[1] /= b, s[2] /= b;
  node.set(0, s);
}

void infer(const DepthToSpace& op, Inference& node) {
  node.expect(1, 1);
  node.expect_rank(0, 4);
  Shape s = node.shape(0);
  const int64_t b = op.block_size;
  check(b > 0, "a block size of {}", b);
  expect_blocks(s[3], b * b);
  const bool overflow = __builtin_mul_overflow(s[1], b, &s[1]) || __builtin_mul_overflow(s[2], b, &s[2]);
  check(!overflow, "blocks of {} are too large", b);
  s[3] /= b * b;
  node.set(0, s);
}

void infer(const SpaceToBatch&, Inference& node) {
  const Blocks blocks = blocks_of(node);
  Shape s = node.shape(0);
  check(!__builtin_mul_overflow(s[0], blocks.product, &s[0]), "the blocks are too many");
  for (size_t i = 0; i < blocks.sizes.size(); ++i) {
    int64_t& extent = s[static_cast<int>(i) + 1];
    extent += blocks.margins[2 * i] + blocks.margins[2 * i + 1];
    expect_blocks(extent, blocks.sizes[i]);
    extent /= blocks.sizes[i];
  }
  node.set(0, s);
}

void infer(const BatchToSpace&, Inference& node) {
  const Blocks blocks = blocks_of(node);
  Shape s = node.shape(0);
  expect_blocks(s[0], blocks.product);
  s[0] /= blocks.product;
  for (size_t i = 0; i < blocks.sizes.size(); ++i) {
    int64_t& extent = s[static_cast<int>(i) + 1];
    const int64_t crops = blocks.margins[2 * i] + blocks.margins[2 * i + 1];
    const bool overflow = __builtin_mul_overflow(extent, blocks.sizes[i], &extent);
    check(!overflow && extent >= crops, "crops of {} leave nothing", crops);
    extent -= crops;
  }
  node.set(0, s);
}

}  // namespace teff
