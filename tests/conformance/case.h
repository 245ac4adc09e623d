// Single-operator models with random shapes, attributes and data, for comparison with another engine.
//
// A generator (cases_FAMILY.cc) is a function that draws from case.random and builds a small model:
//
//   void leaky_relu(CaseBuilder& c) {
//     const Type type = c.random.pick({Type::f32, Type::s8, Type::s16});
//     const TensorId x = c.input(type, c.shape(1, 4), c.quant(type));
//     c.node(LeakyRelu{.alpha = c.real(-1, 1)}, {x}, {c.output(type, c.quant(type))});
//   }
//
// and is registered as `registry.add("LEAKY_RELU", leaky_relu)`. It need not say the output's shape: that
// comes from the operator's shape rule. What it draws has to be a model that the operator allows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "tests/conformance/random.h"

namespace teff::conformance {

struct Case {
  int index = 0;
  int calls = 1;  // a stateful operator is run that often in a row
  Model model;
  std::vector<Bytes> inputs;  // of the model, the calls' bytes one after another
};

// Which values a tensor is filled with: uniform between least and most (stored values of integers), with the
// two ends and the point `zero` now and then. Left out: a range that suits the type, drawn anew each time.
struct Values {
  std::optional<double> least, most;
};

class CaseBuilder {
 public:
  explicit CaseBuilder(Random& r) : random(r) { model_.graphs.emplace_back(); }

  Random& random;

  // --- draws ---
  float real(double least, double most) { return static_cast<float>(random.real(least, most)); }
  int integer(int least, int most) { return static_cast<int>(random.between(least, most)); }
  bool chance(double probability) { return random.chance(probability); }
  // A small extent: often 1 or a prime. `most` bounds it.
  int64_t extent(int64_t most = 17);
  // A shape of a rank between both with at most `most_elements`; one in forty has an extent of 0.
  Shape shape(int least_rank, int most_rank, int64_t most_elements = 600);
  // A shape that broadcasts against `to` (numpy's rule): extents of 1, leading ones left out.
  Shape broadcastable(const Shape& to);
  Activation activation();  // none, relu, relu6, relu_n1_to_1
  // Quantization of a tensor of that type: a scale over several magnitudes and any zero point (0 for int16
  // and int32); none for types that are not quantized.
  Quant quant(Type type);
  Quant symmetric(Type type);                     // zero point 0
  Quant per_channel(int64_t channels, int axis);  // zero points 0, scales about one magnitude
  static Quant scaled(double scale, int64_t zero = 0);
  // For the result (of a's type) of a sum of `terms` products of a by b: such that results fill the range and
  // sometimes leave it.
  Quant product_quant(Type type, const Quant& a, const Quant& b, double terms, Type b_type = Type::s8);
  // a's scale times (each of) b's, zero 0: what a bias has.
  static Quant bias_quant(const Quant& a, const Quant& b);

  // --- tensors ---
  TensorId input(Type type, const Shape& shape, const Quant& quant = {}, const Values& values = {});
  TensorId constant(Type type, const Shape& shape, const Quant& quant = {}, const Values& values = {});
  TensorId constant(const std::vector<int32_t>& values);  // of rank 1
  TensorId constant(const std::vector<int32_t>& values, const Shape& shape);
  TensorId scalar(int32_t value) { return constant({value}, Shape{}); }
  TensorId constant(Type type, const Shape& shape, const Quant& quant, Bytes data);
  // One of the two above, by chance.
  TensorId operand(Type type, const Shape& shape, const Quant& quant = {}, const Values& values = {});
  TensorId variable(Type type, const Shape& shape, const Quant& quant = {});  // state, zero at first
  // Of the model. The shape is needed only where it depends on values that nobody knows before the run.
  TensorId output(Type type, const Quant& quant = {}, const Shape& shape = {});
  TensorId intermediate(Type type, const Quant& quant = {});  // between two nodes
  Tensor& tensor(TensorId id) { return model_.main().tensor(id); }

  void node(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
  void calls(int count) { calls_ = count; }  // for operators with state
  Model& model() { return model_; }          // for subgraphs and whatever else is special

  // Infers shapes and draws the inputs' data. Throws Error where a shape rule refuses.
  Case finish();

  Bytes data(Type type, int64_t elements, const Values& values, int64_t zero = 0);

 private:
  TensorId add(Type type, const Shape& shape, const Quant& quant, const char* name);

  Model model_;
  int calls_ = 1;
  std::vector<std::pair<TensorId, Values>> inputs_;
};

using Generator = std::function<void(CaseBuilder&)>;

// Generators by operator name. `tolerance` bounds the difference of float results relative to the largest
// magnitude in the tensor.
class Registry {
 public:
  struct Entry {
    std::string op;
    Generator generate;
    double tolerance;
  };
  void add(std::string op, Generator generate, double tolerance = 1e-5);
  const Entry* find(std::string_view op) const;  // null: there is none
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// All generators of the folder.
const Registry& registry();

// The case of that number. Throws Error where its model is refused.
Case make_case(const Registry::Entry& entry, uint64_t seed, int index);

// One family each.
void cases_window(Registry&);
void cases_matrix(Registry&);
void cases_elementwise(Registry&);
void cases_convert(Registry&);
void cases_axes(Registry&);
void cases_resize(Registry&);
void cases_move(Registry&);
void cases_index(Registry&);
void cases_sequence(Registry&);
void cases_state(Registry&);

}  // namespace teff::conformance
