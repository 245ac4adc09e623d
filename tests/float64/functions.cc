// Functions of one number or two, element by element.
#include "tests/float64/values.h"

namespace teff::float64 {
namespace {

template <class F>
Definition of_one(F f) {
  return [f](const Values& v) {
    Results results;
    for (int64_t i = 0; i < v.out().elements(); ++i) results.push_back(f(v.at(0, i)));
    return results;
  };
}

// A function of the C library, or one that float32 computes without an error.
Definition library(double (*f)(double), double ulps) {
  return of_one([=](double x) { return rounded(f(x), 0, 2 * ulps); });
}
Definition faultless(double (*f)(double)) {
  return of_one([=](double x) { return Exact(f(x)); });
}

Exact elu(double x) { return x < 0 ? rounded(std::expm1(x), 0, 2 * 2) : Exact(x); }

Exact hard_swish(double x) { return Exact(x) * clamp(Exact(x) + 3, 0, 6) / 6; }

Results leaky_relu(Values& v) {
  const auto alpha = static_cast<double>(std::get<LeakyRelu>(v.node().op).alpha);
  return of_one([=](double x) { return x < 0 ? Exact(x) * Exact(alpha) : Exact(x); })(v);
}

// x times the normal distribution function, by the complementary error function (4 units in the last place),
// or by the usual approximation.
Exact gelu_exact(double x) {
  const Exact normal =
      0.5 * monotone([](double t) { return std::erfc(t); }, -Exact(x) * constant(std::sqrt(0.5)), 4);
  return x * normal;
}
Exact gelu_by_tanh(double x) {
  const Exact cube = constant(0.044715) * x * x * x;
  return x * logistic(2 * (constant(std::sqrt(2 / 3.14159265358979323846)) * (x + cube)));
}
Results gelu(Values& v) {
  return of_one(std::get<Gelu>(v.node().op).approximate ? gelu_by_tanh : gelu_exact)(v);
}

// --- two operands ---

template <class F>
Results of_two(const Values& v, F f) {
  Results results;
  for (int64_t i = 0; i < v.out().elements(); ++i)
    results.push_back(f(v.at(0, broadcast_index(v.out(), v.shape(0), i)),
                        v.at(1, broadcast_index(v.out(), v.shape(1), i))));
  return results;
}

Definition binary(Exact (*f)(double, double)) {
  return [f](const Values& v) {
    const Activation activation = std::get<Binary>(v.node().op).activation;
    return of_two(v, [&](double a, double b) { return activated(activation, f(a, b)); });
  };
}

Exact squared_difference(double a, double b) {
  const Exact difference = Exact(a) - b;
  return difference * difference;
}

// The rest of a division is exact; it is moved to the divisor's side of 0 by one sum.
Exact floor_mod(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? Exact(rest) + b : Exact(rest);
}

Results prelu(const Values& v) {
  return of_two(v, [](double x, double slope) { return x < 0 ? Exact(x) * slope : Exact(x); });
}

Results add_n(const Values& v) {
  Results results;
  for (int64_t i = 0; i < v.out().elements(); ++i) {
    Sum sum;
    for (int k = 0; v.has(k); ++k) sum.add(v.at(k, i));
    results.push_back(sum.exact());
  }
  return results;
}

std::vector<Named> of_one_number() {
  return {
      {"ABS", faultless([](double x) { return std::abs(x); })},
      {"CEIL", faultless([](double x) { return std::ceil(x); })},
      {"FLOOR", faultless([](double x) { return std::floor(x); })},
      {"NEG", faultless([](double x) { return -x; })},
      {"ROUND", faultless([](double x) { return std::nearbyint(x); })},  // ties to even
      {"SIGN", faultless([](double x) { return static_cast<double>((x > 0) - (x < 0)); })},
      {"RELU", faultless([](double x) { return std::max(x, 0.0); })},
      {"RELU6", faultless([](double x) { return std::clamp(x, 0.0, 6.0); })},
      {"RELU_N1_TO_1", faultless([](double x) { return std::clamp(x, -1.0, 1.0); })},
      {"RELU_0_TO_1", faultless([](double x) { return std::clamp(x, 0.0, 1.0); })},
      {"COS", library([](double x) { return std::cos(x); }, 1)},
      {"SIN", library([](double x) { return std::sin(x); }, 1)},
      {"EXP", library([](double x) { return std::exp(x); }, 1)},
      {"LOG", library([](double x) { return std::log(x); }, 1)},
      {"TANH", library([](double x) { return std::tanh(x); }, 2)},
      {"SQRT", of_one([](double x) { return sqrt(x); })},
      {"RSQRT", of_one([](double x) { return 1 / sqrt(x); })},
      {"SQUARE", of_one([](double x) { return Exact(x) * Exact(x); })},
      {"LOGISTIC", of_one([](double x) { return logistic(x); })},
      {"ELU", of_one(elu)},
      {"HARD_SWISH", of_one(hard_swish)},
      {"LEAKY_RELU", leaky_relu},
      {"GELU", gelu},
  };
}

std::vector<Named> of_two_numbers() {
  return {
      {"ADD", binary([](double a, double b) { return Exact(a) + b; })},
      {"SUB", binary([](double a, double b) { return Exact(a) - b; })},
      {"MUL", binary([](double a, double b) { return Exact(a) * b; })},
      {"DIV", binary([](double a, double b) { return Exact(a) / b; })},
      {"MAXIMUM", binary([](double a, double b) { return Exact(std::max(a, b)); })},
      {"MINIMUM", binary([](double a, double b) { return Exact(std::min(a, b)); })},
      {"SQUARED_DIFFERENCE", binary(squared_difference)},
      {"FLOOR_DIV", binary([](double a, double b) { return rounded(std::floor(a / b), 0); })},
      {"FLOOR_MOD", binary(floor_mod)},
      {"POW", binary([](double a, double b) { return rounded(std::pow(a, b), 0, 2 * 1); })},
      {"ATAN2", binary([](double a, double b) { return rounded(std::atan2(a, b), 0, 2 * 2); })},
      {"PRELU", prelu},
      {"ADD_N", add_n},
  };
}

}  // namespace

std::vector<Named> functions() {
  std::vector<Named> all = of_one_number();
  for (Named& named : of_two_numbers()) all.push_back(std::move(named));
  return all;
}

}  // namespace teff::float64
