#include "formats/wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "core/testing.h"

namespace teff {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Bytes bytes_of(const std::string& text) { return Bytes::of(std::span(text.data(), text.size())); }

std::string sample(const std::string& name) {
  std::ifstream file(std::string(TEFF_ROOT "/tests/corpus/wav/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Sound read_sample(const std::string& name) { return read_wav(bytes_of(sample(name))); }

Array sound_of(Shape shape, std::vector<float> values) { return {Type::f32, shape, Bytes::of(values)}; }

std::string error_of(const std::string& file) {
  return teff::error_of([&] { read_wav(bytes_of(file)); });
}

TEST(Wav, Reads8Bits) {
  const Sound sound = read_sample("u8.wav");
  EXPECT_EQ(sound.rate, 16000);
  EXPECT_EQ(sound.samples.type, Type::f32);
  EXPECT_EQ(sound.samples.shape, (Shape{5, 1}));
  EXPECT_THAT(sound.samples.as<float>(), ElementsAre(-1.0f, -0.5f, 0.0f, 0.5f, 127 / 128.0f));
}

TEST(Wav, Reads16BitsOfTwoChannels) {
  const Sound sound = read_sample("s16_stereo.wav");
  EXPECT_EQ(sound.samples.shape, (Shape{3, 2}));
  EXPECT_THAT(sound.samples.as<float>(),
              ElementsAre(-1.0f, 32767 / 32768.0f, 0.0f, 1 / 32768.0f, 0.5f, -0.5f));
}

TEST(Wav, Reads24And32Bits) {
  EXPECT_THAT(read_sample("s24.wav").samples.as<float>(),
              ElementsAre(-1.0f, 1.0f - 0x1p-23f, 0x1p-23f, -0.5f));
  EXPECT_THAT(read_sample("s32.wav").samples.as<float>(), ElementsAre(-1.0f, 1.0f - 0x1p-24f, 0.5f));
}

TEST(Wav, ReadsFloatsAsTheyAreAndSkipsOtherChunks) {
  const Sound sound = read_sample("f32.wav");
  EXPECT_EQ(sound.rate, 44100);
  EXPECT_EQ(sound.samples.shape, (Shape{2, 2}));
  EXPECT_THAT(sound.samples.as<float>(), ElementsAre(0.5f, -0.25f, 1.5f, 0.0f));
}

TEST(Wav, ReadsExtensibleFormats) {
  const Sound sound = read_sample("extensible.wav");
  EXPECT_EQ(sound.rate, 8000);
  EXPECT_THAT(sound.samples.as<float>(), ElementsAre(0.25f, -0.25f, 0.0f));
}

TEST(Wav, MixingDownIsTheMeanOfTheChannels) {
  const Array mono = mix_down(sound_of({2, 2}, {0.5f, -0.25f, 1.0f, 0.0f}));
  EXPECT_EQ(mono.shape, (Shape{2, 1}));
  EXPECT_THAT(mono.as<float>(), ElementsAre(0.125f, 0.5f));
}

TEST(Wav, WritesTheBytesOfPythonsWaveModule) {
  const std::vector<std::byte> written = wav_bytes(read_sample("s16_stereo.wav"));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(written.data()), written.size()),
            sample("s16_stereo.wav"));
}

TEST(Wav, WritingRoundsAndStaysWithinFullScale) {
  const Array samples = sound_of({5, 1}, {2.0f, -2.0f, 0.6f / 32768, -0.6f / 32768, 0.4f / 32768});
  const Sound back = read_wav(Bytes::own(wav_bytes({samples, 8000})));
  EXPECT_THAT(back.samples.as<float>(),
              ElementsAre(32767 / 32768.0f, -1.0f, 1 / 32768.0f, -1 / 32768.0f, 0.0f));
}

TEST(Wav, WhatAFileCannotHoldIsNotWritten) {
  const Array one = sound_of({1, 1}, {0.0f});
  EXPECT_THROW(wav_bytes({sound_of({1, 1}, {std::numeric_limits<float>::quiet_NaN()}), 8000}), Error);
  EXPECT_THROW(wav_bytes({one, 0}), Error);
  EXPECT_THROW(wav_bytes({one, int64_t{1} << 31}), Error);
  EXPECT_THROW(wav_bytes({sound_of({5, 0}, {}), 8000}), Error);
  EXPECT_THROW(wav_bytes({sound_of({0, 65537}, {}), 8000}), Error);
}

TEST(Wav, AnythingCutShortIsAnError) {
  for (const char* name : {"u8.wav", "s16_stereo.wav", "f32.wav", "extensible.wav"}) {
    const std::string file = sample(name);
    for (size_t size = 0; size < file.size(); ++size)
      EXPECT_NE(error_of(file.substr(0, size)), "no error") << name << " cut to " << size;
  }
}

TEST(Wav, ThePadByteBehindTheSoundMayBeMissing) {
  const std::string file = sample("u8.wav");
  ASSERT_EQ(file.size() % 2, 1u);
  EXPECT_EQ(error_of(file), "no error");
  EXPECT_EQ(error_of(file + '\0'), "no error");
}

TEST(Wav, AChunkLargerThanTheFileIsRefused) {
  std::string file = sample("u8.wav");
  file.replace(file.find("data") + 4, 4, "\xff\xff\xff\xff");
  EXPECT_THAT(error_of(file), HasSubstr("'data' claims 4294967295 bytes and the file has 5 more"));
}

// A 16-bit stereo file with one 16-bit field of it changed.
std::string with_field(size_t at, uint16_t value) {
  std::string file = sample("s16_stereo.wav");
  std::memcpy(&file[at], &value, 2);
  return error_of(file);
}

TEST(Wav, ImpossibleFormatsAreRefused) {
  EXPECT_THAT(with_field(20, 2), HasSubstr("encoding 2 of 16 bits"));
  EXPECT_THAT(with_field(20, 3), HasSubstr("encoding 3 of 16 bits"));
  EXPECT_THAT(with_field(22, 0), HasSubstr("0 channels"));
  EXPECT_THAT(with_field(22, 1), HasSubstr("1 channels of 16 bits do not take 4 bytes"));
  EXPECT_THAT(with_field(24, 0), HasSubstr("sample rate of 0"));
  EXPECT_THAT(with_field(32, 0), HasSubstr("do not take 0 bytes"));
  for (const uint16_t bits : {0, 7, 12, 40, 64})
    EXPECT_THAT(with_field(34, bits), HasSubstr("not supported"));
  EXPECT_THAT(with_field(20, 0xfffe), HasSubstr("extensible ones have 40"));
}

TEST(Wav, FilesOfAnotherMakeAreRefused) {
  EXPECT_THAT(error_of(""), HasSubstr("not a WAV file"));
  EXPECT_THAT(error_of("RIFX....WAVEfmt "), HasSubstr("not a WAV file"));
  EXPECT_THAT(error_of("RIFF....AVI LIST"), HasSubstr("not a WAVE file"));
  EXPECT_THAT(error_of("RIFF....WAVE"), HasSubstr("without a data chunk"));
  EXPECT_THAT(error_of({"RIFF....WAVEdata\0\0\0\0", 20}), HasSubstr("before its format"));
  std::string vendor = sample("extensible.wav");
  vendor[vendor.find("\x9b\x71")] ^= 1;
  EXPECT_THAT(error_of(vendor), HasSubstr("a vendor's own"));
}

TEST(Wav, SoundIsWholeSamples) {
  std::string file = sample("s16_stereo.wav");
  file[file.find("data") + 4] = 10;
  EXPECT_THAT(error_of(file), HasSubstr("10 bytes of sound are no multiple of 4"));
}

}  // namespace
}  // namespace teff
