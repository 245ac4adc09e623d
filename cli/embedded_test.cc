#include "embedded.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace teff::cli {
namespace {

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string model_file(const std::string& name) {
  std::ifstream file(std::string(TEFF_ROOT "/models/fashion/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::array<int, 10> samples_per_class(const EmbeddedModel& model) {
  std::array<int, 10> counts{};
  for (std::size_t at = 0; at < model.samples.size(); at += model.sample_bytes) {
    ++counts.at(std::to_integer<std::size_t>(model.samples[at]));
  }
  return counts;
}

TEST(EmbeddedFashion, IsByteForByteWhatStandsInModels) {
  const EmbeddedModel& model = embedded_fashion();
  EXPECT_EQ(text(model.tflite), model_file("fashion.tflite"));
  EXPECT_EQ(model.labels, model_file("labels.txt"));
  EXPECT_EQ(text(model.samples), model_file("samples.bin"));
  EXPECT_EQ(text(model.outputs), model_file("outputs.bin"));
}

TEST(EmbeddedFashion, IsAnAlignedTfliteFileOfAtMost100kB) {
  const EmbeddedModel& model = embedded_fashion();
  EXPECT_EQ(text(model.tflite.subspan(4, 4)), "TFL3");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(model.tflite.data()) % 16, 0u);
  EXPECT_LE(model.tflite.size(), 100'000u);
}

TEST(EmbeddedFashion, CarriesAllThatADemoNeedsInAtMost100kB) {
  const EmbeddedModel& model = embedded_fashion();
  EXPECT_LE(model.tflite.size() + model.labels.size() + model.samples.size() + model.outputs.size(),
            100'000u);
}

TEST(EmbeddedFashion, NamesTenClasses) {
  const EmbeddedModel& model = embedded_fashion();
  EXPECT_EQ(std::ranges::count(model.labels, '\n'), 10);
  EXPECT_TRUE(model.labels.starts_with("T-shirt/top\n"));
  EXPECT_TRUE(model.labels.ends_with("\nankle boot\n"));
}

TEST(EmbeddedFashion, HasAFewDozenSamplesWithAtLeastThreeOfEachClass) {
  const EmbeddedModel& model = embedded_fashion();
  EXPECT_EQ(model.samples.size(), 40 * model.sample_bytes);
  EXPECT_EQ(model.sample_bytes, 1u + 28 * 28);
  EXPECT_THAT(samples_per_class(model), testing::Each(testing::Ge(3)));
}

TEST(EmbeddedFashion, ExpectsProbabilitiesThatAddUpToOne) {
  const EmbeddedModel& model = embedded_fashion();
  ASSERT_EQ(model.outputs.size(), 40u * 10);
  for (std::size_t sample = 0; sample < 40; ++sample) {
    int sum = 0;
    for (const std::byte output : model.outputs.subspan(sample * 10, 10)) {
      sum += static_cast<std::int8_t>(output) + 128;
    }
    EXPECT_NEAR(sum, 256, 5) << "sample " << sample;
  }
}

}  // namespace
}  // namespace teff::cli
