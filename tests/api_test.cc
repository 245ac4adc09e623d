// The public interface, as its users see it.
#include "teff/teff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing.h"
#include "formats/tflite.h"

namespace teff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// y = relu(x), x 1x3, as a file.
std::vector<std::byte> relu_file() {
  tflite::Model model;
  tflite::Subgraph& graph = model.subgraphs.emplace_back();
  graph.tensors.push_back({.name = "x", .type = Type::f32, .shape = {1, 3}});
  graph.tensors.push_back({.name = "y", .type = Type::f32, .shape = {1, 3}});
  graph.inputs = {0};
  graph.outputs = {1};
  graph.operators.push_back({.code = tflite::operator_code("RELU"), .inputs = {0}, .outputs = {1}});
  return tflite_bytes(model);
}

TEST(Session, RunsANetworkFromMemory) {
  const Network network = Network::parse(relu_file(), "relu");
  Session session(network);
  const float x[] = {-1, 0, 2};
  std::copy(std::begin(x), std::end(x), session.input<float>().begin());
  session.run();
  EXPECT_THAT(session.output<float>(), ElementsAre(0, 0, 2));
}

TEST(Network, TellsItsInputsAndOutputs) {
  const Network network = Network::parse(relu_file(), "relu");
  ASSERT_EQ(network.inputs().size(), 1u);
  EXPECT_EQ(network.inputs()[0].name, "x");
  EXPECT_THAT(network.inputs()[0].shape, ElementsAre(1, 3));
  EXPECT_EQ(network.outputs()[0].bytes, 12);
}

TEST(Network, TakesOtherShapes) {
  const Network network = Network::parse(relu_file(), "relu", {.fuse = true, .shapes = {{"x", {5, 3}}}});
  EXPECT_THAT(network.outputs()[0].shape, ElementsAre(5, 3));
  EXPECT_EQ(error_of([] {
              Network::parse(relu_file(), "relu", {.fuse = true, .shapes = {{"q", {5}}}});
            }),
            "relu: there is no input 'q' whose shape could be set; the inputs are 'x'");
}

TEST(Network, NamesTheFileInErrors) {
  EXPECT_THAT(error_of([] { Network::load("/nowhere/model.tflite"); }), HasSubstr("/nowhere/model.tflite: "));
  const std::vector<std::byte> noise(100);
  EXPECT_EQ(error_of([&] { Network::parse(noise, "noise.tflite"); }),
            "noise.tflite: this is not a TFLite model (bytes 4 to 7 are not 'TFL3')");
}

TEST(Session, RefusesTheWrongElementType) {
  Session session(Network::parse(relu_file(), "relu"));
  EXPECT_EQ(error_of([&] { session.input<int8_t>(); }), "tensor 'x' holds float32, not int8");
}

TEST(Session, ShowsEveryOperatorOfTheFile) {
  Session session(Network::parse(relu_file(), "relu"));
  std::ranges::fill(session.input<float>(), 1.0f);
  int seen = 0;
  session.run([&](const LayerResult& layer) {
    ++seen;
    EXPECT_EQ(layer.index, 0);
    EXPECT_STREQ(layer.name, "RELU");
    EXPECT_EQ(layer.output->number, 1);
    EXPECT_EQ(layer.bytes.size(), 12u);
  });
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace teff
