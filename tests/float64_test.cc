// Float operators against their definitions in float64, on the random cases of tests/conformance.
//
// A sum of n products in float32, in any order, is off by at most about n * 2^-24 of the sum of the products'
// magnitudes; the definition gives both sums, so every result is held against a bound of its own. Functions
// are held against a few units in the last place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "graph/infer.h"
#include "run/compile.h"
#include "run/instance.h"
#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

constexpr double kUnit = 0x1p-24;  // half the distance from 1 to the next float32

// A result with the error that float32 may make in it.
struct Exact {
  double value = 0, bound = 0;
};

// The sum of products and what bounds its error.
struct Sum {
  double value = 0, magnitude = 0;
  int terms = 0;
  void add(double product) { value += product, magnitude += std::abs(product), ++terms; }
  Exact exact(double factor = 1) const {
    return {value * factor, (terms + 3) * kUnit * magnitude * std::abs(factor) + 1e-37};
  }
};

// A case's tensors as float64.
class Values {
 public:
  Values(const Case& c) : graph_(c.model.main()) {
    values_.resize(graph_.tensors.size());
    for (size_t id = 0; id < graph_.tensors.size(); ++id)
      if (graph_.tensors[id].is_constant()) read(id, graph_.tensors[id].data);
    for (size_t i = 0; i < graph_.inputs.size(); ++i)
      read(static_cast<size_t>(graph_.inputs[i]), c.inputs[i]);
  }
  const Node& node() const { return graph_.nodes[0]; }
  bool has(size_t i) const { return i < node().inputs.size() && node().inputs[i] != kNoTensor; }
  const Shape& shape(size_t i) const { return graph_.tensor(node().inputs[i]).shape; }
  const Shape& out() const { return graph_.tensor(node().outputs[0]).shape; }
  double at(size_t i, int64_t index) const {
    return values_[static_cast<size_t>(node().inputs[i])][static_cast<size_t>(index)];
  }
  bool all_float() const {
    for (TensorId id : node().inputs)
      if (id != kNoTensor && graph_.tensor(id).type != Type::f32 && graph_.tensor(id).type != Type::s32)
        return false;
    return graph_.tensor(node().outputs[0]).type == Type::f32 &&
           graph_.tensor(node().inputs[0]).type == Type::f32;
  }

 private:
  void read(size_t id, const Bytes& bytes) {
    if (graph_.tensors[id].type == Type::f32)
      for (float v : bytes.as<float>()) values_[id].push_back(static_cast<double>(v));
    if (graph_.tensors[id].type == Type::s32)
      for (int32_t v : bytes.as<int32_t>()) values_[id].push_back(v);
  }
  const Graph& graph_;
  std::vector<std::vector<double>> values_;
};

using Definition = std::function<std::vector<Exact>(const Values&)>;

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::relu: return std::max(x, 0.0);
    case Activation::relu6: return std::clamp(x, 0.0, 6.0);
    case Activation::relu_n1_to_1: return std::clamp(x, -1.0, 1.0);
    default: return x;
  }
}

Exact activated(Activation activation, Exact e) { return {activated(activation, e.value), e.bound}; }

// --- windows ---

// Calls visit(y, x, ky, kx) for the input pixels under the window of each output pixel.
template <class Op, class Visit>
void under_window(const Op& op, const Shape& in, const Shape& w, int64_t oy, int64_t ox, Visit visit) {
  const WindowAxis rows =
      window_axis(in[1], w[1], op.stride_h, op.dilation_h, op.padding, op.pads.top, op.pads.bottom);
  const WindowAxis columns =
      window_axis(in[2], w[2], op.stride_w, op.dilation_w, op.padding, op.pads.left, op.pads.right);
  for (int64_t ky = 0; ky < w[1]; ++ky)
    for (int64_t kx = 0; kx < w[2]; ++kx) {
      const int64_t y = oy * op.stride_h - rows.pad_before + ky * op.dilation_h;
      const int64_t x = ox * op.stride_w - columns.pad_before + kx * op.dilation_w;
      if (y >= 0 && y < in[1] && x >= 0 && x < in[2]) visit(y, x, ky, kx);
    }
}

int64_t pixel(const Shape& s, int64_t n, int64_t y, int64_t x, int64_t c) {
  return ((n * s[1] + y) * s[2] + x) * s[3] + c;
}

// For each element of an NHWC result.
template <class Element>
std::vector<Exact> each_pixel(const Shape& out, Element element) {
  std::vector<Exact> results;
  for (int64_t n = 0; n < out[0]; ++n)
    for (int64_t y = 0; y < out[1]; ++y)
      for (int64_t x = 0; x < out[2]; ++x)
        for (int64_t c = 0; c < out[3]; ++c) results.push_back(element(n, y, x, c));
  return results;
}

std::vector<Exact> convolution(const Values& v) {
  const auto& op = std::get<Conv2D>(v.node().op);
  const Shape &in = v.shape(0), &w = v.shape(1), &out = v.out();
  const int64_t group = w[3] > 0 ? out[3] / std::max<int64_t>(in[3] / w[3], 1) : 1;
  return each_pixel(out, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
    Sum sum;
    under_window(op, in, w, y, x, [&](int64_t iy, int64_t ix, int64_t ky, int64_t kx) {
      for (int64_t i = 0; i < w[3]; ++i)
        sum.add(v.at(0, pixel(in, n, iy, ix, c / group * w[3] + i)) * v.at(1, pixel(w, c, ky, kx, i)));
    });
    if (v.has(2)) sum.add(v.at(2, c));
    return activated(op.activation, sum.exact());
  });
}

std::vector<Exact> depthwise(const Values& v) {
  const auto& op = std::get<DepthwiseConv2D>(v.node().op);
  const Shape &in = v.shape(0), &w = v.shape(1), &out = v.out();
  const int64_t multiplier = in[3] > 0 ? out[3] / in[3] : 1;
  return each_pixel(out, [&](int64_t n, int64_t y, int64_t x, int64_t c) {
    Sum sum;
    under_window(op, in, w, y, x, [&](int64_t iy, int64_t ix, int64_t ky, int64_t kx) {
      sum.add(v.at(0, pixel(in, n, iy, ix, c / multiplier)) * v.at(1, pixel(w, 0, ky, kx, c)));
    });
    if (v.has(2)) sum.add(v.at(2, c));
    return activated(op.activation, sum.exact());
  });
}

// --- matrices ---

std::vector<Exact> fully_connected(const Values& v) {
  const auto& op = std::get<FullyConnected>(v.node().op);
  const int64_t outputs = v.shape(1)[0], inputs = v.shape(1)[1];
  std::vector<Exact> results;
  for (int64_t i = 0; i < v.out().elements(); ++i) {
    Sum sum;
    for (int64_t k = 0; k < inputs; ++k)
      sum.add(v.at(0, i / outputs * inputs + k) * v.at(1, i % outputs * inputs + k));
    if (v.has(2)) sum.add(v.at(2, i % outputs));
    results.push_back(activated(op.activation, sum.exact()));
  }
  return results;
}

// Index of matrix number `batch` of the result in an operand whose leading extents broadcast.
int64_t broadcast_batch(const Shape& out, const Shape& operand, int64_t batch) {
  int64_t index = 0, stride = 1;
  for (int axis = out.rank() - 3; axis >= 0; --axis) {
    const int own = axis - (out.rank() - operand.rank());
    const int64_t extent = own < 0 ? 1 : operand[own];
    index += (extent == 1 ? 0 : batch % out[axis]) * stride;
    stride *= extent, batch /= out[axis];
  }
  return index;
}

std::vector<Exact> batch_matmul(const Values& v) {
  const auto& op = std::get<BatchMatMul>(v.node().op);
  const Shape &a = v.shape(0), &b = v.shape(1), &out = v.out();
  const int64_t m = out[out.rank() - 2], n = out.back();
  const int64_t k = op.adj_x ? a[a.rank() - 2] : a.back();
  std::vector<Exact> results;
  for (int64_t i = 0; i < out.elements(); ++i) {
    const int64_t batch = i / (m * n), row = i / n % m, column = i % n;
    const int64_t a0 = broadcast_batch(out, a, batch) * m * k, b0 = broadcast_batch(out, b, batch) * k * n;
    Sum sum;
    for (int64_t j = 0; j < k; ++j)
      sum.add(v.at(0, a0 + (op.adj_x ? j * m + row : row * k + j)) *
              v.at(1, b0 + (op.adj_y ? column * k + j : j * n + column)));
    results.push_back(sum.exact());
  }
  return results;
}

// --- rows ---

// For rows along the last axis.
template <class Row>
std::vector<Exact> each_row(const Values& v, Row row) {
  const int64_t depth = v.shape(0).back();
  std::vector<Exact> results;
  for (int64_t start = 0; depth > 0 && start < v.shape(0).elements(); start += depth) {
    std::vector<double> x;
    for (int64_t i = 0; i < depth; ++i) x.push_back(v.at(0, start + i));
    for (const Exact& e : row(x)) results.push_back(e);
  }
  return results;
}

// The exponent's own rounding is magnified by its size.
std::vector<Exact> softmax_row(const std::vector<double>& x, double beta) {
  const double most = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (double v : x) sum += std::exp((v - most) * beta);
  std::vector<Exact> row;
  for (double v : x) {
    const double y = std::exp((v - most) * beta) / sum;
    const double exponent = std::abs(v - most) * beta + (std::abs(v) + std::abs(most)) * beta;
    row.push_back({y, y * kUnit * (2 * exponent + static_cast<double>(x.size()) + 8) + 1e-37});
  }
  return row;
}

std::vector<Exact> softmax(const Values& v) {
  const double beta = static_cast<double>(std::get<Softmax>(v.node().op).beta);
  return each_row(v, [&](const std::vector<double>& x) { return softmax_row(x, beta); });
}

std::vector<Exact> log_softmax(const Values& v) {
  return each_row(v, [](const std::vector<double>& x) {
    const double most = *std::max_element(x.begin(), x.end());
    double sum = 0;
    for (double e : x) sum += std::exp(e - most);
    std::vector<Exact> row;
    for (double e : x)
      row.push_back({e - most - std::log(sum), kUnit * (4 * (std::abs(e) + std::abs(most) + std::log(sum)) +
                                                        static_cast<double>(x.size()) + 8)});
    return row;
  });
}

std::vector<Exact> l2_normalization(const Values& v) {
  return each_row(v, [](const std::vector<double>& x) {
    Sum squares;
    for (double e : x) squares.add(e * e);
    std::vector<Exact> row;
    for (double e : x) {
      const double y = e / std::max(std::sqrt(squares.value), 1e-6);
      row.push_back({y, std::abs(y) * kUnit * (squares.terms + 8) + 1e-37});
    }
    return row;
  });
}

// --- functions ---

// Results within `units` units in the last place, plus what cancels around `offset`.
Definition unary(double (*f)(double), double units = 4) {
  return [=](const Values& v) {
    std::vector<Exact> results;
    for (int64_t i = 0; i < v.out().elements(); ++i) {
      const double y = f(v.at(0, i));
      results.push_back({y, std::abs(y) * units * 2 * kUnit + 1e-37});
    }
    return results;
  };
}

struct Named {
  const char* op;
  Definition definition;
};

const Named kDefinitions[] = {
    {"CONV_2D", convolution},
    {"DEPTHWISE_CONV_2D", depthwise},
    {"FULLY_CONNECTED", fully_connected},
    {"BATCH_MATMUL", batch_matmul},
    {"SOFTMAX", softmax},
    {"LOG_SOFTMAX", log_softmax},
    {"L2_NORMALIZATION", l2_normalization},
    {"EXP", unary([](double x) { return std::exp(x); })},
    {"LOG", unary([](double x) { return std::log(x); })},
    {"SIN", unary([](double x) { return std::sin(x); })},
    {"COS", unary([](double x) { return std::cos(x); })},
    {"SQRT", unary([](double x) { return std::sqrt(x); })},
    {"RSQRT", unary([](double x) { return 1 / std::sqrt(x); })},
    {"SQUARE", unary([](double x) { return x * x; })},
    {"LOGISTIC", unary([](double x) { return 1 / (1 + std::exp(-x)); }, 8)},
    {"TANH", unary([](double x) { return std::tanh(x); })},
    {"ELU", unary([](double x) { return x < 0 ? std::expm1(x) : x; })},
    {"HARD_SWISH", unary([](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }, 8)},
};

std::vector<float> run(const Case& c) {
  Instance instance(compile(c.model), 1);
  for (size_t i = 0; i < c.inputs.size(); ++i)
    if (c.inputs[i].size() > 0)
      std::memcpy(instance.input(static_cast<int>(i)).bytes.data(), c.inputs[i].data(), c.inputs[i].size());
  instance.run();
  const auto y = instance.output(0).as<float>();
  return {y.begin(), y.end()};
}

// The worst error in units of its bound; NaN and infinities have to agree.
double worst_excess(const std::vector<float>& got, const std::vector<Exact>& wanted) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double y = static_cast<double>(got[i]);
    if (std::isnan(y) && std::isnan(wanted[i].value)) continue;
    if (y == wanted[i].value || (std::isinf(y) && std::abs(wanted[i].value) > 3.4e38)) continue;
    worst = std::max(worst, std::abs(y - wanted[i].value) / wanted[i].bound);
  }
  return worst;
}

class Float64Test : public testing::TestWithParam<Named> {};

TEST_P(Float64Test, ResultsAreWithinTheBoundOfFloat32) {
  const Registry::Entry* entry = registry().find(GetParam().op);
  ASSERT_TRUE(entry);
  int compared = 0;
  for (int index = 0; index < 400 && compared < 100; ++index) {
    const Case c = make_case(*entry, 64, index);
    const Values values(c);
    if (!values.all_float() || c.calls != 1) continue;
    const auto got = run(c);
    const auto wanted = GetParam().definition(values);
    ASSERT_EQ(got.size(), wanted.size()) << "case " << index;
    EXPECT_LE(worst_excess(got, wanted), 1) << "case " << index;
    ++compared;
  }
  EXPECT_GE(compared, 40) << "too few cases are of floats";
}

INSTANTIATE_TEST_SUITE_P(Operators, Float64Test, testing::ValuesIn(kDefinitions),
                         [](const auto& info) { return std::string(info.param.op); });

}  // namespace
}  // namespace teff::conformance
