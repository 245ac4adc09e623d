#include "core/types.h"

#include <gtest/gtest.h>

namespace teff {
namespace {

TEST(Type, HasTheNameAndTheWidthOfNumpyAndTflite) {
  EXPECT_EQ(name_of(Type::f32), "float32");
  EXPECT_EQ(name_of(Type::bf16), "bfloat16");
  EXPECT_EQ(name_of(Type::s4), "int4");
  EXPECT_EQ(name_of(Type::u16), "uint16");
  EXPECT_EQ(name_of(Type::boolean), "bool");
  EXPECT_EQ(name_of(Type::resource), "resource");

  EXPECT_EQ(bits_of(Type::f16), 16);
  EXPECT_EQ(bits_of(Type::u4), 4);
  EXPECT_EQ(bits_of(Type::boolean), 8);
  EXPECT_EQ(bits_of(Type::s64), 64);
  EXPECT_EQ(bits_of(Type::string), 0);
}

TEST(Type, IsFoundByItsName) {
  for (int i = 0; i <= static_cast<int>(Type::resource); ++i) {
    const Type type = static_cast<Type>(i);
    EXPECT_EQ(type_named(name_of(type)), type) << name_of(type);
  }
  EXPECT_EQ(type_named("float"), std::nullopt);
  EXPECT_EQ(type_named(""), std::nullopt);
}

TEST(Type, FloatsAndWhatCanBeQuantizedAreApart) {
  for (Type type : {Type::f32, Type::f16, Type::bf16, Type::f64}) {
    EXPECT_TRUE(is_float(type)) << name_of(type);
    EXPECT_FALSE(is_quantizable(type)) << name_of(type);
  }
  for (Type type : {Type::s4, Type::u4, Type::s8, Type::u8, Type::s16, Type::s32})
    EXPECT_TRUE(is_quantizable(type) && !is_float(type)) << name_of(type);
  for (Type type : {Type::s64, Type::boolean, Type::string, Type::resource})
    EXPECT_FALSE(is_quantizable(type) || is_float(type)) << name_of(type);
}

template <class T>
void expect_type(Type type) {
  EXPECT_EQ(type_of<T>(), type);
  EXPECT_EQ(bits_of(type), static_cast<int>(8 * sizeof(T)));
}

TEST(Type, OfACppTypeIsAsWide) {
  expect_type<float>(Type::f32);
  expect_type<double>(Type::f64);
  expect_type<int8_t>(Type::s8);
  expect_type<uint8_t>(Type::u8);
  expect_type<int16_t>(Type::s16);
  expect_type<uint16_t>(Type::u16);
  expect_type<int32_t>(Type::s32);
  expect_type<uint32_t>(Type::u32);
  expect_type<int64_t>(Type::s64);
  expect_type<uint64_t>(Type::u64);
  expect_type<bool>(Type::boolean);
}

}  // namespace
}  // namespace teff
