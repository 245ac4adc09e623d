#include "plan/copy.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace teff {
namespace {

using Axis = Box::Axis;

// From here on the order is that in which the destination lies, outermost first, and no two neighbouring axes
// could be one.
void merge_axes(std::vector<Axis>& axes) {
  std::erase_if(axes, [](const Axis& a) { return a.extent == 1; });
  std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) {
    return std::pair(std::abs(a.to), a.from) > std::pair(std::abs(b.to), b.from);
  });
  std::vector<Axis> merged;
  for (const Axis& inner : axes) {
    const bool one = !merged.empty() && merged.back().from == inner.from * inner.extent &&
                     merged.back().to == inner.to * inner.extent;
    if (one)
      merged.back() = {merged.back().extent * inner.extent, inner.from, inner.to};
    else
      merged.push_back(inner);
  }
  axes = std::move(merged);
}

// Two neighbouring elements that travel together are one of twice the size, if all other distances are even.
bool pair_up(Box& box) {
  const auto even = [](const Axis& a) { return a.from % 2 == 0 && a.to % 2 == 0; };
  if (box.axes.empty() || box.from_offset % 2 != 0 || box.to_offset % 2 != 0) return false;
  Axis& inner = box.axes.back();
  if (inner.from != 1 || inner.to != 1 || inner.extent % 2 != 0) return false;
  if (!std::all_of(box.axes.begin(), box.axes.end() - 1, even)) return false;
  inner.extent /= 2;
  for (Axis& a : box.axes)
    if (&a != &inner) a.from /= 2, a.to /= 2;
  box.from_offset /= 2, box.to_offset /= 2;
  if (inner.extent == 1) box.axes.pop_back();
  return true;
}

// Columns are the innermost axis of the destination. Where that one strides through the source, rows are the
// axis along which the source is densest, so that the tile's squares are dense on both sides.
void choose_rows(std::vector<Axis>& axes) {
  while (axes.size() < 2) axes.insert(axes.begin(), Axis{});
  if (std::abs(axes.back().from) <= 1) return;
  const auto distance = [](const Axis& a) {
    return a.from == 0 ? std::numeric_limits<int64_t>::max() : std::abs(a.from);
  };
  const auto columns = axes.end() - 1;
  const auto densest = std::min_element(
      axes.begin(), columns, [&](const Axis& a, const Axis& b) { return distance(a) < distance(b); });
  std::rotate(densest, densest + 1, columns);
}

int32_t narrow(int64_t n) {
  check(n >= std::numeric_limits<int32_t>::min() && n <= std::numeric_limits<int32_t>::max(),
        "{} elements are too many to be moved", n);
  return static_cast<int32_t>(n);
}

}  // namespace

Box box_of(const Shape& extents, const Shape& from, const Shape& to) {
  const auto from_strides = strides_of(from), to_strides = strides_of(to);
  Box box;
  for (int a = 0; a < extents.rank(); ++a)
    box.axes.push_back(
        {extents[a], from_strides[static_cast<size_t>(a)], to_strides[static_cast<size_t>(a)]});
  return box;
}

Box fill_box(const Shape& extents, const Shape& to) {
  Box box = box_of(extents, extents, to);
  for (Axis& axis : box.axes) axis.from = 0;
  return box;
}

teff_copy_params copy_params(Type type, Box box, bool widen) {
  const int bits = bits_of(type);
  check(bits >= 8, "elements of type {} cannot be moved one by one: only types of whole bytes can be",
        name_of(type));
  teff_copy_params p{};
  p.element = bits / 8;
  merge_axes(box.axes);
  while (widen && p.element < 8 && pair_up(box)) p.element *= 2;
  choose_rows(box.axes);
  p.from_offset = narrow(box.from_offset), p.to_offset = narrow(box.to_offset);
  const Axis columns = box.axes.back(), rows = box.axes[box.axes.size() - 2];
  p.rows = narrow(rows.extent), p.row_from = narrow(rows.from), p.row_to = narrow(rows.to);
  p.columns = narrow(columns.extent), p.col_from = narrow(columns.from), p.col_to = narrow(columns.to);
  p.outer = static_cast<int32_t>(box.axes.size()) - 2;
  check(p.outer <= TEFF_COPY_OUTER, "{} axes are too many to be moved at once", box.axes.size());
  for (size_t a = 0; a < static_cast<size_t>(p.outer); ++a) {
    p.extent[a] = narrow(box.axes[a].extent);
    p.from[a] = narrow(box.axes[a].from), p.to[a] = narrow(box.axes[a].to);
  }
  return p;
}

int64_t copy_units(const teff_copy_params& p) {
  int64_t units = p.rows;
  for (int a = 0; a < p.outer; ++a) units *= p.extent[a];
  return units;
}

double copy_unit_cost(const teff_copy_params& p) {
  constexpr double kBytesPerOperation = 16;  // of a run that is copied whole
  const bool run = p.col_to == 1 && (p.col_from == 1 || p.col_from == 0);
  return run ? 4 + p.columns * p.element / kBytesPerOperation : p.columns;
}

void add_copy(Lowering& node, Type type, const Box& box, Operand from, Operand to) {
  for (const Axis& a : box.axes)
    if (a.extent == 0) return;
  const teff_copy_params p = copy_params(type, box);
  node.step(KERNEL_ID(copy), p, copy_units(p), copy_unit_cost(p), from, to);
}

}  // namespace teff
