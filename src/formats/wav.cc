#include "formats/wav.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "formats/cursor.h"

namespace teff {
namespace {

constexpr uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
constexpr size_t kPlainBytes = 16, kExtensibleBytes = 40;  // of the format chunk
// The GUID of an extensible format is a plain tag and these bytes.
constexpr std::string_view kGuidEnd("\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71", 14);
constexpr int kMaxChannels = 1024;

struct Format {
  uint16_t tag, channels, frame_bytes, bits;
  uint32_t rate;
};

uint16_t extensible_tag(Cursor& chunk, size_t size) {
  check(size >= kExtensibleBytes, "a format chunk of {} bytes (extensible ones have {})", size,
        kExtensibleBytes);
  chunk.skip(8);  // its size, the bits that are in use, the speakers
  const uint16_t tag = chunk.u16();
  check(chunk.text(kGuidEnd.size()) == kGuidEnd, "an encoding of a vendor's own; convert it to PCM");
  return tag;
}

Format read_format(std::span<const std::byte> bytes) {
  check(bytes.size() >= kPlainBytes, "a format chunk of {} bytes (at least {} are needed)", bytes.size(),
        kPlainBytes);
  Cursor chunk(bytes, "format chunk");
  Format format{};
  format.tag = chunk.u16();
  format.channels = chunk.u16();
  format.rate = chunk.u32();
  chunk.skip(4);  // bytes per second
  format.frame_bytes = chunk.u16();
  format.bits = chunk.u16();
  if (format.tag == kExtensible) format.tag = extensible_tag(chunk, bytes.size());
  return format;
}

void check_format(const Format& format) {
  const bool pcm = format.tag == kPcm && format.bits % 8 == 0 && format.bits >= 8 && format.bits <= 32;
  check(pcm || (format.tag == kFloat && format.bits == 32),
        "encoding {} of {} bits is not supported (PCM of 8, 16, 24 and 32 bits and 32-bit floats are)",
        format.tag, format.bits);
  check(format.channels > 0 && format.channels <= kMaxChannels, "{} channels", format.channels);
  check(format.rate > 0, "a sample rate of 0");
  check(format.frame_bytes == format.channels * format.bits / 8,
        "{} channels of {} bits do not take {} bytes", format.channels, format.bits, format.frame_bytes);
}

// The sample in the upper bits of 32; PCM of 8 bits has its zero at 128.
template <int kBytes>
float pcm_at(const std::byte* from) {
  uint32_t raw = 0;
  std::memcpy(reinterpret_cast<std::byte*>(&raw) + 4 - kBytes, from, kBytes);
  if (kBytes == 1) raw ^= 0x80000000u;
  return static_cast<float>(static_cast<int32_t>(raw)) * 0x1p-31f;
}

float float_at(const std::byte* from) {
  float value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

using Decode = float (*)(const std::byte*);

Decode decoder_for(const Format& format) {
  constexpr Decode kPcmDecoders[] = {pcm_at<1>, pcm_at<2>, pcm_at<3>, pcm_at<4>};
  return format.tag == kFloat ? float_at : kPcmDecoders[format.bits / 8 - 1];
}

Array decoded(const Format& format, std::span<const std::byte> data) {
  check(data.size() % format.frame_bytes == 0, "{} bytes of sound are no multiple of {}, one sample's size",
        data.size(), format.frame_bytes);
  const size_t step = format.bits / 8;
  const Decode decode = decoder_for(format);
  std::vector<std::byte> samples(data.size() / step * sizeof(float));
  for (size_t i = 0; i < data.size() / step; ++i) {
    const float sample = decode(data.data() + i * step);
    std::memcpy(samples.data() + i * sizeof(float), &sample, sizeof(float));
  }
  const auto frames = static_cast<int64_t>(data.size() / format.frame_bytes);
  return {Type::f32, {frames, format.channels}, Bytes::own(std::move(samples))};
}

int16_t to_pcm16(float sample) {
  check(!std::isnan(sample), "a sample is NaN and cannot be written as PCM");
  return static_cast<int16_t>(std::lrint(std::clamp(sample * 32768.0f, -32768.0f, 32767.0f)));
}

}  // namespace

Sound read_wav(const Bytes& file) {
  Cursor riff(file.span(), "WAV file");
  check(riff.left() >= 12 && riff.text(4) == "RIFF", "not a WAV file (it does not start with RIFF)");
  riff.skip(4);  // the size of all: what counts is where the chunks end
  check(riff.text(4) == "WAVE", "a RIFF file that is not a WAVE file");
  std::optional<Format> format;
  while (riff.left() > 0) {
    const std::string_view name = riff.text(4);
    const uint32_t size = riff.u32();
    check(size <= riff.left(), "the chunk '{}' claims {} bytes and the file has {} more", printable(name),
          size, riff.left());
    const auto chunk = riff.take(size);
    if (name == "fmt ") {
      format = read_format(chunk);
      check_format(*format);
    } else if (name == "data") {
      check(format.has_value(), "the sound comes before its format chunk");
      return {decoded(*format, chunk), format->rate};
    }
    if (size % 2 == 1 && riff.left() > 0) riff.skip(1);
  }
  fail("a WAV file without a data chunk");
}

Array mix_down(const Array& samples) {
  assert(samples.type == Type::f32 && samples.shape.rank() == 2 && samples.shape[1] > 0);
  const auto from = samples.as<float>();
  const int64_t channels = samples.shape[1];
  std::vector<float> mean(samples.shape[0]);
  for (size_t i = 0; i < mean.size(); ++i) {
    float sum = 0;
    for (float sample : from.subspan(i * channels, channels)) sum += sample;
    mean[i] = sum / channels;
  }
  return {Type::f32, {samples.shape[0], 1}, Bytes::of(mean)};
}

std::vector<std::byte> wav_bytes(const Sound& sound) {
  const Array& samples = sound.samples;
  assert(samples.type == Type::f32 && samples.shape.rank() == 2);
  const auto channels = static_cast<uint16_t>(samples.shape[1]),
             frame_bytes = static_cast<uint16_t>(2 * channels);
  const uint64_t data_bytes = 2 * samples.as<float>().size(), header_bytes = 36;
  check(channels == samples.shape[1] && channels > 0 && channels <= kMaxChannels, "{} channels",
        samples.shape[1]);
  check(sound.rate > 0 && sound.rate * frame_bytes <= UINT32_MAX && header_bytes + data_bytes <= UINT32_MAX,
        "{} samples at {} per second are too many for a WAV file", samples.shape[0], sound.rate);
  const auto rate = static_cast<uint32_t>(sound.rate), size = static_cast<uint32_t>(data_bytes);
  Output out;
  out.text("RIFF").u32(static_cast<uint32_t>(header_bytes) + size).text("WAVE");
  out.text("fmt ").u32(kPlainBytes).u16(kPcm).u16(channels).u32(rate).u32(rate * frame_bytes);
  out.u16(frame_bytes).u16(16).text("data").u32(size);
  for (float sample : samples.as<float>()) out.u16(static_cast<uint16_t>(to_pcm16(sample)));
  return out.take();
}

}  // namespace teff
