// The shared int8 models against recorded results of TFLite Micro: every operator's tensor, by its CRC, as
// the file has the operators and after passes, with any number of threads. Skipped where the models are not
// there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/crc32.h"
#include "teff/teff.h"
#include "tests/golden.h"

namespace teff {
namespace {

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

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest, testing::ValuesIn(kSharedModels),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace teff
