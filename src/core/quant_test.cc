#include "core/quant.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

TEST(Quant, IsEmptyWhereNothingIsQuantized) {
  const Quant none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.per_channel());
  EXPECT_EQ(none.scale(), 0.0f);
  EXPECT_EQ(none.zero(), 0);
}

TEST(Quant, OneEntryIsPerTensor) {
  const Quant quant{{0.5f}, {-128}};
  EXPECT_FALSE(quant.empty());
  EXPECT_FALSE(quant.per_channel());
  EXPECT_EQ(quant.scale(), 0.5f);
  EXPECT_EQ(quant.zero(), -128);
}

TEST(Quant, SeveralEntriesArePerChannel) { EXPECT_TRUE((Quant{{0.5f, 0.25f}, {0, 0}, 3}.per_channel())); }

TEST(Quant, IsEqualInAllItsParts) {
  const Quant quant{{0.5f, 0.25f}, {1, 2}, 3, 32};
  EXPECT_EQ(quant, (Quant{{0.5f, 0.25f}, {1, 2}, 3, 32}));
  EXPECT_NE(quant, (Quant{{0.5f, 0.125f}, {1, 2}, 3, 32}));
  EXPECT_NE(quant, (Quant{{0.5f, 0.25f}, {1, 0}, 3, 32}));
  EXPECT_NE(quant, (Quant{{0.5f, 0.25f}, {1, 2}, 0, 32}));
  EXPECT_NE(quant, (Quant{{0.5f, 0.25f}, {1, 2}, 3, 64}));
}

}  // namespace
}  // namespace teff
