#include "core/bytes.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace teff {
namespace {

TEST(Bytes, NoneAtAllAreNotOwned) {
  EXPECT_FALSE(Bytes().owned());
  EXPECT_EQ(Bytes().size(), 0u);
  EXPECT_TRUE(Bytes::own({}).owned());
}

TEST(Bytes, OfValuesAreACopyThatReadsBack) {
  std::vector<int16_t> values{1, -2, 300};
  const Bytes bytes = Bytes::of(values);
  values[0] = 9;
  EXPECT_EQ(bytes.size(), 6u);
  ASSERT_EQ(bytes.as<int16_t>().size(), 3u);
  EXPECT_EQ(bytes.as<int16_t>()[0], 1);
  EXPECT_EQ(bytes.as<int16_t>()[2], 300);
}

TEST(Bytes, AreReadAsAsManyWholeElementsAsThereAre) {
  const Bytes bytes = Bytes::of(std::vector<uint8_t>(7));
  EXPECT_EQ(bytes.as<int32_t>().size(), 1u);
  EXPECT_EQ(bytes.as<uint8_t>().size(), 7u);
}

TEST(Bytes, AreEqualByContentNotByOwner) {
  const Bytes bytes = Bytes::of(std::vector<uint8_t>{1, 2});
  EXPECT_EQ(bytes, Bytes::copy(bytes.span()));
  EXPECT_NE(bytes, Bytes::of(std::vector<uint8_t>{1, 3}));
  EXPECT_NE(bytes, Bytes::of(std::vector<uint8_t>{1}));
  EXPECT_EQ(Bytes(), Bytes());
  EXPECT_NE(Bytes(), Bytes::own({})) << "no bytes at all are not an empty slice";
}

TEST(Bytes, OwnedAreMovedNotCopied) {
  std::vector<std::byte> data(100);
  const std::byte* memory = data.data();
  EXPECT_EQ(Bytes::own(std::move(data)).data(), memory);
}

TEST(Bytes, KeepTheirOwnerAliveAsLongAsACopyIs) {
  auto owner = std::make_shared<std::vector<std::byte>>(10, std::byte{42});
  const std::weak_ptr<void> watched = owner;
  Bytes copy;
  {
    const Bytes slice(owner, std::span<const std::byte>(*owner).subspan(4, 3));
    owner.reset();
    copy = slice;
  }
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy.data()[0], std::byte{42});
  copy = Bytes();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace teff
