// The shared int8 models against recorded results of TFLite Micro: every operator's tensor, by its CRC, as
// the file has the operators and after passes, with any number of threads. Skipped where the models are not
// there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "core/crc32.h"
#include "teff/teff.h"

namespace teff {
namespace {

std::string shared() {
  const char* named = std::getenv("TEFF_SHARED");
  return named ? named : TEFF_ROOT "/../shared";
}

using Checksums = std::map<int, uint32_t>;  // by operator

struct Golden {
  size_t input_bytes = 0;
  double scale = 0, zero = 0;           // scale not 0: the input is float, (byte - zero) * scale
  std::map<uint32_t, Checksums> seeds;  // results by the seed of the input
};

Golden read_golden(const std::string& path) {
  std::ifstream file(path);
  Golden golden;
  uint32_t seed = 0;
  for (std::string line; std::getline(file, line);) {
    int index = 0;
    unsigned crc = 0;
    std::sscanf(line.c_str(), "# input: %zu int8", &golden.input_bytes);
    std::sscanf(line.c_str(), "# seed %u", &seed);
    if (const size_t at = line.find("float fed = "); at != std::string::npos)
      std::sscanf(line.c_str() + at, "float fed = (int8 - (%lf))*%lf", &golden.zero, &golden.scale);
    if (std::sscanf(line.c_str(), "op %d %*s tensor %*d %*s %*d crc32 %x", &index, &crc) == 2)
      golden.seeds[seed][index] = crc;
  }
  return golden;
}

std::vector<std::byte> make_input(const Golden& golden, uint32_t seed) {
  std::vector<std::byte> input(golden.input_bytes * (golden.scale != 0 ? sizeof(float) : 1));
  for (size_t i = 0; i < golden.input_bytes; ++i) {
    seed = seed * 1664525 + 1013904223;
    const auto byte = static_cast<int8_t>(seed >> 24);
    // The difference and the scale are floats, and so is their product.
    const float real = static_cast<float>(byte - golden.zero) * static_cast<float>(golden.scale);
    if (golden.scale != 0)
      std::memcpy(&input[i * sizeof(float)], &real, sizeof real);
    else
      input[i] = static_cast<std::byte>(byte);
  }
  return input;
}

Checksums run(const Network& network, int threads, const std::vector<std::byte>& input) {
  Session session(network, threads);
  EXPECT_EQ(session.input_bytes().size(), input.size());
  std::memcpy(session.input_bytes().data(), input.data(), input.size());
  Checksums checksums;
  session.run([&](const LayerResult& layer) { checksums[layer.index] = crc32(layer.bytes); });
  return checksums;
}

class GoldenTest : public testing::TestWithParam<const char*> {};

TEST_P(GoldenTest, EveryOperatorHasTfliteMicrosBytes) {
  const std::string model = shared() + "/models/" + GetParam() + ".tflite";
  if (!std::filesystem::exists(model)) GTEST_SKIP() << model << " is not there";
  const Golden golden = read_golden(shared() + "/golden/" + GetParam() + ".txt");
  ASSERT_EQ(golden.seeds.size(), 3u);
  const Network as_it_stands = Network::load(model, {.fuse = false, .shapes = {}}),
                fused = Network::load(model);
  for (const auto& [seed, expected] : golden.seeds) {
    const auto input = make_input(golden, seed);
    EXPECT_EQ(run(as_it_stands, 2, input), expected) << "seed " << seed;
    for (int threads : {1, 2, 7}) {
      const Checksums surviving = run(fused, threads, input);
      EXPECT_THAT(expected, testing::IsSupersetOf(surviving))
          << "seed " << seed << ", " << threads << " threads";
      EXPECT_TRUE(surviving.contains(expected.rbegin()->first)) << "the last operator's result is gone";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest,
                         testing::Values("kws", "vww96", "ic", "ad", "sww", "te_vww", "mcunetv2"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace teff
