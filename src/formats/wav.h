// Sound: RIFF WAVE files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "formats/array.h"

namespace teff {

struct Sound {
  Array samples;     // float32, samples x channels; full scale is [-1, 1)
  int64_t rate = 0;  // samples per second and channel
};

// Reads PCM of 8, 16, 24 and 32 bits and 32-bit floats (as they are, also beyond full scale), plain and
// WAVE_FORMAT_EXTENSIBLE. Other chunks are skipped. Throws Error, naming no path, for other encodings and for
// files that end before a chunk does; memory is bounded by the size of the file.
Sound read_wav(const Bytes& file);

// The mean of the channels: samples x 1.
Array mix_down(const Array& samples);

// A file of 16-bit PCM. Samples are rounded to the nearest step, and to full scale where they are beyond it;
// NaN is an Error.
std::vector<std::byte> wav_bytes(const Sound& sound);

}  // namespace teff
