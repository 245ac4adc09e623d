#include "graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/testing.h"
#include "graph/op_table.h"

namespace teff {
namespace {

using testing::HasSubstr;

// relu(x), x of two floats.
Model relu_model() {
  Model model;
  Graph& graph = model.graphs.emplace_back();
  const TensorId x = graph.add({.name = "x", .shape = {2}}), y = graph.add({.name = "y", .shape = {2}});
  graph.nodes.push_back({Unary{UnaryKind::relu}, {x}, {y}, 4});
  graph.inputs = {x};
  graph.outputs = {y};
  return model;
}

std::string complaint(const Model& model) {
  return error_of([&] { verify(model); });
}

TEST(Verify, AcceptsAWellFormedGraph) { EXPECT_EQ(complaint(relu_model()), "no error"); }

TEST(Verify, NamesNodeAndTensorOfWhatIsNeverComputed) {
  Model model = relu_model();
  model.main().inputs.clear();
  EXPECT_EQ(complaint(model),
            "graph: node 4 RELU: inputs use tensor 0 'x', which nothing has computed by then");
}

TEST(Verify, RefusesTensorsThatDoNotExist) {
  Model model = relu_model();
  model.main().nodes[0].inputs[0] = 7;
  EXPECT_THAT(complaint(model), HasSubstr("inputs name tensor 7, but there are only 2 tensors"));
}

TEST(Verify, RefusesATensorThatIsComputedTwice) {
  Model model = relu_model();
  model.main().nodes.push_back(model.main().nodes[0]);
  EXPECT_THAT(complaint(model), HasSubstr("computed twice"));
}

TEST(Verify, RefusesConstantsWhoseBytesDoNotFitTheirShape) {
  Model model = relu_model();
  model.main().add({.name = "w", .shape = {3}, .data = Bytes::of(std::vector<float>{1, 2})});
  EXPECT_THAT(complaint(model), HasSubstr("'w': 8 bytes of data where shape 3 of float32 takes 12"));
}

TEST(Verify, RefusesScalesThatDoNotFitTheirAxis) {
  Model model = relu_model();
  model.main().add({.name = "w", .type = Type::s8, .shape = {3}, .quant = {{1, 2}, {0, 0}, 0}});
  EXPECT_THAT(complaint(model), HasSubstr("2 scales for 3 channels"));
}

TEST(Verify, RefusesMoreElementsThanKernelsCount) {
  Model model = relu_model();
  model.main().add({.name = "huge", .shape = {1 << 20, 1 << 20}});
  EXPECT_THAT(complaint(model), HasSubstr("more than 2147483647 elements"));
}

TEST(OpTable, EveryNameLeadsToAnOperatorOfThatName) {
  for (const OpRow& row : op_table()) {
    EXPECT_EQ(find_op(row.name), &row);
    // PADV2 is PAD with a third input.
    if (row.name != "PADV2") {
      EXPECT_EQ(op_name(row.prototype), row.name);
    }
  }
  EXPECT_EQ(find_op("CONV_9D"), nullptr);
}

}  // namespace
}  // namespace teff
