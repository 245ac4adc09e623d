#include "graph/densify.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/view.h"

namespace teff {
namespace {

// A few bytes may claim to be a tensor of any size.
constexpr int64_t kMostBytes = int64_t{1} << 28;

// A tensor of n axes, k of them cut into blocks, is stored as a tree of n + k levels. Level l runs over axis
// traversal_order[l]: below n an axis of the tensor (counted in blocks, if it has them), from n on the inside
// of the blocks of axis block_map[traversal_order[l] - n]. A dense level has all its positions, a compressed
// one those that `segments` and `indices` list. The leaves are the values, in order.
class Densifier {
 public:
  Densifier(const Tensor& tensor, const SparseLayout& layout)
      : tensor_(tensor), layout_(layout), rank_(tensor.shape.rank()) {
    check_order();
    measure_blocks();
    measure_levels();
  }

  Bytes run() {
    const int64_t bytes = tensor_.shape.elements() * element_;
    check(bytes <= kMostBytes, "the sparse constant would take {} bytes (at most {} are supported)", bytes,
          kMostBytes);
    dense_.resize(static_cast<size_t>(bytes));
    if (!dense_.empty()) descend(0, 0, 0);
    return Bytes::own(std::move(dense_));
  }

 private:
  struct Level {
    int64_t extent = 0, stride = 0;  // the stride in the dense tensor, in elements
  };

  void check_order() {
    const auto& order = layout_.traversal_order;
    const size_t levels = order.size(), blocks = layout_.block_map.size();
    check(bits_of(tensor_.type) >= 8, "a sparse constant of type {}", name_of(tensor_.type));
    element_ = bits_of(tensor_.type) / 8;
    check(levels == static_cast<size_t>(rank_) + blocks && blocks <= static_cast<size_t>(rank_) &&
              layout_.dimensions.size() == levels,
          "a sparse constant of {} axes has {} levels, {} dimensions and {} blocks", rank_, levels,
          layout_.dimensions.size(), blocks);
    level_of_.fill(-1);
    for (size_t l = 0; l < levels; ++l) {
      check(order[l] >= 0 && static_cast<size_t>(order[l]) < levels, "level {} runs over axis {}", l,
            order[l]);
      int& level = level_of_[static_cast<size_t>(order[l])];
      check(level < 0, "two levels run over axis {}", order[l]);
      level = static_cast<int>(l);
    }
  }

  void measure_blocks() {
    block_.fill(1);
    for (size_t b = 0; b < layout_.block_map.size(); ++b) {
      const int32_t axis = layout_.block_map[b];
      check(axis >= 0 && axis < rank_ && block_[static_cast<size_t>(axis)] == 1, "blocks of axis {}", axis);
      const auto& inside = layout_.dimensions[static_cast<size_t>(level_of_[static_cast<size_t>(rank_) + b])];
      check(!inside.compressed && inside.dense_size > 0 && tensor_.shape[axis] % inside.dense_size == 0,
            "axis {} of {} cannot be cut into blocks of {}", axis, tensor_.shape[axis], inside.dense_size);
      block_[static_cast<size_t>(axis)] = inside.dense_size;
    }
  }

  void measure_levels() {
    const auto strides = strides_of(tensor_.shape);
    for (size_t l = 0; l < layout_.traversal_order.size(); ++l) {
      const auto over = static_cast<size_t>(layout_.traversal_order[l]);
      const bool inside = over >= static_cast<size_t>(rank_);
      const size_t axis =
          inside ? static_cast<size_t>(layout_.block_map[over - static_cast<size_t>(rank_)]) : over;
      const int64_t extent = tensor_.shape[static_cast<int>(axis)];
      levels_.push_back(inside ? Level{block_[axis], strides[axis]}
                               : Level{extent / block_[axis], strides[axis] * block_[axis]});
      const auto& stored = layout_.dimensions[l];
      check(stored.compressed || stored.dense_size == levels_[l].extent,
            "level {} has {} positions where the shape gives {}", l, stored.dense_size, levels_[l].extent);
    }
  }

  // `node` counts the nodes of the level above from the left, `offset` is where this one's part starts.
  void descend(size_t level, int64_t node, int64_t offset) {
    if (level == levels_.size()) return put(offset);
    const auto& stored = layout_.dimensions[level];
    const auto [extent, stride] = levels_[level];
    if (!stored.compressed) {
      for (int64_t i = 0; i < extent; ++i) descend(level + 1, node * extent + i, offset + i * stride);
      return;
    }
    check(node + 1 < static_cast<int64_t>(stored.segments.size()), "level {} has too few segments", level);
    const int32_t begin = stored.segments[static_cast<size_t>(node)];
    const int32_t end = stored.segments[static_cast<size_t>(node) + 1];
    check(begin >= 0 && begin <= end && static_cast<size_t>(end) <= stored.indices.size(),
          "level {} has a segment from {} to {} of {} indices", level, begin, end, stored.indices.size());
    for (int32_t i = begin; i < end; ++i) {
      const int32_t index = stored.indices[static_cast<size_t>(i)];
      check(index >= 0 && index < extent, "level {} has index {} of {}", level, index, extent);
      descend(level + 1, i, offset + index * stride);
    }
  }

  void put(int64_t offset) {
    const auto size = static_cast<size_t>(element_);
    check(taken_ + size <= tensor_.data.size(), "the sparse constant has too few values");
    std::memcpy(dense_.data() + offset * element_, tensor_.data.data() + taken_, size);
    taken_ += size;
  }

  const Tensor& tensor_;
  const SparseLayout& layout_;
  int rank_;
  int64_t element_ = 1;
  std::array<int, 2 * kMaxRank> level_of_{};
  std::array<int64_t, kMaxRank> block_{};
  std::vector<Level> levels_;
  size_t taken_ = 0;  // bytes of values placed so far
  std::vector<std::byte> dense_;
};

}  // namespace

Bytes densify(const Tensor& tensor) {
  check(tensor.is_constant(), "'{}' is to be made dense, but is not a constant", tensor.name);
  return tensor.sparse ? Densifier(tensor, *tensor.sparse).run() : tensor.data;
}

}  // namespace teff
