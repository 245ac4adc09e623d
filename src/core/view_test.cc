#include "core/view.h"

#include <gtest/gtest.h>

#include <array>

namespace teff {
namespace {

TEST(BytesFor, ElementsOfEveryWidth) {
  EXPECT_EQ(bytes_for(Type::f32, 10), 40);
  EXPECT_EQ(bytes_for(Type::s8, 10), 10);
  EXPECT_EQ(bytes_for(Type::f64, 0), 0);
}

TEST(BytesFor, FourBitElementsAreTwoToAByteRoundedUp) {
  EXPECT_EQ(bytes_for(Type::s4, 4), 2);
  EXPECT_EQ(bytes_for(Type::u4, 5), 3);
  EXPECT_EQ(bytes_for(Type::s4, 1), 1);
}

TEST(View, ReadsAndWritesTheBytesOfAnother) {
  std::array<float, 4> values{1, 2, 3, 4};
  const Quant quant{{0.5f}, {0}};
  const MutableView view{Type::f32, Shape{2, 2}, std::as_writable_bytes(std::span(values)), &quant};
  ASSERT_EQ(view.as<float>().size(), 4u);
  view.as<float>()[1] = 7;
  EXPECT_EQ(values[1], 7);

  const View reading = view;
  EXPECT_EQ(reading.as<float>()[1], 7);
  EXPECT_EQ(reading.as<float>().data(), values.data());
  EXPECT_EQ(reading.shape, (Shape{2, 2}));
  EXPECT_EQ(reading.quant, &quant);
  EXPECT_TRUE((std::is_const_v<std::remove_pointer_t<decltype(reading.as<float>().data())>>));
}

#ifndef NDEBUG
TEST(ViewDeathTest, AnotherTypeIsAMistake) {
  std::array<float, 1> values{};
  const View view{Type::f32, Shape{1}, std::as_bytes(std::span(values))};
  EXPECT_DEATH(view.as<int32_t>(), "type_of");
}
#endif

}  // namespace
}  // namespace teff
