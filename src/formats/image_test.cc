#include "formats/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "core/crc32.h"
#include "core/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes bytes_of(const std::string& text) { return Bytes::of(std::span(text.data(), text.size())); }

std::string sample(const std::string& name) {
  std::ifstream file(std::string(TEFF_ROOT "/tests/corpus/image/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Array read_sample(const std::string& name) { return read_image(bytes_of(sample(name))); }

std::string error_of(const std::string& file, int64_t max_pixels = kMaxPixels) {
  return teff::error_of([&] { read_image(bytes_of(file), max_pixels); });
}

Array picture(Shape shape, std::vector<uint8_t> values) { return {Type::u8, shape, Bytes::of(values)}; }

// Every sample is this picture or made from it.
Array original(int channels) {
  std::vector<uint8_t> values;
  for (int y = 0; y < 13; ++y)
    for (int x = 0; x < 17; ++x)
      for (int c = 0; c < channels; ++c)
        values.push_back(static_cast<uint8_t>(x * 13 + y * 7 + c * 60 + x * y * (c + 1) % 23));
  return picture({13, 17, channels}, values);
}

// ---- reading: the CRCs are of the pixels that Pillow reads from the same file

struct Sample {
  const char* name;
  int channels;
  uint32_t crc;
};

class ReadsImage : public ::testing::TestWithParam<Sample> {};

TEST_P(ReadsImage, AsPillowDoes) {
  const Array image = read_sample(GetParam().name);
  EXPECT_EQ(image.type, Type::u8);
  EXPECT_EQ(image.shape, (Shape{13, 17, GetParam().channels}));
  EXPECT_EQ(crc32(image.data.span()), GetParam().crc);
}

INSTANTIATE_TEST_SUITE_P(
    Samples, ReadsImage,
    ::testing::Values(Sample{"rgb.png", 3, 0x81a061c9}, Sample{"grey.png", 1, 0x1747741e},
                      Sample{"rgba.png", 3, 0x81a061c9}, Sample{"palette.png", 3, 0x5f0a09c2},
                      Sample{"bits.png", 1, 0x6debe2de}, Sample{"grey16_alpha.png", 1, 0xd1f0d92e},
                      Sample{"interlaced.png", 3, 0x81a061c9}, Sample{"rgb420.jpg", 3, 0xc639a63f},
                      Sample{"rgb444.jpg", 3, 0x4d30bef4}, Sample{"progressive.jpg", 3, 0xef543cad},
                      Sample{"grey.jpg", 1, 0xbb36ae1c}, Sample{"cmyk.jpg", 3, 0xda0fbd37}),
    [](const auto& info) {
      std::string name = info.param.name;
      return name.replace(name.find('.'), 1, "_");
    });

TEST(Image, TheSamplesAreTheOriginal) {
  EXPECT_EQ(crc32(original(3).data.span()), 0x81a061c9u);
  EXPECT_EQ(crc32(original(1).data.span()), 0x1747741eu);
}

// ---- writing

TEST(Image, APngThatIsWrittenIsReadBack) {
  for (const int channels : {1, 3}) {
    const Array image = original(channels);
    const Array back = read_image(Bytes::own(png_bytes(image)));
    EXPECT_EQ(back.shape, image.shape);
    EXPECT_THAT(back.as<uint8_t>(), ::testing::ElementsAreArray(image.as<uint8_t>()));
  }
}

// ---- refusals

TEST(Image, AnythingCutShortIsAnError) {
  for (const char* name : {"rgb.png", "interlaced.png", "palette.png", "rgb420.jpg", "progressive.jpg"}) {
    const std::string file = sample(name);
    for (size_t size = 0; size < file.size(); ++size)
      EXPECT_NE(error_of(file.substr(0, size)), "no error") << name << " cut to " << size;
  }
}

TEST(Image, AChangedByteOfAPngIsAnErrorOrChangesNothing) {
  const std::string file = sample("rgb.png");
  for (size_t at = 0; at < file.size(); ++at) {
    std::string changed = file;
    changed[at] ^= 0x10;
    if (error_of(changed) != "no error") continue;
    EXPECT_EQ(crc32(read_image(bytes_of(changed)).data.span()), 0x81a061c9u) << at;
  }
}

TEST(Image, AChangedByteOfAJpegIsAPictureOrAnError) {
  for (const char* name : {"rgb420.jpg", "progressive.jpg", "cmyk.jpg"}) {
    const std::string file = sample(name);
    for (size_t at = 0; at < file.size(); ++at) {
      std::string changed = file;
      changed[at] = static_cast<char>(~changed[at]);
      EXPECT_NE(error_of(changed, 1 << 16), "") << name << " changed at " << at;
    }
  }
}

TEST(Image, OtherFilesAreRefused) {
  EXPECT_EQ(error_of(""), "neither a PNG nor a JPEG file");
  EXPECT_EQ(error_of("GIF89a"), "neither a PNG nor a JPEG file");
}

TEST(Image, TheLimitOfPixelsHolds) {
  EXPECT_EQ(error_of(sample("rgb.png"), 13 * 17), "no error");
  EXPECT_THAT(error_of(sample("rgb.png"), 13 * 17 - 1), HasSubstr("13x17 pixels (at most 220 are read)"));
  EXPECT_THAT(error_of(sample("rgb420.jpg"), 13 * 17 - 1), HasSubstr("13x17 pixels (at most 220 are read)"));
}

TEST(Image, ASmallFileThatClaimsALargePictureIsRefusedAtOnce) {
  std::string jpeg = sample("rgb420.jpg");
  const size_t frame = jpeg.find("\xff\xc0");
  jpeg.replace(frame + 5, 4, "\x0f\xff\x0f\xff");  // 4095x4095
  EXPECT_THAT(error_of(jpeg), HasSubstr("790 bytes cannot hold 4095x4095 pixels"));
  jpeg.replace(frame + 5, 4, "\xff\xdc\xff\xdc");  // the largest that libjpeg takes
  EXPECT_THAT(error_of(jpeg), HasSubstr("at most"));

  std::string png = sample("rgb.png");
  png.replace(16, 8, std::string("\0\0\x0f\xff\0\0\x0f\xff", 8));
  const uint32_t crc = crc32(std::as_bytes(std::span(png).subspan(12, 17)));
  for (int i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  EXPECT_THAT(error_of(png), HasSubstr("439 bytes cannot hold 4095x4095 pixels"));
}

// ---- resizing: the CRCs are of what Pillow's resize(..., BILINEAR) makes of the original

struct Resized {
  int height, width;
  uint32_t colour_crc, grey_crc;
};

TEST(Image, ResizesAsPillowDoes) {
  for (const Resized& r : {Resized{13, 17, 0x81a061c9, 0x1747741e}, Resized{5, 4, 0x04a924ca, 0x9bbbef55},
                           Resized{1, 1, 0x4449ccfd, 0x360c2086}, Resized{40, 31, 0xfdcb0a42, 0x844779d6},
                           Resized{26, 17, 0x3e78f521, 0x8dacb832}, Resized{13, 7, 0x0a163685, 0xed9cb1fa},
                           Resized{96, 96, 0x5ccf0d9a, 0xfcb24717}}) {
    const Array colour = resize_image(original(3), r.height, r.width);
    EXPECT_EQ(colour.shape, (Shape{r.height, r.width, 3}));
    EXPECT_EQ(crc32(colour.data.span()), r.colour_crc) << r.height << "x" << r.width;
    EXPECT_EQ(crc32(resize_image(original(1), r.height, r.width).data.span()), r.grey_crc);
  }
}

TEST(Image, EnlargingMixesNeighboursByDistance) {
  const Array wide = resize_image(picture({1, 2, 1}, {0, 100}), 1, 4);
  EXPECT_THAT(wide.as<uint8_t>(), ElementsAre(0, 25, 75, 100));
}

TEST(Image, ShrinkingCountsEveryPixel) {
  const Array one = resize_image(picture({1, 8, 1}, {0, 255, 0, 255, 0, 255, 0, 255}), 1, 1);
  EXPECT_NEAR(one.as<uint8_t>()[0], 128, 1);
}

TEST(Image, ImpossibleSizesAreRefused) {
  EXPECT_THROW(resize_image(original(1), 0, 5), Error);
  EXPECT_THROW(resize_image(original(1), 5, -1), Error);
  EXPECT_THROW(resize_image(original(1), kMaxPixels, 2), Error);
  EXPECT_THROW(resize_image(picture({2, 1, 1}, {1, 2}), 1, kMaxPixels), Error);
  EXPECT_THROW(resize_image(picture({0, 0, 1}, {}), 1, 1), Error);
}

// ---- channels

TEST(Image, GreyIsTheLumaOfPillow) { EXPECT_EQ(crc32(to_channels(original(3), 1).data.span()), 0x1a52f6fdu); }

TEST(Image, GreyBecomesThreeEqualChannels) {
  const Array colour = to_channels(picture({1, 2, 1}, {3, 200}), 3);
  EXPECT_EQ(colour.shape, (Shape{1, 2, 3}));
  EXPECT_THAT(colour.as<uint8_t>(), ElementsAre(3, 3, 3, 200, 200, 200));
}

TEST(Image, TheSameChannelsAreTheSameBytes) {
  const Array image = original(3);
  EXPECT_EQ(to_channels(image, 3).data.data(), image.data.data());
}

}  // namespace
}  // namespace teff
