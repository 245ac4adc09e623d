// What runs along axes: softmax, norms, reductions, running sums.
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

// --- rows along the last axis ---

using Row = std::vector<double>;

template <class Of>
Results each_row(const Values& v, Of of) {
  const int64_t depth = v.shape(0).back();
  Results results;
  for (int64_t start = 0; depth > 0 && start < v.shape(0).elements(); start += depth) {
    Row x;
    for (int64_t i = 0; i < depth; ++i) x.push_back(v.at(0, start + i));
    for (const Exact& e : of(x)) results.push_back(e);
  }
  return results;
}

Results softmax(const Values& v) {
  const double beta = static_cast<double>(std::get<Softmax>(v.node().op).beta);
  return each_row(v, [&](const Row& x) {
    const double most = *std::ranges::max_element(x);
    Results row;
    Sum sum;
    for (double e : x) row.push_back(exp((Exact(e) - most) * beta)), sum.add(row.back());
    for (Exact& e : row) e = e / sum.exact();
    return row;
  });
}

Results log_softmax(const Values& v) {
  return each_row(v, [](const Row& x) {
    const double most = *std::ranges::max_element(x);
    Sum sum;
    for (double e : x) sum.add(exp(Exact(e) - most));
    const Exact log_sum = log(sum.exact());
    Results row;
    for (double e : x) row.push_back(Exact(e) - most - log_sum);
    return row;
  });
}

Results l2_normalization(const Values& v) {
  return each_row(v, [](const Row& x) {
    Sum squares;
    for (double e : x) squares.add(Exact(e) * Exact(e));
    const Exact length = max(sqrt(squares.exact()), constant(1e-6));
    Results row;
    for (double e : x) row.push_back(Exact(e) / length);
    return row;
  });
}

// --- reductions ---

// What each result gathers, in the order of memory.
std::vector<Row> gathered(const Values& v) {
  const Shape& in = v.shape(0);
  std::vector<bool> reduced(static_cast<size_t>(in.rank()), false);
  for (int64_t i = 0; i < v.shape(1).elements(); ++i) {
    const auto axis = static_cast<int>(v.at(1, i));
    reduced[static_cast<size_t>(axis < 0 ? axis + in.rank() : axis)] = true;
  }
  std::vector<Row> groups(static_cast<size_t>(v.out().elements()));
  for (int64_t i = 0; i < in.elements(); ++i) {
    int64_t rest = i, to = 0, stride = 1;
    for (int axis = in.rank() - 1; axis >= 0; --axis) {
      if (!reduced[static_cast<size_t>(axis)]) to += rest % in[axis] * stride, stride *= in[axis];
      rest /= in[axis];
    }
    groups[static_cast<size_t>(to)].push_back(v.at(0, i));
  }
  return groups;
}

template <class Of>
Definition reduction(Of of) {
  return [of](const Values& v) {
    Results results;
    for (const Row& group : gathered(v)) results.push_back(of(group));
    return results;
  };
}

Exact sum_of(const Row& group) {
  Sum sum;
  for (double x : group) sum.add(x);
  return sum.exact();
}

// The mean of nothing is 0 here.
Exact mean_of(const Row& group) {
  return group.empty() ? Exact(0) : sum_of(group) / static_cast<double>(group.size());
}

Exact product_of(const Row& group) {
  Exact product = 1;
  for (double x : group) product = product * Exact(x);
  return product;
}

Exact greatest_of(const Row& group) { return group.empty() ? -kLargest : *std::ranges::max_element(group); }
Exact least_of(const Row& group) { return group.empty() ? kLargest : *std::ranges::min_element(group); }

// --- running sums ---

Results cumsum(const Values& v) {
  const auto& op = std::get<CumSum>(v.node().op);
  const Shape& in = v.shape(0);
  auto axis = static_cast<int>(v.at(1, 0));
  if (axis < 0) axis += in.rank();
  int64_t inner = 1;
  for (int i = axis + 1; i < in.rank(); ++i) inner *= in[i];
  Results results(static_cast<size_t>(in.elements()));
  for (int64_t line = 0; in.elements() > 0 && line < in.elements() / in[axis]; ++line) {
    Sum sum;
    for (int64_t i = 0; i < in[axis]; ++i) {
      const int64_t place = op.reverse ? in[axis] - 1 - i : i;
      const int64_t at = (line / inner * in[axis] + place) * inner + line % inner;
      const Exact before = sum.exact();
      sum.add(v.at(0, at));
      results[static_cast<size_t>(at)] = op.exclusive ? before : sum.exact();
    }
  }
  return results;
}

}  // namespace

std::vector<Named> axes() {
  return {
      {"SOFTMAX", softmax},
      {"LOG_SOFTMAX", log_softmax},
      {"L2_NORMALIZATION", l2_normalization},
      {"MEAN", reduction(mean_of)},
      {"SUM", reduction(sum_of)},
      {"REDUCE_PROD", reduction(product_of)},
      {"REDUCE_MAX", reduction(greatest_of)},
      {"REDUCE_MIN", reduction(least_of)},
      {"CUMSUM", cumsum},
  };
}

}  // namespace teff::float64
