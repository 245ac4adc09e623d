#include "emit/calls.h"

#include <gtest/gtest.h>

#include "kernels/c/add_rows.h"

namespace teff {
namespace {

// Sums of images of so many rows each, scaled by a shift to the right.
Program program_of(const std::vector<std::pair<int32_t, int32_t>>& heights_and_shifts) {
  Program program;
  program.model.graphs.resize(1);
  program.plans.resize(1);
  for (const auto& [height, right] : heights_and_shifts) {
    teff_add_rows_params p{.height = height, .row = 8};
    p.a = p.b = p.out = {height, 8};
    p.right = right;
    Step step;
    step.node = static_cast<int>(program.plans[0].steps.size());
    step.kernel = KernelId::add_rows;
    step.params = Params::of(p);
    step.operands.resize(3, {Operand::Kind::tensor});
    step.units = height;
    program.plans[0].steps.push_back(step);
    program.model.graphs[0].nodes.push_back({.op = Quantize{}});
  }
  return program;
}

std::string functions_of(const Program& program) {
  return Calls(program, CHeaders::kernels(), {.optimize = EmitFor::flash}).functions();
}

TEST(Calls, WhatVariesIsInTheShape) {
  const std::string text = functions_of(program_of({{4, 22}, {6, 22}}));
  EXPECT_NE(text.find("  uint8_t height_by_2;\n}"), std::string::npos) << text;
  EXPECT_NE(text.find("p.right = 22;"), std::string::npos) << text;
  EXPECT_EQ(text.find("TEFF_KNOWN"), std::string::npos) << text;
}

// With 0 among them the kernel needs its steps, without it does not.
TEST(Calls, ValuesThatDecideAreSaid) {
  const std::string text = functions_of(program_of({{4, 22}, {4, 23}, {4, 22}}));
  EXPECT_NE(text.find("p.right = s->right;"), std::string::npos) << text;
  EXPECT_NE(text.find("TEFF_KNOWN(p.right == 22 || p.right == 23);"), std::string::npos) << text;
}

}  // namespace
}  // namespace teff
