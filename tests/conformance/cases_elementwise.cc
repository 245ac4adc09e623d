#include <algorithm>
#include <cmath>

#include "graph/op_table.h"
#include "tests/conformance/case.h"

namespace teff::conformance {
namespace {

using Types = std::vector<Type>;

// --- one operand ---

struct UnaryCase {
  const char* name;
  Types types;
  Values reals;         // where the function is defined, and not astronomical
  double scale = 0;     // of a quantized result; 0: any
  int64_t zero_s8 = 0;  // of an int8 result with that scale
};

const UnaryCase kUnary[] = {
    {"ABS", {Type::f32, Type::s8, Type::s16, Type::s32}},
    {"CEIL", {Type::f32}},
    {"COS", {Type::f32}},
    {"ELU", {Type::f32, Type::s8}},
    {"EXP", {Type::f32, Type::s8, Type::s16}, {-20, 20}},
    {"FLOOR", {Type::f32}},
    {"HARD_SWISH", {Type::f32, Type::s8}},
    {"LOG", {Type::f32, Type::s8, Type::s16}, {1e-6, 100}},
    {"LOGICAL_NOT", {Type::boolean}},
    {"LOGISTIC", {Type::f32, Type::s8, Type::s16}, {}, 1.0 / 256, -128},
    {"NEG", {Type::f32, Type::s32, Type::s64}},
    {"RELU", {Type::f32, Type::s8, Type::s16}},
    {"RELU6", {Type::f32, Type::s8, Type::s16}},
    {"RELU_N1_TO_1", {Type::f32, Type::s8}},
    {"RELU_0_TO_1", {Type::f32, Type::s8}},
    {"ROUND", {Type::f32}},
    {"SIGN", {Type::f32, Type::s32}},
    {"SIN", {Type::f32}},
    {"SQRT", {Type::f32}, {0, 100}},
    {"SQUARE", {Type::f32}},
    {"TANH", {Type::f32, Type::s8, Type::s16}, {}, 1.0 / 128, 0},
    {"ZEROS_LIKE", {Type::f32, Type::s8, Type::s32, Type::s64}},
};

// Of a result without a scale of its own: near the input's, or any.
Quant result_quant(CaseBuilder& c, const UnaryCase& u, Type type, const Quant& x) {
  Quant any = c.quant(type);
  if (u.scale == 0 && c.chance(0.7)) any.scales[0] = x.scale() * c.real(0.3, 3);
  if (u.scale == 0) return any;
  return type == Type::s8 ? CaseBuilder::scaled(u.scale, u.zero_s8) : CaseBuilder::scaled(1.0 / 32768);
}

void unary(CaseBuilder& c, const UnaryCase& u) {
  const Type type = c.random.pick(u.types);
  const bool quantized = type == Type::s8 || type == Type::s16;
  const Quant quant = quantized ? c.quant(type) : Quant{};
  const TensorId x = c.input(type, c.shape(0, 6), quant, is_float(type) ? u.reals : Values{});
  c.node(find_op(u.name)->prototype, {x},
         {c.output(type, quantized ? result_quant(c, u, type, quant) : Quant{})});
}

// Stored values from the zero point on: no root of a negative number.
void rsqrt(CaseBuilder& c) {
  if (c.chance(0.4)) return unary(c, {"RSQRT", {Type::f32}, {1e-4, 100}});
  const Type type = c.random.pick({Type::s8, Type::s16});
  Quant quant = c.quant(type);
  if (type == Type::s8) quant.zeros[0] = c.integer(-128, 100);
  const double zero = quant.zero();
  const TensorId x = c.input(type, c.shape(1, 4), quant, {zero + 1, type == Type::s8 ? 127 : 32767});
  Quant result = c.quant(type);
  result.scales[0] = static_cast<float>(1 / std::sqrt(quant.scale()) / 100 * c.real(0.1, 3));
  c.node(Unary{UnaryKind::rsqrt}, {x}, {c.output(type, result)});
}

Type quantized_or_float(CaseBuilder& c) { return c.random.pick({Type::f32, Type::s8, Type::s16}); }

void leaky_relu(CaseBuilder& c) {
  const Type type = quantized_or_float(c);
  const TensorId x = c.input(type, c.shape(0, 5), c.quant(type));
  c.node(LeakyRelu{.alpha = c.real(-1, 1.5)}, {x}, {c.output(type, c.quant(type))});
}

void gelu(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const TensorId x = c.input(type, c.shape(1, 4), c.quant(type));
  c.node(Gelu{.approximate = c.chance(0.5)}, {x}, {c.output(type, c.quant(type))});
}

void prelu(CaseBuilder& c) {
  const Type type = quantized_or_float(c);
  const Shape shape = c.shape(1, 4);
  const TensorId x = c.input(type, shape, c.quant(type));
  const Type slopes = type == Type::s16 ? Type::s8 : type;
  const TensorId alpha = c.operand(slopes, c.broadcastable(shape), c.quant(slopes));
  c.node(Prelu{}, {x, alpha}, {c.output(type, c.quant(type))});
}

// --- two operands ---

struct Operands {
  Shape a, b;
};

Operands operand_shapes(CaseBuilder& c, int most_rank, bool broadcasts) {
  const Shape shape = c.shape(0, most_rank);
  Operands result{shape, shape};
  switch (broadcasts ? c.integer(0, 3) : 0) {
    case 0: break;
    case 1: result.b = c.broadcastable(shape); break;
    case 2: result.a = c.broadcastable(shape); break;
    default:
      for (int i = 0; i < shape.rank(); ++i)
        if (c.chance(0.5)) (c.chance(0.5) ? result.a : result.b)[i] = 1;
  }
  return result;
}

// At least one of the two is given when the network runs.
std::vector<TensorId> two_inputs(CaseBuilder& c, Type type, const Operands& shapes, const Quant& a,
                                 const Quant& b, const Values& a_values = {}, const Values& b_values = {}) {
  if (c.chance(0.2)) {
    const TensorId left = c.constant(type, shapes.a, a, a_values);
    return {left, c.input(type, shapes.b, b, b_values)};
  }
  const TensorId left = c.input(type, shapes.a, a, a_values);
  return {left, c.operand(type, shapes.b, b, b_values)};
}

struct BinaryCase {
  const char* name;
  Types types;
  bool activation = false;
  bool result_is_bool = false;
  int most_rank = 6;
  bool broadcasts = true;  // of ATAN2 LiteRT computes as many results as a has elements
};

const BinaryCase kBinary[] = {
    {"ADD", {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64}, true},
    {"SUB", {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64}, true},
    {"MUL", {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64}, true},
    {"DIV", {Type::f32, Type::s8, Type::s32}, true},
    {"MAXIMUM", {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64}},
    {"MINIMUM", {Type::f32, Type::s8, Type::s16, Type::s32, Type::s64}},
    {"SQUARED_DIFFERENCE", {Type::f32, Type::s8, Type::s16, Type::s32}},
    {"FLOOR_DIV", {Type::f32, Type::s32}},
    {"FLOOR_MOD", {Type::f32, Type::s32, Type::s64}},
    {"POW", {Type::f32, Type::s32}},
    {"ATAN2", {Type::f32}, false, false, 6, false},
    {"EQUAL", {Type::f32, Type::s8, Type::s32, Type::s64, Type::boolean}, false, true},
    {"NOT_EQUAL", {Type::f32, Type::s8, Type::s32, Type::s64, Type::boolean}, false, true},
    {"GREATER", {Type::f32, Type::s8, Type::s32, Type::s64}, false, true},
    {"GREATER_EQUAL", {Type::f32, Type::s8, Type::s32, Type::s64}, false, true},
    {"LESS", {Type::f32, Type::s8, Type::s32, Type::s64}, false, true},
    {"LESS_EQUAL", {Type::f32, Type::s8, Type::s32, Type::s64}, false, true},
    {"LOGICAL_AND", {Type::boolean}},
    {"LOGICAL_OR", {Type::boolean}},
};

bool divides(BinaryKind kind) {
  return kind == BinaryKind::div || kind == BinaryKind::floor_div || kind == BinaryKind::floor_mod;
}

// TFLite leaves the quotient of int8 numbers open where its last shift has more than 31 bits: a divisor may
// not be larger than the factor to the result's scale is.
Values defined_division(CaseBuilder& c, const Quant& a, Quant& b, Quant& y) {
  const int bits = c.integer(1, 9);
  const double factor = (1 << bits) * c.random.real(0.51, 0.99);
  y.scales = {static_cast<float>(a.scale() / (b.scale() * factor))};
  b.zeros = {c.integer(-128, 100)};
  const double most = std::min(127.0, static_cast<double>(b.zeros[0]) + std::pow(2.0, bits + 1) - 1);
  return {static_cast<double>(b.zeros[0] + 1), most};
}

// A divisor is not zero; integers of a power stay within 32 bits, of an equality meet now and then.
Values second_values(CaseBuilder& c, BinaryKind kind, Type type) {
  if (divides(kind)) {
    const bool negative = c.chance(0.5);
    if (is_float(type)) return negative ? Values{-10, -0.1} : Values{0.1, 10};
    return negative ? Values{-1000, -1} : Values{1, 1000};
  }
  if (kind == BinaryKind::pow) return is_float(type) ? Values{-3, 3} : Values{0, 4};
  if ((type == Type::s32 || type == Type::s64) && c.chance(0.4)) return {-2, 2};
  return {};
}

Values first_values(CaseBuilder& c, BinaryKind kind, Type type) {
  if (kind == BinaryKind::pow) return is_float(type) ? Values{0.01, 8} : Values{-30, 30};
  if (kind == BinaryKind::mul && type == Type::s32) return {-40000, 40000};
  if (kind == BinaryKind::squared_difference && type == Type::s32) return {-20000, 20000};
  if ((type == Type::s32 || type == Type::s64) && c.chance(0.4)) return {-2, 2};
  return {};
}

// The result's scale as arithmetic makes it, about: so that results fill the range and sometimes leave it.
double natural_scale(BinaryKind kind, Type type, double a, double b) {
  const double most = type == Type::s8 ? 127 : 32767;
  switch (kind) {
    case BinaryKind::mul: return a * b * most;
    case BinaryKind::squared_difference: return (a + b) * (a + b) * most;
    default: return a + b;
  }
}

void binary(CaseBuilder& c, const BinaryCase& b) {
  Op op = find_op(b.name)->prototype;
  auto& details = std::get<Binary>(op);
  const BinaryKind kind = details.kind;
  const Type type = c.random.pick(b.types);
  const bool quantized = type == Type::s8 || type == Type::s16;
  const bool one_scale = kind == BinaryKind::maximum || kind == BinaryKind::minimum;
  if (b.activation) details.activation = c.activation();

  const Quant left = quantized ? c.quant(type) : Quant{};
  Quant right = quantized ? c.quant(type) : Quant{};
  // Of comparable magnitude: otherwise one of the two does not matter.
  if (quantized) right.scales[0] = left.scale() * c.real(0.1, 8);
  if (one_scale) right = left;
  Quant result = one_scale ? left : quantized && !b.result_is_bool ? c.quant(type) : Quant{};
  if (quantized && !one_scale && !b.result_is_bool)
    result.scales[0] =
        static_cast<float>(natural_scale(kind, type, left.scale(), right.scale()) * c.real(0.2, 1.5));
  const bool divided = quantized && kind == BinaryKind::div;
  const Values second = divided ? defined_division(c, left, right, result) : second_values(c, kind, type);
  const auto in = two_inputs(c, type, operand_shapes(c, b.most_rank, b.broadcasts), left, right,
                             first_values(c, kind, type), second);
  c.node(op, in, {c.output(b.result_is_bool ? Type::boolean : type, result)});
}

// --- more ---

void add_n(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8});
  const Shape shape = c.shape(0, 5);
  const int count = c.integer(2, 5);
  const Quant quant = c.quant(type);
  std::vector<TensorId> in;
  for (int i = 0; i < count; ++i) {
    in.push_back(c.input(type, shape, quant));
  }
  Quant result = c.quant(type);
  if (type == Type::s8) result.scales[0] = quant.scale() * c.real(0.3, 4);
  c.node(AddN{}, in, {c.output(type, result)});
}

void select_v2(CaseBuilder& c) {
  const Type type = quantized_or_float(c);
  const Quant quant = c.quant(type);
  const Shape shape = c.shape(0, 5);
  const bool broadcast = c.chance(0.6);
  const auto part = [&] { return broadcast ? c.broadcastable(shape) : shape; };
  const TensorId condition = c.input(Type::boolean, part());
  const TensorId a = c.operand(type, part(), quant), b = c.input(type, part(), quant);
  c.node(Select{}, {condition, a, b}, {c.output(type, quant)});
}

void select(CaseBuilder& c) {
  const Type type = c.random.pick({Type::f32, Type::s8, Type::s16, Type::s32, Type::s64, Type::boolean});
  const Quant quant = type == Type::s8 || type == Type::s16 ? c.quant(type) : Quant{};
  const Shape shape = c.shape(1, 4);
  const Shape rows = c.chance(0.5) ? shape : c.chance(0.5) ? Shape{shape[0]} : Shape{};
  const TensorId condition = c.input(Type::boolean, rows);
  const TensorId a = c.input(type, shape, quant), b = c.operand(type, shape, quant);
  c.node(SelectV1{}, {condition, a, b}, {c.output(type, quant)});
}

}  // namespace

void cases_elementwise(Registry& registry) {
  for (const UnaryCase& u : kUnary) registry.add(u.name, [u](CaseBuilder& c) { unary(c, u); });
  registry.add("RSQRT", rsqrt);
  registry.add("LEAKY_RELU", leaky_relu);
  registry.add("GELU", gelu, 3e-3);  // LiteRT's 1 + tanh loses digits where the result is nearly 0
  registry.add("PRELU", prelu);
  for (const BinaryCase& b : kBinary) registry.add(b.name, [b](CaseBuilder& c) { binary(c, b); });
  registry.add("ADD_N", add_n);
  registry.add("SELECT_V2", select_v2);
  registry.add("SELECT", select);
}

}  // namespace teff::conformance
